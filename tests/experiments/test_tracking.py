import json
import shutil
import subprocess

import mlflow
import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments.tracking import git_commit, log_run
from serving.cli import app

runner = CliRunner()


@pytest.fixture
def runs(work):
    """Reader of the runs logged so far, the latest first."""

    def read():
        mlflow.set_tracking_uri(f"sqlite:///{work / 'mlruns' / 'mlflow.db'}")
        return mlflow.search_runs(experiment_names=["trials"], output_format="list")

    return read


def artefacts(run):
    """Text of each artefact of a run."""
    client = mlflow.MlflowClient()
    return {
        one.path: mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/{one.path}")
        for one in client.list_artifacts(run.info.run_id)
    }


def test_an_analysis_is_logged_with_plan_data_commit_estimates_and_figures(work, runs, trial_rows):
    trial_rows().to_csv(work / "trial.csv", index=False)
    done = runner.invoke(
        app,
        ["experiment", "analyse", "trial.csv", "--outcome", "score", "--arm", "arm",
         "--cluster", "zone", "--estimator", "zone-welch", "--json", "out.json"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    run = runs()[0]
    assert run.info.run_id in done.stderr
    assert run.data.tags["mlflow.runName"] == "analyse score"
    assert "git_commit" in run.data.tags
    assert len(run.data.params["data_fingerprint"]) == 64
    assert run.data.params["data_fingerprint"][:12] in done.stdout
    assert run.data.params["data"] == "trial.csv"
    assert run.data.params["estimators"] == "['zone-welch']"
    files = artefacts(run)
    assert set(files) == {
        "estimates.json", "plan.yaml", "effects-score-difference.svg",
        "influence-nudge-vs-control.svg",
    }  # fmt: skip
    records = json.loads(files["estimates.json"])
    assert records == json.loads((work / "out.json").read_text(encoding="utf-8"))
    key = "score nudge vs control zone-welch difference"
    assert run.data.metrics[f"{key} estimate"] == pytest.approx(records[0]["estimate"])
    assert run.data.metrics[f"{key} p"] == pytest.approx(records[0]["p_value"])
    assert "estimators:\n- zone-welch" in files["plan.yaml"]


def test_a_calibration_is_logged_with_its_rates_table_and_figure(work, runs):
    done = runner.invoke(
        app,
        ["experiment", "calibrate", "--clusters", "4", "--icc", "0.05", "--outcome", "binary",
         "--trials", "6", "--estimator", "zone-t", "--jobs", "1", "--output", "study"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    run = runs()[0]
    assert run.data.tags["mlflow.runName"] == "calibrate"
    assert (run.data.params["trials"], run.data.params["seed"]) == ("6", "2026")
    table = pd.read_csv(work / "study" / "calibration.csv")
    rate = run.data.metrics["type_1_error zone-t 4 clusters"]
    assert rate == pytest.approx(table["type_1_error"].mean())
    files = artefacts(run)
    assert set(files) == {"calibration.csv", "type_1_error.md", "type_1_error.svg"}
    for name, text in files.items():
        assert text == (work / "study" / name).read_text(encoding="utf-8")


def test_names_that_the_store_would_refuse_are_logged_all_the_same(work, runs, trial_rows):
    rows = trial_rows(arms=("témoin", "lettre: 1/2 «oui»"))
    rows.rename(columns={"score": "note (sur 20)"}).to_csv(work / "odd.csv", index=False)
    done = runner.invoke(
        app,
        ["experiment", "analyse", "odd.csv", "--outcome", "note (sur 20)", "--arm", "arm",
         "--cluster", "zone", "--estimator", "zone-t"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    (name,) = [key for key in runs()[0].data.metrics if key.endswith("estimate")]
    assert name.startswith("note _sur 20_ lettre_ 1_2 _oui_ vs témoin")


def test_arms_that_are_whole_sentences_are_logged_apart(work, runs, trial_rows):
    sentence = "Merci de trier vos emballages et vos papiers avec vos voisins " * 4
    rows = trial_rows(arms=("control", f"{sentence} un", f"{sentence} deux"), clusters=9)
    rows.to_csv(work / "long.csv", index=False)
    done = runner.invoke(
        app,
        ["experiment", "analyse", "long.csv", "--outcome", "score", "--arm", "arm",
         "--cluster", "zone", "--estimator", "zone-t", "--output", "folder"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    run = runs()[0]
    assert len(run.data.metrics) == 4
    assert sum(name.startswith("influence") for name in artefacts(run)) == 2
    assert len(list((work / "folder").glob("influence*.svg"))) == 2


def test_no_track_leaves_no_trace(work, runs, trial_rows):
    trial_rows().to_csv(work / "trial.csv", index=False)
    before = len(runs())
    words = ["--outcome", "score", "--arm", "arm", "--cluster", "zone", "--no-track"]
    done = runner.invoke(app, ["experiment", "analyse", "trial.csv", *words])
    assert done.exit_code == 0
    assert len(runs()) == before
    assert "MLflow" not in done.stderr


def test_figures_that_are_not_finite_are_left_out_and_long_settings_cut(work, runs):
    log_run(
        name="x",
        parameters={"short": 1, "long": "y" * 2_000},
        metrics={"one": 1.0, "infinite": float("inf"), "none": float("nan")},
        texts={"note.txt": "été"},
        tags={"kind": "test"},
    )
    run = runs()[0]
    assert run.data.metrics == {"one": 1.0}
    assert run.data.params["short"] == "1"
    assert len(run.data.params["long"]) == 500
    assert run.data.tags["kind"] == "test"
    assert artefacts(run) == {"note.txt": "été"}


def test_artefacts_lie_beside_the_database(work, runs):
    log_run(name="x", parameters={}, metrics={}, texts={"note.txt": "here"})
    run = runs()[0]
    assert run.info.artifact_uri.startswith((work / "mlruns" / "artifacts").as_uri())


def test_a_server_named_in_the_environment_is_used(work, runs, tmp_path, monkeypatch):
    before = len(runs())
    shutil.copy(work / "mlruns" / "mlflow.db", tmp_path / "other.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'other.db'}")
    log_run(name="elsewhere", parameters={}, metrics={}, texts={})
    assert len(runs()) == before
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'other.db'}")
    assert len(mlflow.search_runs(experiment_names=["trials"])) == before + 1


def git(*words):
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words],
        check=True,
        capture_output=True,
    )


def test_the_commit_is_named_and_marked_when_files_are_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_commit() == ""
    git("init", "--quiet")
    file = tmp_path / "plan.yaml"
    file.write_text("a", encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message", "x")
    commit = git_commit()
    assert len(commit) == 40
    file.write_text("b", encoding="utf-8")
    assert git_commit() == f"{commit}-dirty"
