import numpy as np

from nlu.registry.promotion import judge

N = 400
THEMES = ["a"] * 200 + ["b"] * 200
FAMILIES = [str(row // 2) for row in range(N)]


def answers(*wrong):
    right = np.ones(N, bool)
    right[list(wrong)] = False
    return right


def test_an_equal_challenger_passes():
    champion = answers(*range(40))
    verdict = judge(champion, champion, THEMES, FAMILIES)
    assert verdict.allowed
    assert "not inferior" in verdict.reasons[0]


def test_a_better_challenger_passes():
    assert judge(answers(1), answers(*range(40)), THEMES, FAMILIES).allowed


def test_a_clearly_worse_challenger_is_refused_with_numbers():
    verdict = judge(answers(*range(0, 400, 10)), answers(), THEMES, FAMILIES)
    assert not verdict.allowed
    assert "not shown to be non-inferior: gain -10.0 points" in verdict.reasons[0]


def test_a_theme_that_loses_more_than_two_points_stops_a_better_model():
    challenger = answers(*range(5))
    champion = answers(*range(200, 240))
    verdict = judge(challenger, champion, THEMES, FAMILIES)
    assert verdict.comparison.difference.estimate > 0
    assert not verdict.allowed
    assert "theme a loses 2.5 points" in " ".join(verdict.reasons)


def test_a_loss_of_exactly_two_points_is_tolerated():
    challenger = answers(*range(4))
    champion = answers(*range(200, 240))
    assert judge(challenger, champion, THEMES, FAMILIES).allowed


def test_noise_that_hides_a_loss_is_refused():
    rng = np.random.default_rng(1)
    challenger = answers(*rng.choice(N, 100, replace=False))
    champion = answers(*rng.choice(N, 98, replace=False))
    verdict = judge(challenger, champion, ["a"] * N, FAMILIES)
    assert not verdict.allowed
