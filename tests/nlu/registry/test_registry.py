import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nlu.errors import InputError
from nlu.registry import store
from nlu.registry.promotion import promote
from nlu.registry.tracked_training import train_tracked
from nlu.registry.versions import find_version, register_artifact, resolve_model
from nlu.training.config import load_config
from nlu.training.pipeline import find_taxonomy

ROOT = Path(__file__).parents[3]
NAME = "toy-intent"


@pytest.fixture(scope="module")
def first(work, toy_settings):
    return train_tracked(load_config(None, toy_settings), output=work / "copy")


def test_a_run_holds_all_that_reproduces_it(first, toy_trained):
    mlflow = store.open_store()
    run = mlflow.get_run(first.run_id)
    assert run.data.params["optimisation.seed"] == "13"
    assert (
        run.data.tags["corpus_fingerprint"]
        == (toy_trained.artifact.provenance["corpus_fingerprint"])
    )
    assert "git_commit" in run.data.tags
    assert "version.torch" in run.data.tags
    assert run.data.metrics["test_accuracy"] == first.evaluation.headline["accuracy"].estimate
    history = mlflow.MlflowClient().get_metric_history(first.run_id, "dev_macro_f1")
    assert len(history) == len(first.trained.fine_tuned.history)
    contexts = {tag.value for given in run.inputs.dataset_inputs for tag in given.tags}
    assert contexts == {"training", "dev", "test"}
    names = {item.path for item in mlflow.MlflowClient().list_artifacts(first.run_id)}
    assert {"metrics.json", "training.yaml", "README.md"} <= names


def test_a_new_version_is_challenger_and_nobody_is_champion(first):
    mlflow = store.open_store()
    assert find_version(mlflow, NAME, "challenger").version == first.version.version
    assert find_version(mlflow, NAME, "champion") is None
    with pytest.raises(InputError, match="pouce nlu promote"):
        resolve_model("champion", name=NAME)


def test_the_first_promotion_needs_no_comparison(first, toy_trained, toy_corpus):
    done = promote(toy_trained.corpus, find_taxonomy(toy_corpus), name=NAME)
    assert done.moved
    assert not done.forced
    resolved = resolve_model("champion", name=NAME)
    assert resolved.registered.version == first.version.version
    assert (resolved.folder / "README.md").read_text().startswith("---")


def test_the_registered_model_answers_through_mlflow(first, toy_classifier):
    import pandas as pd

    mlflow = store.open_store()
    model = mlflow.pyfunc.load_model(f"models:/{NAME}/{first.version.version}")
    frame = model.predict(pd.DataFrame({"text": ["le couvercle du bac est cassé"]}))
    assert frame.loc[0, "intent"] == "bac_casse"


def test_a_worse_challenger_is_refused_and_force_is_recorded(first, toy_settings, toy_trained):
    broken = load_config(
        None,
        (
            *toy_settings,
            "optimisation.epochs=1",
            "optimisation.linear_probe=false",
            "lexical.enabled=false",
            "optimisation.learning_rate=1e-9",
            "optimisation.head_learning_rate=1e-9",
        ),
    )
    worse = train_tracked(broken)
    refused = promote(toy_trained.corpus, None, name=NAME)
    assert not refused.moved
    assert "non-inferior" in refused.verdict.reasons[0]
    mlflow = store.open_store()
    assert find_version(mlflow, NAME, "champion").version == first.version.version
    forced = promote(toy_trained.corpus, None, name=NAME, force=True)
    assert forced.moved
    assert forced.forced
    assert find_version(mlflow, NAME, "champion").version == worse.version.version
    runs = mlflow.search_runs(experiment_names=["promotions"], output_format="list")
    assert runs[0].data.tags["forced"] == "True"
    assert runs[0].data.tags["champion_before"] == first.version.version
    back = promote(toy_trained.corpus, None, name=NAME, wanted=first.version.version, force=True)
    assert back.moved


def test_promoting_the_champion_again_changes_nothing(first, toy_trained):
    done = promote(toy_trained.corpus, None, name=NAME, wanted="champion")
    assert not done.moved
    assert "champion already" in done.verdict.reasons[0]


REGISTER = """
import sys, time
from pathlib import Path
from nlu.registry import store
from nlu.registry.versions import register_artifact
mlflow = store.open_store()
print("ready", flush=True)
while True:
    with mlflow.start_run(experiment_id=store.experiment_id(mlflow, "intents")) as run:
        register_artifact(mlflow, Path(sys.argv[1]), name="toy-intent", run_id=run.info.run_id)
    print("registered", flush=True)
"""


def test_kill_9_during_registration_leaves_the_champion_serving(first, toy_artifact, work):
    champion = find_version(store.open_store(), NAME, "champion").version
    for delay in (0.05, 0.3, 0.7, 1.3):
        process = subprocess.Popen(
            [sys.executable, "-c", REGISTER, str(toy_artifact)],
            cwd=work,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout.readline().strip() == "ready"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        mlflow = store.open_store()
        assert find_version(mlflow, NAME, "champion").version == champion
        resolved = resolve_model("champion", name=NAME)
        from nlu.classifier.intent_classifier import IntentClassifier

        (answer,) = IntentClassifier.load(resolved.folder).predict(["le couvercle est cassé"])
        assert answer.intent == "bac_casse"
    # And the registry still takes new versions afterwards.
    with mlflow.start_run(experiment_id=store.experiment_id(mlflow, "intents")) as run:
        version = register_artifact(mlflow, toy_artifact, name=NAME, run_id=run.info.run_id)
    assert find_version(mlflow, NAME, "challenger").version == version.version
