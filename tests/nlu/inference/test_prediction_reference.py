import json

import numpy as np
import pytest

from nlu.inference.engine import predict
from nlu.inference.engine_choice import choose_engine
from nlu.inference.prediction_reference import (
    REFERENCE_FILE,
    EmbeddingMoments,
    embedding_moments,
    engine_reference,
    prediction_reference,
    read_prediction_reference,
    redacted_embeddings,
    unit_length,
)
from nlu.inference.serving_artifact import ServingArtifactError, verify_serving_artifact


def test_an_export_counts_what_it_says_of_held_out_messages(toy_serving, toy_rows_of):
    found = read_prediction_reference(toy_serving)
    test = toy_rows_of("test")
    families = len(set(test.families))
    assert sum(found.intents.values()) == families == sum(found.confidence_counts)
    again = engine_reference(choose_engine(toy_serving), test.texts, families=test.families)
    assert again.intents == found.intents
    assert again.confidence_counts == found.confidence_counts


def test_the_reference_of_an_export_is_covered_by_its_checksums(toy_serving, tmp_path):
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in toy_serving.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    verify_serving_artifact(folder)
    (folder / REFERENCE_FILE).write_text("{}")
    with pytest.raises(ServingArtifactError, match="reference"):
        verify_serving_artifact(folder)
    with pytest.raises(ServingArtifactError, match="reference"):
        read_prediction_reference(folder)
    (folder / REFERENCE_FILE).unlink()
    assert read_prediction_reference(folder) is None


def test_a_folder_exported_before_references_still_serves(toy_serving, tmp_path):
    for path in toy_serving.iterdir():
        if path.name != REFERENCE_FILE:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    digests = json.loads((tmp_path / "checksums.json").read_text())
    del digests[REFERENCE_FILE]
    (tmp_path / "checksums.json").write_text(json.dumps(digests))
    assert predict(choose_engine(tmp_path), ["le bac est cassé"])[0].intent


def test_only_one_message_of_a_family_counts(toy_serving):
    engine = choose_engine(toy_serving)
    texts = ["le couvercle du bac est cassé", "mon bac est fendu", "quel est le prix de l'eau ?"]
    found = engine_reference(engine, texts, families=["bac", "bac", "eau"])
    assert sum(found.intents.values()) == 2


def test_embeddings_are_those_of_the_redacted_message(toy_serving):
    engine = choose_engine(toy_serving)
    texts = ["rappelez-moi au 06 12 34 56 78", "rappelez-moi au 07 98 76 54 32", "😀"]
    first, second = redacted_embeddings(engine, texts)
    np.testing.assert_array_equal(first, second)
    plain, _logits = engine.outputs(["rappelez-moi au [TELEPHONE]"])
    np.testing.assert_allclose(first, plain[0], atol=1e-4)
    assert redacted_embeddings(engine, ["😀"]).shape[0] == 0


def test_moments_are_those_of_the_covariance_that_was_drawn_from():
    rng = np.random.default_rng(3)
    spread = np.array([2.0, 1.0, 1.0, 0.5] * 10) * 0.05
    centre = np.zeros(40)
    centre[0] = 1.0
    found = [embedding_moments(centre + rng.standard_normal((60, 40)) * spread) for _ in range(40)]
    points = unit_length(centre + rng.standard_normal((200_000, 40)) * spread)
    covariance = np.cov(points, rowvar=False)
    assert np.mean([one.variance for one in found]) == pytest.approx(np.trace(covariance), rel=0.02)
    # A plain estimate would be too large by two fifths with sixty messages.
    squared = np.mean([one.squared_covariance for one in found])
    assert squared == pytest.approx((covariance**2).sum(), rel=0.05)
    assert found[0].texts == 60


def test_nothing_kept_belongs_to_one_message():
    rng = np.random.default_rng(4)
    points = rng.standard_normal((50, 8))
    kept = embedding_moments(points)
    numbers = json.loads(kept.model_dump_json())
    assert sum(np.size(value) for value in numbers.values()) == 8 + 3
    shuffled = embedding_moments(points[rng.permutation(50)])
    assert (kept.mean, kept.texts) == (shuffled.mean, shuffled.texts)
    assert embedding_moments(points[:29]) is None
    assert embedding_moments(np.ones((50, 8))) is None


def test_predictions_are_counted_whole():
    confidence = np.linspace(0.1, 0.99, 100)
    found = prediction_reference(["a"] * 60 + ["b"] * 39 + [None], confidence)
    assert found.intents == {"": 1, "a": 60, "b": 39}
    assert sum(found.confidence_counts) == 100
    assert found.embeddings is None
    with pytest.raises(ValueError, match="as many"):
        prediction_reference(["a"], [0.1, 0.2])
    with pytest.raises(ValueError, match="as many"):
        prediction_reference([], [])


def test_a_reference_of_too_few_embeddings_is_not_one():
    with pytest.raises(ValueError, match="texts"):
        EmbeddingMoments(texts=3, mean=(0.0,), variance=1.0, squared_covariance=1.0)
