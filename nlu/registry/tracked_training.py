"""A training run with everything needed to reproduce it, logged and registered."""

import json
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from nlu.classifier.artifact import save_artifact
from nlu.classifier.artifact_files import CARD_FILE, METRICS_FILE, TRAINING_FILE
from nlu.classifier.intent_classifier import IntentClassifier
from nlu.corpus.loading import TAXONOMY_FILE
from nlu.evaluation.evaluation import Evaluation, evaluate_classifier, summary
from nlu.registry import store
from nlu.registry.aliases import ModelVersion
from nlu.registry.model_card import render_card
from nlu.registry.versions import register_artifact
from nlu.training.config import TrainingConfig
from nlu.training.pipeline import TrainedClassifier, find_taxonomy, train_classifier

PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "datasets",
    "accelerate",
    "scikit-learn",
    "numpy",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedTraining:
    """Outcome of a tracked run.

    Attributes
    ----------
    trained : TrainedClassifier
        The classifier and its history.
    evaluation : Evaluation
        On the test split, without baseline and robustness.
    version : ModelVersion or None
        Registered version; None when registration was not asked for.
    run_id : str
        MLflow run.
    folder : Path or None
        Copy asked for by the user.
    seconds : float
        Wall-clock time of the whole run, evaluation and logging included.
    peak_memory_gib : float
        Greatest resident memory of the process.
    """

    trained: TrainedClassifier
    evaluation: Evaluation
    version: ModelVersion | None
    run_id: str
    folder: Path | None
    seconds: float
    peak_memory_gib: float


def train_tracked(
    config: TrainingConfig,
    *,
    output: Path | None = None,
    register: bool = True,
    progress: Any = None,
    note: Callable[[str], None] | None = None,
) -> TrackedTraining:
    """Train, measure on test, log to MLflow and register as challenger.

    Parameters
    ----------
    config : TrainingConfig
        All settings.
    output : Path, optional
        Folder that also gets the artefact.
    register : bool
        Register the model as ``challenger``.
    progress : transformers.TrainerCallback, optional
        Shows progress of the training.
    note : callable, optional
        Called with each step's name.
    """
    say = note or (lambda _step: None)
    started = time.perf_counter()
    mlflow = store.open_store()
    name = registered_name(config)
    experiment = store.experiment_id(mlflow, config.tracking.experiment)
    with mlflow.start_run(experiment_id=experiment) as run:
        mlflow.log_params(_flat(config.model_dump()))
        mlflow.set_tags(environment() | {"kind": "training"})

        def log_epoch(row: Mapping[str, float]) -> None:
            step = int(row["epoch"])
            mlflow.log_metrics({k: v for k, v in row.items() if k != "epoch"}, step=step)

        trained = train_classifier(config, on_epoch=log_epoch, progress=progress)
        _log_corpus(mlflow, config, trained)
        mlflow.log_metrics(
            {
                "train_seconds": trained.fine_tuned.seconds,
                "train_rows_per_second": trained.fine_tuned.rows_per_second,
                "temperature": trained.artifact.temperature,
            }
            | {f"dev_auroc_{key}": value for key, value in trained.out_of_scope_auroc.items()}
        )
        say("measuring on the test split")
        taxonomy = find_taxonomy(config.corpus.path)
        evaluation = evaluate_classifier(
            IntentClassifier(trained.artifact),
            trained.corpus,
            taxonomy=taxonomy,
            with_baseline=False,
            with_robustness=False,
        )
        mlflow.log_metrics(
            {f"test_{key}": value.estimate for key, value in evaluation.headline.items()}
        )
        files = {
            METRICS_FILE: json.dumps(
                {"test": summary(evaluation), "history": list(trained.fine_tuned.history)}, indent=2
            ),
            TRAINING_FILE: config.to_yaml(),
            CARD_FILE: render_card(trained, evaluation, name=name, commit=store.git_commit()),
        }
        version = None
        with tempfile.TemporaryDirectory(prefix="pouce-artifact-") as scratch:
            folder = Path(scratch) / "classifier"
            save_artifact(trained.artifact, folder, extra_files=files)
            if output is not None:
                save_artifact(trained.artifact, output, extra_files=files)
            for file in (METRICS_FILE, TRAINING_FILE, CARD_FILE):
                mlflow.log_artifact(str(folder / file))
            if register:
                say(f"registering {name}")
                version = register_artifact(mlflow, folder, name=name, run_id=run.info.run_id)
    return TrackedTraining(
        trained=trained,
        evaluation=evaluation,
        version=version,
        run_id=run.info.run_id,
        folder=output,
        seconds=time.perf_counter() - started,
        peak_memory_gib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (1024**2 if sys.platform == "linux" else 1024**3),
    )


def registered_name(config: TrainingConfig) -> str:
    """Registered model: as configured, or ``<corpus folder>-intent`` when ``auto``."""
    if config.tracking.registered_model != "auto":
        return config.tracking.registered_model
    return f"{Path(config.corpus.path).resolve().stem}-intent"


def environment() -> dict[str, str]:
    """Git commit, Python, machine and versions of the packages that shape the numbers."""
    tags = {
        "git_commit": store.git_commit(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }
    return tags | {f"version.{package}": metadata.version(package) for package in PACKAGES}


def _log_corpus(mlflow: Any, config: TrainingConfig, trained: TrainedClassifier) -> None:
    import mlflow.data

    fingerprint = trained.artifact.provenance["corpus_fingerprint"]
    for split in trained.corpus:
        frame = trained.corpus[split].to_pandas()[["text", "intent"]]
        dataset = mlflow.data.from_pandas(
            frame,
            source=config.corpus.path,
            targets="intent",
            name=Path(config.corpus.path).name,
            digest=f"{fingerprint[:28]}-{split}",
        )
        mlflow.log_input(dataset, context={"train": "training"}.get(split, split))
    taxonomy = Path(config.corpus.path) / TAXONOMY_FILE
    if taxonomy.is_file():
        mlflow.log_artifact(str(taxonomy))
    mlflow.set_tag("corpus_fingerprint", fingerprint)


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
