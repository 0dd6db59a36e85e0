"""Where runs, artefacts and models are kept: the local MLflow store or a server."""

import os
import subprocess
from pathlib import Path
from typing import Any

LOCAL_STORE = Path("mlruns")


def open_store() -> Any:
    """Point MLflow at ``MLFLOW_TRACKING_URI``, or at ``mlruns/mlflow.db`` of this folder.

    Returns
    -------
    module
        ``mlflow``, ready to use.
    """
    import mlflow

    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        LOCAL_STORE.mkdir(exist_ok=True)
        uri = f"sqlite:///{(LOCAL_STORE / 'mlflow.db').resolve()}"
    mlflow.set_tracking_uri(uri)
    return mlflow


def experiment_id(mlflow: Any, name: str) -> str:
    """Identifier of an experiment, created on first use; local artefacts beside the database."""
    found = mlflow.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    location = None
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        location = (LOCAL_STORE / "artifacts").resolve().as_uri()
    return str(mlflow.create_experiment(name, artifact_location=location))


def git_commit() -> str:
    """Commit of the working folder, with ``-dirty`` when files are changed; empty outside git."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit + ("-dirty" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
