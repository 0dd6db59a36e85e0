import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from nlu.registry import store
from nlu.registry.versions import register_artifact, resolve_model


@pytest.fixture
def server(tmp_path, monkeypatch, free_port):
    """A real MLflow server on a free port, with its own database and artefacts."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
            "--backend-store-uri", f"sqlite:///{tmp_path / 'server.db'}",
            "--artifacts-destination", str(tmp_path / "kept"), "--workers", "1",
        ],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=1)
            break
        except OSError:
            time.sleep(0.5)
    else:
        pytest.fail("the MLflow server did not start")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("POUCE_CACHE", str(tmp_path / "cache"))
    yield tmp_path
    os.killpg(process.pid, 9)
    process.wait()
    monkeypatch.delenv("MLFLOW_TRACKING_URI")


def test_a_model_registered_on_a_server_is_fetched_once_and_served_from_the_cache(
    server, toy_artifact
):
    from nlu.classifier.intent_classifier import IntentClassifier

    mlflow = store.open_store()
    with mlflow.start_run(experiment_id=store.experiment_id(mlflow, "intents")) as run:
        version = register_artifact(mlflow, toy_artifact, name="far-intent", run_id=run.info.run_id)
    mlflow.MlflowClient().set_registered_model_alias("far-intent", "champion", version.version)
    resolved = resolve_model("champion", name="far-intent")
    assert resolved.folder.is_relative_to(server / "cache")
    (answer,) = IntentClassifier.load(resolved.folder).predict(["le couvercle est cassé"])
    assert answer.intent == "bac_casse"
    shutil.rmtree(server / "kept")
    assert resolve_model("champion", name="far-intent").folder == resolved.folder
    assert not list(Path(server / "cache" / "models").glob(".*"))
