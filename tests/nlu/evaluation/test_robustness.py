import pytest

from nlu.evaluation.robustness import perturbation_drops
from nlu.text.normalization import normalize
from nlu.text.perturbation import PERTURBATIONS

TEXTS = ["Où est la déchèterie ?", "J'ai perdu mon bac à Deauville.", "Quel est le prix ?"] * 4
FAMILIES = [str(row // 3) for row in range(12)]


def drops_of(predict, truth, **options):
    drops = perturbation_drops(predict, TEXTS, truth, FAMILIES, **options)
    return {drop.perturbation: drop for drop in drops}, drops


def test_a_classifier_that_ignores_spelling_loses_nothing():
    by_name, _drops = drops_of(lambda texts: ["a"] * len(texts), ["a"] * 12)
    assert set(by_name) == set(PERTURBATIONS)
    for drop in by_name.values():
        assert (drop.accuracy, drop.drop.estimate, drop.unchanged) == (1.0, 0.0, 1.0)


def by_accent(texts):
    return ["accent" if set(text) & set("éèàùÉÈÀÙ") else "plain" for text in texts]


def test_a_classifier_that_lives_by_accents_loses_them_where_accents_go():
    truth = by_accent(TEXTS)
    by_name, drops = drops_of(by_accent, truth)
    accents = by_name["accents"]
    # Two of three messages have accents; without them all are called plain.
    assert accents.drop.estimate == pytest.approx(2 / 3)
    assert accents.accuracy == pytest.approx(1 / 3)
    assert accents.unchanged == pytest.approx(1 / 3)
    assert accents.drop.low <= 2 / 3 <= accents.drop.high
    assert by_name["upper"].drop.estimate == 0.0
    estimates = [drop.drop.estimate for drop in drops]
    assert estimates == sorted(estimates, reverse=True)


def test_a_gain_is_a_negative_drop():
    by_name, drops = drops_of(by_accent, ["plain"] * 12)
    assert by_name["accents"].drop.estimate == pytest.approx(-2 / 3)
    assert drops[-1].drop.estimate == pytest.approx(-2 / 3)


def test_the_classifier_is_given_normalised_messages_and_never_an_empty_one():
    seen = []

    def predict(texts):
        seen.extend(texts)
        return ["a"] * len(texts)

    texts = ["?!", "…", "le bac"]
    perturbation_drops(predict, texts, ["a"] * 3, ["1", "2", "3"])
    noisy = seen[3:]
    assert len(noisy) == 3 * len(PERTURBATIONS)
    assert all(noisy)
    assert all(text == normalize(text) or text in texts for text in noisy)


def test_each_perturbation_is_announced_and_runs_follow_the_seed():
    announced, seen = [], []

    def predict(texts):
        seen.append(tuple(texts))
        return ["a"] * len(texts)

    options = {"seed": 3, "on_perturbation": announced.append}
    for _again in range(2):
        perturbation_drops(predict, TEXTS, ["a"] * 12, FAMILIES, **options)
    assert announced == 2 * list(PERTURBATIONS)
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]
