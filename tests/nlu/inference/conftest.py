from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def toy_rows_of(toy_trained):
    from nlu.inference.onnx_export import labelled_texts

    return lambda split: labelled_texts(toy_trained.corpus[split])


@pytest.fixture(scope="session")
def toy_folder(toy_trained, toy_settings, tmp_path_factory) -> Path:
    """The toy classifier with its settings, as a training run leaves it."""
    from nlu.classifier.artifact import save_artifact
    from nlu.classifier.artifact_files import TRAINING_FILE
    from nlu.training.config import load_config

    folder = tmp_path_factory.mktemp("artifact") / "classifier"
    settings = {TRAINING_FILE: load_config(None, toy_settings).to_yaml()}
    save_artifact(toy_trained.artifact, folder, extra_files=settings)
    return folder


@pytest.fixture(scope="session")
def toy_serving(toy_folder, toy_rows_of, tmp_path_factory) -> Path:
    """The toy classifier exported in eight bits."""
    from nlu.inference.onnx_export import export_onnx

    folder = tmp_path_factory.mktemp("serving") / "int8"
    export_onnx(
        toy_folder,
        folder,
        calibration_texts=toy_rows_of("train").texts,
        dev=toy_rows_of("dev"),
        test=toy_rows_of("test"),
    )
    return folder


@pytest.fixture(scope="session")
def toy_texts(toy_trained) -> list[str]:
    """Messages of many lengths."""
    texts = list(toy_trained.corpus["test"]["text"])
    return [*texts, *(" ".join(texts[place : place + 4]) for place in range(0, len(texts), 3))]
