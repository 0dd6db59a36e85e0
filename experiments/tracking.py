"""Trials in the local MLflow store, or on a server: plan, data fingerprint, estimates, figures."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

LOCAL_STORE = Path("mlruns")
EXPERIMENT = "trials"
LONGEST_KEY = 250


def log_run(
    *,
    name: str,
    parameters: dict[str, Any],
    metrics: dict[str, float],
    texts: dict[str, str],
    tags: dict[str, str] | None = None,
    experiment: str = EXPERIMENT,
) -> str:
    """Log one finished computation and return its run identifier.

    Parameters
    ----------
    name
        Run name, e.g. ``"analyse vote"``.
    parameters
        Settings, the data's fingerprint and the seed among them.
    metrics
        Figures, by any name; those that are not finite are left out.
    texts
        Artefact file name to text content: plan, tables, SVG figures.
    tags
        Further tags; the git commit is always one.
    experiment
        MLflow experiment, created when missing.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import math

    import mlflow

    uri, artifacts = os.environ.get("MLFLOW_TRACKING_URI"), None
    if not uri:
        LOCAL_STORE.mkdir(exist_ok=True)
        uri = f"sqlite:///{(LOCAL_STORE / 'mlflow.db').resolve()}"
        artifacts = (LOCAL_STORE / "artifacts").resolve().as_uri()
    mlflow.set_tracking_uri(uri)
    with mlflow.start_run(
        experiment_id=_experiment_id(mlflow, experiment, artifacts),
        run_name=name,
        tags={"git_commit": git_commit(), **(tags or {})},
    ) as run:
        mlflow.log_params({key: str(value)[:500] for key, value in parameters.items()})
        mlflow.log_metrics(
            {_key(name): value for name, value in metrics.items() if math.isfinite(value)}
        )
        for file, text in texts.items():
            mlflow.log_text(text, file)
        return str(run.info.run_id)


def git_commit() -> str:
    """Commit of the working folder, with ``-dirty`` when files are changed; empty outside git."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit + ("-dirty" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _key(name: str) -> str:
    """Name in the letters that MLflow takes, cut where it is too long for it."""
    plain = "".join(c if c.isalnum() or c in "_-. " else "_" for c in name)
    if len(plain) <= LONGEST_KEY:
        return plain
    return f"{plain[: LONGEST_KEY - 13]} {hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _experiment_id(mlflow: Any, name: str, artifacts: str | None) -> str:
    found = mlflow.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return str(mlflow.create_experiment(name, artifact_location=artifacts))


def _git(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
