import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from nlu.cli.app import app
from nlu.errors import InputError
from nlu.inference.hot_reload import HotReload
from nlu.registry import store
from nlu.registry.aliases import CHAMPION, find_version
from nlu.registry.promotion import promote
from nlu.registry.serving_versions import ChampionSource
from nlu.registry.tracked_training import train_tracked
from nlu.training.config import load_config
from nlu.training.pipeline import find_taxonomy

NAME = "toy-intent"


@pytest.fixture(scope="module")
def trained(work, toy_settings):
    return train_tracked(load_config(None, toy_settings))


@pytest.fixture(scope="module")
def promoted(trained, toy_trained, toy_corpus):
    return promote(toy_trained.corpus, find_taxonomy(toy_corpus), name=NAME)


def test_nothing_serves_before_a_promotion(trained):
    with pytest.raises(InputError, match="pouce nlu promote"):
        ChampionSource(NAME, device="cpu").current()


def test_a_promotion_leaves_a_run_with_what_serves(promoted):
    mlflow = store.open_store()
    version = mlflow.MlflowClient().get_model_version(NAME, promoted.challenger.version)
    run_id = version.tags["serving_uri"].split("/")[1]
    metrics = mlflow.get_run(run_id).data.metrics
    assert metrics["serving_accuracy"] == promoted.serving.accuracy
    assert promoted.serving.acceptable
    assert promoted.moved


def test_servers_follow_the_champion_and_need_no_store_afterwards(promoted, tmp_path, toy_corpus):
    engines = []
    source = ChampionSource(NAME, device="cpu")
    reload = HotReload(source, tmp_path / "cache", install=engines.append, device="cpu")
    engine = reload.open()
    assert engine.describe().precision == "int8"
    assert reload.key.startswith(f"{NAME}-v{promoted.challenger.version}-")
    # Another export of the same version is another key: servers take it up.
    run = CliRunner().invoke(
        app,
        ["export", "--output", str(tmp_path / "out"), "--corpus", str(toy_corpus),
         "--registered-model", NAME, "--precision", "fp32", "--publish"],
    )  # fmt: skip
    assert run.exit_code == 0, run.output
    assert "95 % interval" in run.output
    assert reload.poll().status == "swapped"
    assert engines[0].describe().precision == "fp32"
    # A process that starts where the store is gone.
    code = (
        "import sys; from pathlib import Path; from nlu.inference.engine import predict; "
        "from nlu.inference.hot_reload import HotReload; "
        "from nlu.registry.serving_versions import ChampionSource; "
        "reload = HotReload(ChampionSource(sys.argv[2]), Path(sys.argv[1]), install=print); "
        "print(predict(reload.open(), ['le couvercle du bac est cassé'])[0].intent, reload.key)"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/gone/mlflow.db"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "cache"), NAME],
        check=False, cwd=elsewhere, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.split() == ["bac_casse", reload.key], done.stderr


def test_what_loses_too_much_is_not_promoted(
    promoted, trained, toy_settings, toy_trained, lossy_export
):
    second = train_tracked(load_config(None, toy_settings))
    refused = promote(toy_trained.corpus, None, name=NAME)
    assert not refused.moved
    assert "what would serve (int8) loses 1.00 points" in " ".join(refused.verdict.reasons)
    assert find_version(store.open_store(), NAME, CHAMPION).version == trained.version.version
    forced = promote(toy_trained.corpus, None, name=NAME, force=True)
    assert forced.moved
    assert forced.forced
    assert (
        ChampionSource(NAME, device="cpu")
        .current()
        .startswith(f"{NAME}-v{second.version.version}-")
    )


@pytest.fixture
def lossy_export(monkeypatch):
    """Exports that measure a loss of one point."""
    from dataclasses import replace

    from nlu.evaluation.bootstrap import Interval
    from nlu.registry import promotion

    real = promotion.export_onnx

    def lossy(*arguments, **options):
        return replace(
            real(*arguments, **options), gain=Interval(estimate=-0.01, low=-0.02, high=0.0)
        )

    monkeypatch.setattr(promotion, "export_onnx", lossy)
