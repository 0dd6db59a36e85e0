import numpy as np
import pytest

from nlu.classifier.intent_classifier import IntentClassifier


def test_a_reloaded_classifier_gives_the_same_answers(toy_artifact, toy_classifier):
    texts = ["le couvercle du bac est cassé", "quel est le tarif de l'eau ?", "merci", "la météo"]
    reloaded = IntentClassifier.load(toy_artifact)
    for before, after in zip(toy_classifier.predict(texts), reloaded.predict(texts), strict=True):
        assert before.intent == after.intent
        assert before.confidence == pytest.approx(after.confidence, abs=1e-6)
        assert before.decision == after.decision
        # The bank of neighbours is stored in half precision.
        assert before.out_of_scope == pytest.approx(after.out_of_scope, abs=1e-3)


def test_the_toy_classifier_learns_its_four_intents(toy_classifier, toy_trained):
    test = toy_trained.corpus["test"]
    predictions = toy_classifier.predict(test["text"])
    right = np.mean([p.intent == i for p, i in zip(predictions, test["intent"], strict=True)])
    assert right > 0.8


def test_an_answer_does_not_depend_on_the_neighbours_in_the_batch(toy_classifier):
    text = "le couvercle du bac est cassé"
    crowd = [text, "x", "quel est le tarif de l'eau et de l'abonnement " * 5, "merci"]
    alone = toy_classifier.predict([text])[0]
    together = toy_classifier.predict(crowd)[0]
    assert alone.confidence == pytest.approx(together.confidence, abs=1e-5)
    assert [name for name, _ in alone.ranking] == [name for name, _ in together.ranking]


def test_rankings_are_complete_and_sum_to_one(toy_classifier):
    (prediction,) = toy_classifier.predict(["quel est le prix du mètre cube ?"])
    assert {name for name, _ in prediction.ranking} == set(toy_classifier.labels)
    assert sum(value for _, value in prediction.ranking) == pytest.approx(1.0)
    assert prediction.ranking[0] == (prediction.intent, prediction.confidence)
    values = [value for _, value in prediction.ranking]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b", "\x00\x07"])
def test_nothing_visible_is_clarified_and_not_classified(toy_classifier, text):
    (prediction,) = toy_classifier.predict([text])
    assert (prediction.intent, prediction.decision, prediction.reason) == (None, "clarify", "empty")
    assert prediction.ranking == ()


@pytest.mark.parametrize("text", ["🎉🎉", "?!…", "👍"])
def test_emoji_and_punctuation_alone_are_clarified(toy_classifier, text):
    (prediction,) = toy_classifier.predict([text])
    assert (prediction.intent, prediction.decision, prediction.reason) == (
        None,
        "clarify",
        "no_words",
    )


def test_a_very_long_message_is_answered_and_says_it_was_cut(toy_classifier):
    (prediction,) = toy_classifier.predict(["le couvercle du bac est cassé " * 400])
    assert prediction.truncated
    assert prediction.intent == "bac_casse"
    (short,) = toy_classifier.predict(["le couvercle du bac est cassé"])
    assert not short.truncated


def test_another_language_is_handed_over(toy_classifier):
    (prediction,) = toy_classifier.predict(["When is the yellow bin collected, please?"])
    assert (prediction.decision, prediction.reason) == ("hand_over", "foreign_language")


@pytest.mark.parametrize("text", ["bac \ud800 cassé", "bac\x00cassé\x1b[31m", "bac\ufffdcassé"])
def test_broken_characters_still_get_an_answer(toy_classifier, text):
    (prediction,) = toy_classifier.predict([text])
    assert prediction.intent in toy_classifier.labels


def test_spelling_of_apostrophes_and_spaces_changes_nothing(toy_classifier):
    first, second = toy_classifier.predict(
        ["quel est le tarif de l'eau ?", "quel est  le tarif de l’eau?"]
    )
    assert first.ranking == second.ranking


def test_a_message_in_capitals_is_read_like_any_other(toy_classifier):
    small, capitals = toy_classifier.predict(
        ["le couvercle du bac est cassé", "LE COUVERCLE DU BAC EST CASSÉ"]
    )
    assert small.ranking == capitals.ranking


def test_no_message_no_prediction(toy_classifier):
    assert toy_classifier.predict([]) == []
