"""Registered versions and the aliases that point to them; read without torch."""

from dataclasses import dataclass
from typing import Any

CHAMPION, CHALLENGER = "champion", "challenger"
ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
DEFAULT_MODEL = "sophie-intent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """A registered version.

    Attributes
    ----------
    name, version : str
        Registered model and its version number.
    run_id : str
        Run that produced it.
    """

    name: str
    version: str
    run_id: str


def find_version(mlflow: Any, name: str, wanted: str) -> ModelVersion | None:
    """Version by alias or number; None when there is none."""
    from mlflow.exceptions import MlflowException

    client = mlflow.MlflowClient()
    try:
        if wanted.isdigit():
            found = client.get_model_version(name, wanted)
        else:
            found = client.get_model_version_by_alias(name, wanted)
    except MlflowException as error:
        if error.error_code not in ABSENT:
            raise
        return None
    run_id = (found.tags or {}).get("run_id") or found.run_id or ""
    return ModelVersion(name=name, version=str(found.version), run_id=run_id)
