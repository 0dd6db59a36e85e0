import subprocess
import sys
from dataclasses import replace

import numpy as np

from nlu.classifier.artifact import rules_of
from nlu.classifier.scoring import (
    MOST_CHARACTERS,
    clean_text,
    predictions,
    readable_rows,
    score_outputs,
)
from nlu.inference.torch_engine import TorchEngine


def scored(rules, texts, embeddings, logits):
    return score_outputs(
        rules, texts, embeddings=embeddings, logits=logits, truncated=np.zeros(len(texts), bool)
    )


def test_classifier_and_engine_give_the_same_numbers_from_the_same_output(toy_trained):
    rules = rules_of(toy_trained.artifact)
    texts = list(toy_trained.corpus["test"]["text"])
    engine = TorchEngine(toy_trained.artifact)
    embeddings, logits = engine.outputs(texts)
    ours = predictions(rules, texts, range(len(texts)), scored(rules, texts, embeddings, logits))
    np.testing.assert_array_equal(
        [one.confidence for one in ours], engine.scores(texts).max(axis=1)
    )


def test_unreadable_messages_keep_their_place(toy_trained):
    rules = rules_of(toy_trained.artifact)
    texts = ["", "le couvercle du bac est cassé", "🙂"]
    rows = readable_rows(texts)
    assert rows == [1]
    output = TorchEngine(toy_trained.artifact).outputs([texts[1]])
    found = predictions(rules, texts, rows, scored(rules, [texts[1]], *output))
    assert [one.text for one in found] == texts
    assert [one.reason for one in found][::2] == ["empty", "no_words"]
    assert found[1].intent in rules.labels
    assert [one.intent for one in found][::2] == [None, None]


def test_a_hotter_softmax_is_less_sure_and_thresholds_decide(toy_trained):
    rules = rules_of(toy_trained.artifact)
    texts = ["le couvercle du bac est cassé"]
    output = TorchEngine(toy_trained.artifact).outputs(texts)
    hot = replace(rules, temperature=rules.temperature * 50)
    unsure, plain = (scored(one, texts, *output).probabilities.max() for one in (hot, rules))
    assert unsure < plain
    never = replace(rules, thresholds=replace(rules.thresholds, answer=1.01, clarify=1.01))
    (found,) = predictions(never, texts, [0], scored(never, texts, *output))
    assert found.decision == "hand_over"


def test_a_long_message_is_cut_before_it_is_normalised(toy_trained):
    rules = replace(rules_of(toy_trained.artifact), prefix="query: ")
    cut = clean_text(rules, "bac " * MOST_CHARACTERS)
    assert cut == "query: " + ("bac " * (MOST_CHARACTERS // 4)).strip()


def test_the_service_starts_without_torch():
    heavy = ("torch", "transformers", "mlflow")
    code = f"import sys, serving.app; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
