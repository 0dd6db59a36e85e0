"""The serving folder of a promoted version: published with the promotion, fetched by servers."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu.errors import InputError
from nlu.inference.engine_choice import Device, prefers_torch
from nlu.inference.serving_artifact import SERVING_FILE, serving_digest, verify_serving_artifact
from nlu.registry import store
from nlu.registry.aliases import CHAMPION, DEFAULT_MODEL, ModelVersion, find_version

if TYPE_CHECKING:
    from nlu.inference.onnx_export import ServingParity

ARTIFACT_PATH = "serving"
EXPORTS = "exports"
URI_TAG = "serving_uri"


def publish_serving(mlflow: Any, version: ModelVersion, folder: Path, *, run_id: str) -> None:
    """Log a serving folder under the active run and point a registered version to it.

    One tag names both the place and the digest of the files, and it is set when they are
    complete: a process killed on the way leaves the version as it was.

    Parameters
    ----------
    mlflow : module
        From :func:`nlu.registry.store.open_store`, with an active run.
    version : ModelVersion
        What the folder was exported from.
    folder : Path
        Serving folder.
    run_id : str
        The active run.
    """
    verify_serving_artifact(folder)
    place = f"{ARTIFACT_PATH}/{serving_digest(folder)}"
    mlflow.log_artifacts(str(folder), artifact_path=place)
    mlflow.MlflowClient().set_model_version_tag(
        version.name, version.version, URI_TAG, f"runs:/{run_id}/{place}"
    )


def publish_export(version: ModelVersion, folder: Path, serving: "ServingParity") -> None:
    """Make a serving folder what serves for a registered version; a run records it.

    Parameters
    ----------
    version : ModelVersion
        What the folder was exported from.
    folder : Path
        Serving folder.
    serving : ServingParity
        What its export measured.
    """
    mlflow = store.open_store()
    experiment = store.experiment_id(mlflow, EXPORTS)
    with mlflow.start_run(experiment_id=experiment) as run:
        mlflow.set_tags(
            {
                "kind": "export",
                "model": version.name,
                "version": version.version,
                "git_commit": store.git_commit(),
            }
        )
        mlflow.log_metrics(serving_metrics(serving))
        publish_serving(mlflow, version, folder, run_id=run.info.run_id)


def serving_metrics(serving: "ServingParity") -> dict[str, float]:
    """Figures of an export, as metrics of a run."""
    return {
        "serving_accuracy": serving.accuracy,
        "serving_gain": serving.gain.estimate,
        "serving_gain_low": serving.gain.low,
        "serving_gain_high": serving.gain.high,
        "serving_same_intent": serving.same_intent,
        "serving_same_decision": serving.same_decision,
        "serving_ece": serving.calibration_error,
        "serving_megabytes": serving.megabytes,
        "serving_load_seconds": serving.load_seconds,
    }


class ChampionSource:
    """The champion of the registry, as a source of :class:`nlu.inference.hot_reload.HotReload`.

    Parameters
    ----------
    name : str
        Registered model.
    device : str
        On a GPU the classifier folder is served, elsewhere the serving folder.
    """

    def __init__(self, name: str = DEFAULT_MODEL, *, device: Device = "auto") -> None:
        self._name = name
        self._trained = prefers_torch(device)

    def current(self) -> str:
        """Key of the champion: name, version and digest of what serves.

        Raises
        ------
        InputError
            When nothing is promoted, or the champion was promoted without a serving folder.
        """
        return self._key(*self._champion())

    def fetch(self, key: str, folder: Path) -> None:
        """Copy the champion's files into ``folder``.

        Raises
        ------
        InputError
            When the champion has moved since ``key`` was read, or its files are not those that
            were published.
        """
        version, uri = self._champion()
        if self._key(version, uri) != key:
            raise InputError(f"{key} is no longer the champion of {self._name}")
        if self._trained:
            from nlu.registry.versions import resolve_model

            shutil.copytree(
                resolve_model(version.version, name=self._name).folder, folder, dirs_exist_ok=True
            )
            return
        mlflow = store.open_store()
        arriving = folder / ".arriving"
        got = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(arriving)))
        found = next(iter(sorted(got.rglob(SERVING_FILE))), None)
        if found is None:
            raise InputError(f"{uri} holds no {SERVING_FILE}: promote the version again")
        if serving_digest(found.parent) != _digest(uri):
            raise InputError(f"{uri} is not what was published: promote the version again")
        for path in found.parent.iterdir():
            path.replace(folder / path.name)
        shutil.rmtree(arriving)

    def _key(self, version: ModelVersion, uri: str) -> str:
        known = f"{version.run_id[:12]}-trained" if self._trained else _digest(uri)[:12]
        return f"{version.name}-v{version.version}-{known}"

    def _champion(self) -> tuple[ModelVersion, str]:
        mlflow = store.open_store()
        version = find_version(mlflow, self._name, CHAMPION)
        if version is None:
            raise InputError(f"{self._name} has no champion: run `pouce nlu promote`")
        tags = mlflow.MlflowClient().get_model_version(version.name, version.version).tags
        if not self._trained and URI_TAG not in tags:
            raise InputError(
                f"{self._name} version {version.version} has no serving folder: run "
                f"`pouce nlu export --model {CHAMPION} --publish`"
            )
        return version, tags.get(URI_TAG, "")


def _digest(uri: str) -> str:
    return uri.rpartition("/")[2]
