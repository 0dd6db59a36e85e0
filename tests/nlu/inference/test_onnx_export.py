import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from nlu.calibration.temperature_scaling import fit_pool
from nlu.classifier.intent_classifier import IntentClassifier
from nlu.classifier.lexical_branch import lexical_scores
from nlu.errors import InputError
from nlu.evaluation.bootstrap import Interval
from nlu.inference.engine import predict
from nlu.inference.onnx_engine import OnnxEngine
from nlu.inference.onnx_export import LabelledTexts, ServingParity, export_onnx
from nlu.inference.serving_artifact import FILES, ServingArtifactError, read_serving_artifact

STRANGE = ["", "   ", "😀😀", "?!", "Where is the nearest recycling centre, please?", "mot " * 200]


@pytest.fixture(scope="module")
def exact(toy_folder, toy_rows_of, tmp_path_factory):
    folder = tmp_path_factory.mktemp("serving") / "fp32"
    parity = export_onnx(
        toy_folder,
        folder,
        calibration_texts=toy_rows_of("train").texts,
        dev=toy_rows_of("dev"),
        test=toy_rows_of("test"),
        precision="fp32",
    )
    return folder, parity


def test_the_float_graph_answers_as_the_trained_classifier(exact, toy_classifier, toy_texts):
    # Calibration is fitted anew from numbers that agree to rounding, so answers agree closely.
    folder, parity = exact
    ours = predict(OnnxEngine.load(folder, threads=1), [*toy_texts, *STRANGE])
    theirs = toy_classifier.predict([*toy_texts, *STRANGE])
    assert [answer.intent for answer in ours] == [answer.intent for answer in theirs]
    assert [answer.reason for answer in ours] == [answer.reason for answer in theirs]
    assert [answer.truncated for answer in ours] == [answer.truncated for answer in theirs]
    for mine, reference in zip(ours, theirs, strict=True):
        assert mine.text == reference.text
        assert mine.confidence == pytest.approx(reference.confidence, abs=0.005)
        assert mine.out_of_scope == pytest.approx(reference.out_of_scope, abs=0.005)
        assert sum(share for _intent, share in mine.ranking) == pytest.approx(
            1.0 if mine.intent else 0.0
        )
    assert parity.same_intent == 1.0
    assert parity.acceptable


def test_integers_stay_close_and_every_product_of_the_encoder_is_one(toy_serving, exact, toy_texts):
    integers, floats = OnnxEngine.load(toy_serving), OnnxEngine.load(exact[0])
    ours, theirs = integers.outputs(toy_texts)[1], floats.outputs(toy_texts)[1]
    spread = np.sqrt(np.mean(theirs**2))
    assert 0 < np.sqrt(np.mean((ours - theirs) ** 2)) < 0.05 * spread
    parity = read_serving_artifact(toy_serving).parity
    assert parity["integer_products"] == 8
    assert parity["fused_attentions"] == 2


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_an_answer_does_not_depend_on_who_else_is_asking(precision, toy_serving, exact, toy_texts):
    engine = OnnxEngine.load(toy_serving if precision == "int8" else exact[0])
    alone = [engine.outputs([text]) for text in toy_texts]
    one_by_one = [predict(engine, [text])[0] for text in toy_texts]
    rng = np.random.default_rng(5)
    for size in (2, 7, 64):
        for _round in range(3):
            order = rng.permutation(len(toy_texts))
            for start in range(0, len(order), size):
                rows = order[start : start + size]
                # One padded call, whatever the lengths: no sorting hides a dependence.
                encoded = engine.encode([toy_texts[row] for row in rows])
                embeddings, logits = engine.network(encoded.token_ids)
                for place, row in enumerate(rows):
                    np.testing.assert_allclose(logits[place], alone[row][1][0], rtol=0, atol=1e-6)
                    np.testing.assert_allclose(
                        embeddings[place], alone[row][0][0], rtol=0, atol=1e-5
                    )
                for row, answer in zip(rows, engine.classify(encoded), strict=True):
                    reference = one_by_one[row]
                    assert (answer.intent, answer.decision, answer.reason) == (
                        reference.intent, reference.decision, reference.reason,
                    )  # fmt: skip
                    assert answer.confidence == pytest.approx(reference.confidence, abs=1e-6)


def test_what_serves_is_calibrated_on_its_own_numbers(
    toy_folder, toy_trained, toy_rows_of, tmp_path
):
    # A fifth of the labels is wrong, so that the best temperature is far from its limits.
    dev, labels = toy_rows_of("dev"), toy_trained.artifact.labels
    intents = tuple(
        labels[(labels.index(intent) + (row % 5 == 0)) % len(labels)]
        for row, intent in enumerate(dev.intents)
    )
    folder = tmp_path / "serving"
    export_onnx(
        toy_folder,
        folder,
        calibration_texts=toy_rows_of("train").texts,
        dev=replace(dev, intents=intents),
        test=toy_rows_of("test"),
    )
    engine = OnnxEngine.load(folder)
    rules = engine.artifact.rules
    expected = fit_pool(
        engine.outputs(dev.texts)[1],
        lexical_scores(rules.lexical, dev.texts),
        np.asarray([labels.index(intent) for intent in intents]),
    )
    assert (rules.temperature, rules.lexical_weight) == pytest.approx(expected, rel=0.01)
    assert rules.temperature > 2 * toy_trained.artifact.temperature


def test_scores_are_probabilities_in_the_order_of_the_texts(toy_serving, toy_texts):
    engine = OnnxEngine.load(toy_serving)
    scores = engine.scores(toy_texts)
    answers = predict(engine, toy_texts, token_budget=64)
    assert scores.shape == (len(toy_texts), len(engine.artifact.rules.labels))
    np.testing.assert_allclose(scores.sum(axis=1), 1.0)
    for row, answer in zip(scores, answers, strict=True):
        assert row.max() == pytest.approx(answer.confidence, abs=1e-6)
    with pytest.raises(ValueError, match="letter or a digit"):
        engine.scores(["?"])


def test_tokens_are_those_of_the_trained_tokeniser(toy_serving, toy_trained, toy_texts):
    from nlu.text.normalization import normalize

    artifact, engine = toy_trained.artifact, OnnxEngine.load(toy_serving)
    expected = artifact.tokenizer([artifact.prefix + normalize(text) for text in toy_texts])
    short = [row for row, ids in enumerate(expected["input_ids"]) if len(ids) <= 48]
    ours = engine.encode(toy_texts)
    assert len(short) > 10
    for row in short:
        assert list(ours.token_ids[row]) == expected["input_ids"][row]
    long = engine.encode(["le bac " * 100])
    assert len(long.token_ids[0]) == artifact.max_length
    assert long.token_ids[0][-1] == ours.token_ids[0][-1]
    assert long.truncated == (True,)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["cut", "flipped", "missing"])
def test_a_damaged_folder_is_refused_by_name(name, damage, toy_serving, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(toy_serving, folder)
    raw = (folder / name).read_bytes()
    if damage == "missing":
        (folder / name).unlink()
    elif damage == "cut":
        (folder / name).write_bytes(raw[: len(raw) // 2])
    else:
        middle = len(raw) // 2
        (folder / name).write_bytes(raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :])
    with pytest.raises(ServingArtifactError, match=name.replace(".", r"\.")):
        OnnxEngine.load(folder)


def test_checksums_that_leave_a_file_out_are_refused(toy_serving, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(toy_serving, folder)
    digests = json.loads((folder / "checksums.json").read_text())
    del digests["model.onnx"]
    (folder / "checksums.json").write_text(json.dumps(digests))
    with pytest.raises(ServingArtifactError, match=r"does not name model\.onnx"):
        OnnxEngine.load(folder)


def test_the_folder_of_someone_else_is_not_replaced(toy_folder, toy_rows_of, tmp_path):
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(ServingArtifactError, match="choose another"):
        export_onnx(
            toy_folder,
            tmp_path,
            calibration_texts=toy_rows_of("train").texts,
            dev=toy_rows_of("dev"),
            test=toy_rows_of("test"),
        )
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_unknown_intents_and_empty_splits_are_named(toy_folder, toy_rows_of, tmp_path):
    nothing = LabelledTexts(texts=(), intents=(), families=())
    with pytest.raises(InputError, match="dev split has no message"):
        export_onnx(
            toy_folder,
            tmp_path / "x",
            calibration_texts=("un bac",),
            dev=nothing,
            test=toy_rows_of("test"),
        )
    test = toy_rows_of("test")
    odd = replace(test, intents=("autre", *test.intents[1:]))
    with pytest.raises(InputError, match=r"test split has intents.*autre"):
        export_onnx(
            toy_folder,
            tmp_path / "x",
            calibration_texts=toy_rows_of("train").texts,
            dev=toy_rows_of("dev"),
            test=odd,
        )
    assert not (tmp_path / "x").exists()


def test_the_classifier_folder_is_left_as_it_was(toy_folder, toy_serving):
    assert IntentClassifier.load(toy_folder).predict(["le couvercle du bac est cassé"])


@pytest.mark.parametrize(
    ("gain", "expected"), [(0.01, True), (0.920 - 0.923, True), (-0.0031, False)]
)
def test_three_tenths_of_a_point_may_be_lost(gain, expected):
    parity = ServingParity(
        rows=1000, accuracy=0.9, trained_accuracy=0.9,
        gain=Interval(estimate=gain, low=gain, high=gain), same_intent=1.0, same_decision=1.0,
        calibration_error=0.0, trained_calibration_error=0.0, megabytes=1.0, load_seconds=1.0,
        fused_attentions=1, integer_products=1,
    )  # fmt: skip
    assert parity.acceptable is expected
