import json
import shutil

import pytest

from nlu.classifier.artifact import load_artifact, save_artifact
from nlu.classifier.artifact_files import ArtifactError, verify_artifact
from nlu.classifier.intent_classifier import IntentClassifier


@pytest.fixture
def copy(toy_artifact, tmp_path):
    folder = tmp_path / "classifier"
    shutil.copytree(toy_artifact, folder)
    return folder


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "classifier.json"])
def test_a_damaged_file_is_named_and_refused(copy, name):
    raw = bytearray((copy / name).read_bytes())
    raw[len(raw) // 2] ^= 0x01
    (copy / name).write_bytes(raw)
    with pytest.raises(ArtifactError, match=f"{name} is damaged"):
        IntentClassifier.load(copy)


def test_a_missing_file_is_named(copy):
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ArtifactError, match=r"tokenizer\.json is missing"):
        load_artifact(copy)


def test_a_folder_that_is_no_classifier_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="not a classifier folder"):
        load_artifact(tmp_path)


def test_saving_never_overwrites_something_else(toy_trained, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ArtifactError, match="not a classifier"):
        save_artifact(toy_trained.artifact, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_folder_stands_alone_and_says_where_it_comes_from(toy_artifact, toy_trained):
    verify_artifact(toy_artifact)
    settings = json.loads((toy_artifact / "classifier.json").read_text())
    assert settings["labels"] == list(toy_trained.artifact.labels)
    assert settings["provenance"]["corpus_fingerprint"]
    assert settings["provenance"]["taxonomy_digest"]
    assert not any(path.suffix in {".pkl", ".bin", ".pt"} for path in toy_artifact.iterdir())
