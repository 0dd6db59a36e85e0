"""The files of an artefact folder and their checksums, read without torch."""

import hashlib
import json
from pathlib import Path

from nlu.errors import InputError

NETWORK_FILE = "model.safetensors"
SETTINGS_FILE = "classifier.json"
DETECTOR_FILE = "out_of_scope.safetensors"
LEXICAL_FILE = "lexical.safetensors"
CHECKSUM_FILE = "checksums.json"
METRICS_FILE = "metrics.json"
CARD_FILE = "README.md"
TRAINING_FILE = "training.yaml"


class ArtifactError(InputError):
    """The folder is not a classifier artefact, or it is damaged."""


def verify_artifact(folder: Path) -> None:
    """Compare every file with ``checksums.json``.

    Raises
    ------
    ArtifactError
        Naming the first missing or changed file.
    """
    if not (folder / SETTINGS_FILE).is_file():
        raise ArtifactError(f"{folder}: not a classifier folder (no {SETTINGS_FILE})")
    try:
        expected: dict[str, str] = json.loads((folder / CHECKSUM_FILE).read_text())
    except (OSError, ValueError):
        raise ArtifactError(f"{folder}: {CHECKSUM_FILE} is missing or unreadable") from None
    for name, digest in expected.items():
        path = folder / name
        if not path.is_file():
            raise ArtifactError(f"{folder}: {name} is missing: copy the artefact again")
        if _sha256(path) != digest:
            raise ArtifactError(f"{folder}: {name} is damaged: copy the artefact again")


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of the folder but the checksum file."""
    return {
        path.name: _sha256(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != CHECKSUM_FILE
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
