"""The folder that serves: ONNX graph, tokeniser and the calibration of that very graph.

``model.onnx``, ``tokenizer.json``, ``serving.json`` (labels, temperature, thresholds, parity with
the trained network), ``arrays.safetensors`` (lexical branch and out-of-scope reference),
``reference.json`` (predictions on held-out messages, where the export left one) and
``checksums.json``. Read without torch.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from nlu.calibration.decision import Thresholds
from nlu.calibration.out_of_scope import OutOfScopeDetector, Reference
from nlu.classifier.lexical_branch import LexicalBranch
from nlu.classifier.scoring import ScoringRules
from nlu.errors import InputError

FORMAT_VERSION = 1
GRAPH_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
SERVING_FILE = "serving.json"
ARRAYS_FILE = "arrays.safetensors"
CHECKSUM_FILE = "checksums.json"
FILES = (GRAPH_FILE, TOKENIZER_FILE, SERVING_FILE, ARRAYS_FILE)


class ServingArtifactError(InputError):
    """The folder is not a serving artefact, or it is damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingArtifact:
    """A serving folder, read and verified.

    Attributes
    ----------
    folder : Path
        Where its files are.
    rules : ScoringRules
        Calibration of the graph.
    precision : str
        ``int8`` or ``fp32``.
    pad_id : int
        Token of the padding.
    provenance : dict
        Of the classifier that was exported.
    parity : dict
        What the export measured against the trained network; empty when nothing was.
    """

    folder: Path
    rules: ScoringRules
    precision: str
    pad_id: int
    provenance: dict[str, Any]
    parity: dict[str, Any]


def write_serving_artifact(
    folder: Path,
    *,
    graph: Path,
    tokenizer: str,
    rules: ScoringRules,
    precision: str,
    pad_id: int,
    provenance: dict[str, Any],
    parity: dict[str, Any],
    extra_files: dict[str, str] | None = None,
) -> None:
    """Write the folder in one rename; an earlier serving folder of that name is replaced.

    Parameters
    ----------
    folder : Path
        Must not exist, be empty or be a serving folder.
    graph : Path
        ONNX file, copied.
    tokenizer : str
        JSON of the fast tokeniser.
    rules, precision, pad_id, provenance, parity
        See :class:`ServingArtifact`.
    extra_files : dict of str to str, optional
        Further text files: name to content.

    Raises
    ------
    ServingArtifactError
        When ``folder`` holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / SERVING_FILE).exists():
        raise ServingArtifactError(f"{folder} exists and is not a serving folder: choose another")

    def fill(building: Path) -> None:
        shutil.copyfile(graph, building / GRAPH_FILE)
        (building / TOKENIZER_FILE).write_text(tokenizer, encoding="utf-8")
        safetensors.numpy.save_file(_arrays(rules), building / ARRAYS_FILE)
        (building / ARRAYS_FILE).chmod(0o644)
        settings = _settings(rules) | {
            "precision": precision,
            "pad_id": pad_id,
            "provenance": provenance,
            "parity": parity,
        }
        text = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        (building / SERVING_FILE).write_text(text, encoding="utf-8")
        extra = extra_files or {}
        for name, content in extra.items():
            (building / name).write_text(content, encoding="utf-8")
        digests = {name: _sha256(building / name) for name in (*FILES, *extra)}
        (building / CHECKSUM_FILE).write_text(json.dumps(digests, indent=2))

    write_folder(folder, fill)


def write_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder under a temporary name and rename it: it is whole or it is not there.

    A process killed on the way leaves its scratch folder, named ``.<folder>.<random>``, beside
    it; see :func:`remove_scratch`.

    Parameters
    ----------
    folder : Path
        Replaced when it exists.
    fill : callable
        Called with the temporary folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        building = scratch / "new"
        building.mkdir()
        fill(building)
        # What serves is read by other users, whatever the mask of this one.
        building.chmod(0o755)
        if folder.exists():
            # Set aside whole: removing takes time, and a kill would leave half under this name.
            folder.replace(scratch / "old")
        building.replace(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def remove_scratch(parent: Path) -> None:
    """Remove what processes that were killed within :func:`write_folder` left in a folder.

    Parameters
    ----------
    parent : Path
        No other process may be writing there.
    """
    for path in parent.iterdir():
        if path.is_dir() and path.name.startswith("."):
            shutil.rmtree(path, ignore_errors=True)


def read_serving_artifact(folder: Path) -> ServingArtifact:
    """Verify a serving folder and read it.

    Raises
    ------
    ServingArtifactError
        Missing, changed or unreadable files, an unknown format version: the file is named.
    """
    verify_serving_artifact(folder)
    try:
        settings = json.loads((folder / SERVING_FILE).read_text(encoding="utf-8"))
        if settings["format_version"] != FORMAT_VERSION:
            raise ServingArtifactError(
                f"{folder}: format {settings['format_version']}, this release reads "
                f"{FORMAT_VERSION}: export it again with `pouce nlu export`"
            )
        arrays = safetensors.numpy.load_file(folder / ARRAYS_FILE)
        return ServingArtifact(
            folder=folder,
            rules=_rules(settings, arrays),
            precision=settings["precision"],
            pad_id=settings["pad_id"],
            provenance=settings["provenance"],
            parity=settings["parity"],
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        if isinstance(error, ServingArtifactError):
            raise
        raise ServingArtifactError(
            f"{folder}: {SERVING_FILE} or {ARRAYS_FILE} cannot be read ({error}): export it again"
        ) from None


def verify_serving_artifact(folder: Path) -> None:
    """Compare every file with ``checksums.json``.

    Raises
    ------
    ServingArtifactError
        Naming the first missing or changed file.
    """
    if not (folder / SERVING_FILE).is_file():
        raise ServingArtifactError(f"{folder}: not a serving folder (no {SERVING_FILE})")
    try:
        expected = json.loads((folder / CHECKSUM_FILE).read_text())
        missing = [name for name in FILES if name not in expected]
    except (OSError, ValueError, TypeError):
        raise ServingArtifactError(f"{folder}: {CHECKSUM_FILE} is missing or unreadable") from None
    if missing:
        raise ServingArtifactError(f"{folder}: {CHECKSUM_FILE} does not name {missing[0]}")
    for name in expected:
        if not (folder / name).is_file():
            raise ServingArtifactError(f"{folder}: {name} is missing: copy the folder again")
        if _sha256(folder / name) != expected[name]:
            raise ServingArtifactError(f"{folder}: {name} is damaged: copy the folder again")


def serving_digest(folder: Path) -> str:
    """SHA-256 of the checksum file: one name for the whole folder."""
    return _sha256(folder / CHECKSUM_FILE)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _settings(rules: ScoringRules) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "labels": list(rules.labels),
        "out_of_scope_label": rules.out_of_scope_label,
        "prefix": rules.prefix,
        "max_length": rules.max_length,
        "temperature": rules.temperature,
        "lexical_weight": rules.lexical_weight,
        "out_of_scope": {
            "method": rules.detector.method,
            "slope": rules.detector.slope,
            "intercept": rules.detector.intercept,
        },
        "thresholds": asdict(rules.thresholds),
    }


def _arrays(rules: ScoringRules) -> dict[str, np.ndarray[Any, Any]]:
    reference = rules.detector.reference
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "means": np.ascontiguousarray(reference.means, dtype=np.float32),
        "precision": np.ascontiguousarray(reference.precision, dtype=np.float32),
        "bank": np.ascontiguousarray(reference.bank, dtype=np.float16),
    }
    if rules.lexical is not None:
        arrays |= {
            "lexical_idf": np.asarray(rules.lexical.idf),
            "lexical_weight": np.ascontiguousarray(rules.lexical.weight, dtype=np.float16),
            "lexical_intercept": np.asarray(rules.lexical.intercept),
        }
    return arrays


def _rules(settings: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> ScoringRules:
    label = settings["out_of_scope_label"]
    lexical = None
    if "lexical_weight" in arrays:
        lexical = LexicalBranch(
            idf=arrays["lexical_idf"],
            weight=arrays["lexical_weight"].astype(np.float32),
            intercept=arrays["lexical_intercept"],
        )
    return ScoringRules(
        labels=tuple(settings["labels"]),
        out_of_scope_label=label,
        prefix=settings["prefix"],
        max_length=settings["max_length"],
        temperature=settings["temperature"],
        lexical=lexical,
        lexical_weight=settings["lexical_weight"],
        detector=OutOfScopeDetector(
            **settings["out_of_scope"],
            reference=Reference(
                out_of_scope_column=None if label is None else settings["labels"].index(label),
                means=arrays["means"].astype(np.float64),
                precision=arrays["precision"].astype(np.float64),
                bank=arrays["bank"].astype(np.float64),
            ),
        ),
        thresholds=Thresholds(**settings["thresholds"]),
    )
