"""Registered artefacts: log and register one, bring one by alias, version or folder here."""

import logging
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from nlu.classifier.artifact_files import SETTINGS_FILE, ArtifactError, verify_artifact
from nlu.encoder.cache import cache_root
from nlu.errors import InputError
from nlu.registry import store
from nlu.registry.aliases import (
    CHALLENGER,
    CHAMPION,
    DEFAULT_MODEL,
    ModelVersion,
    find_version,
)

logger = logging.getLogger(__name__)

ARTIFACT_KEY = "classifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedModel:
    """A classifier folder on this machine.

    Attributes
    ----------
    folder : Path
        Verified artefact.
    registered : ModelVersion or None
        None when the user named a folder.
    """

    folder: Path
    registered: ModelVersion | None

    @property
    def title(self) -> str:
        """Name for headings."""
        if self.registered is None:
            return self.folder.name
        return f"{self.registered.name} version {self.registered.version}"


def register_artifact(mlflow: Any, folder: Path, *, name: str, run_id: str) -> ModelVersion:
    """Log an artefact folder as a model of the active run and register it as challenger.

    Nothing that serves changes: ``champion`` is not touched, and ``challenger`` moves only when
    the version is complete, so a process killed on the way leaves the previous versions serving.

    Parameters
    ----------
    mlflow : module
        From :func:`nlu.registry.store.open_store`, with an active run.
    folder : Path
        Artefact folder.
    name : str
        Registered model.
    run_id : str
        The active run.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    verify_artifact(folder)
    outputs = ["text", "intent", "confidence", "decision", "reason", "out_of_scope", "truncated"]
    kinds = {"confidence": "double", "out_of_scope": "double", "truncated": "boolean"}
    signature = ModelSignature(
        inputs=Schema([ColSpec("string", "text")]),
        outputs=Schema([ColSpec(kinds.get(column, "string"), column) for column in outputs]),
    )
    logged = mlflow.pyfunc.log_model(
        name="classifier",
        python_model=str(Path(__file__).with_name("served_model.py")),
        artifacts={ARTIFACT_KEY: str(folder)},
        signature=signature,
        pip_requirements=[f"coup-de-pouce=={metadata.version('coup-de-pouce')}"],
    )
    client = mlflow.MlflowClient()
    registered = mlflow.register_model(logged.model_uri, name)
    version = str(registered.version)
    client.set_model_version_tag(name, version, "run_id", run_id)
    client.set_registered_model_alias(name, CHALLENGER, version)
    return ModelVersion(name=name, version=version, run_id=run_id)


def resolve_model(wanted: str, *, name: str = DEFAULT_MODEL) -> ResolvedModel:
    """Find a classifier: a folder, an alias (``champion``, ``challenger``) or a version number.

    A version that lives on a server is copied once to the cache and verified; later calls do not
    need its artefacts again.

    Raises
    ------
    InputError
        When there is no such model, with the command that makes one.
    """
    folder = Path(wanted)
    if (folder / SETTINGS_FILE).is_file():
        return ResolvedModel(folder=folder, registered=None)
    if folder.is_dir():
        raise InputError(f"--model {wanted}: the folder is not a classifier (no {SETTINGS_FILE})")
    mlflow = store.open_store()
    version = find_version(mlflow, name, wanted)
    if version is None:
        raise InputError(
            f"--model {wanted}: no folder of that name and no version or alias {wanted!r} of "
            f"{name!r} in the registry. Train one with `pouce nlu train`"
            + (", then `pouce nlu promote`" if wanted == CHAMPION else "")
        )
    return ResolvedModel(folder=_local_folder(mlflow, version), registered=version)


def _local_folder(mlflow: Any, version: ModelVersion) -> Path:
    source = mlflow.MlflowClient().get_model_version_download_uri(version.name, version.version)
    if source.startswith("file://") or Path(source).is_dir():
        local = Path(mlflow.artifacts.download_artifacts(artifact_uri=source))
        return _artifact_inside(local)
    cached = cache_root() / "models" / f"{version.name}-v{version.version}-{version.run_id[:8]}"
    try:
        verify_artifact(cached)
    except ArtifactError:
        _download(mlflow, source, cached)
    return cached


def _download(mlflow: Any, source: str, cached: Path) -> None:
    cached.parent.mkdir(parents=True, exist_ok=True)
    arriving = Path(tempfile.mkdtemp(prefix=f".{cached.name}.", dir=cached.parent))
    try:
        got = Path(mlflow.artifacts.download_artifacts(artifact_uri=source, dst_path=str(arriving)))
        inside = _artifact_inside(got)
        verify_artifact(inside)
        shutil.rmtree(cached, ignore_errors=True)
        os.replace(inside, cached)  # noqa: PTH105
    finally:
        shutil.rmtree(arriving, ignore_errors=True)


def _artifact_inside(folder: Path) -> Path:
    found = sorted(folder.rglob(SETTINGS_FILE))
    if not found:
        raise ArtifactError(f"{folder}: the registered model holds no {SETTINGS_FILE}")
    return found[0].parent
