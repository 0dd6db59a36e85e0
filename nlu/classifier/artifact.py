"""The artefact folder: everything a prediction needs, in open formats, checksummed.

``model.safetensors`` and ``config.json`` (network), tokeniser files, ``classifier.json`` (labels,
calibration, thresholds), ``out_of_scope.safetensors`` (reference of the out-of-scope score),
``lexical.safetensors`` (the lexical branch, where there is one), ``training.yaml`` (settings),
``metrics.json``, ``README.md`` (model card) and ``checksums.json``.
"""

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import safetensors.torch

from nlu.calibration.decision import Thresholds
from nlu.calibration.out_of_scope import OutOfScopeDetector, Reference
from nlu.classifier.artifact_files import (
    CHECKSUM_FILE,
    DETECTOR_FILE,
    LEXICAL_FILE,
    NETWORK_FILE,
    SETTINGS_FILE,
    ArtifactError,
    checksums,
    verify_artifact,
)
from nlu.classifier.lexical_branch import LexicalBranch
from nlu.classifier.network import MeanPoolingClassifier
from nlu.classifier.scoring import ScoringRules
from nlu.encoder.source import fast_attention, without_pooler

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierArtifact:
    """A classifier in memory.

    Attributes
    ----------
    network : MeanPoolingClassifier
        On the CPU, evaluation mode.
    tokenizer : PreTrainedTokenizerBase
        Its tokeniser.
    labels : tuple of str
        Column order of the logits.
    out_of_scope_label : str or None
        The explicit out-of-scope class.
    prefix : str
        Put before each normalised text.
    max_length : int
        Tokens read.
    temperature : float
        Of the softmax.
    lexical : LexicalBranch or None
        Linear scores on n-grams, added to the network's logits.
    lexical_weight : float
        Their weight in the sum.
    detector : OutOfScopeDetector
        Out-of-scope score.
    thresholds : Thresholds
        Of the decision.
    provenance : dict
        Encoder description, taxonomy version and digest, corpus fingerprint, code version.
    """

    network: MeanPoolingClassifier
    tokenizer: Any
    labels: tuple[str, ...]
    out_of_scope_label: str | None
    prefix: str
    max_length: int
    temperature: float
    lexical: LexicalBranch | None
    lexical_weight: float
    detector: OutOfScopeDetector
    thresholds: Thresholds
    provenance: dict[str, Any]


def rules_of(artifact: ClassifierArtifact) -> ScoringRules:
    """Calibration of the trained network itself."""
    return ScoringRules(
        labels=artifact.labels,
        out_of_scope_label=artifact.out_of_scope_label,
        prefix=artifact.prefix,
        max_length=artifact.max_length,
        temperature=artifact.temperature,
        lexical=artifact.lexical,
        lexical_weight=artifact.lexical_weight,
        detector=artifact.detector,
        thresholds=artifact.thresholds,
    )


def save_artifact(
    artifact: ClassifierArtifact, folder: Path, *, extra_files: dict[str, str] | None = None
) -> None:
    """Write the folder in one rename: it is whole or it is not there.

    Parameters
    ----------
    artifact : ClassifierArtifact
        What to save.
    folder : Path
        Must not exist or must be an artefact, which is then replaced.
    extra_files : dict of str to str, optional
        Further text files: name to content.

    Raises
    ------
    ArtifactError
        When ``folder`` holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / SETTINGS_FILE).exists():
        raise ArtifactError(f"{folder} exists and is not a classifier: choose another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        artifact.network.encoder.config.save_pretrained(building)
        artifact.tokenizer.save_pretrained(building)
        safetensors.torch.save_file(
            {name: value.contiguous() for name, value in artifact.network.state_dict().items()},
            building / NETWORK_FILE,
        )
        _save_detector(artifact.detector, building)
        if artifact.lexical is not None:
            _save_lexical(artifact.lexical, building)
        settings = {
            "format_version": FORMAT_VERSION,
            "labels": list(artifact.labels),
            "out_of_scope_label": artifact.out_of_scope_label,
            "prefix": artifact.prefix,
            "max_length": artifact.max_length,
            "temperature": artifact.temperature,
            "lexical_weight": artifact.lexical_weight,
            "out_of_scope": {
                "method": artifact.detector.method,
                "slope": artifact.detector.slope,
                "intercept": artifact.detector.intercept,
            },
            "thresholds": asdict(artifact.thresholds),
            "provenance": artifact.provenance,
        }
        (building / SETTINGS_FILE).write_text(
            json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        for name, content in (extra_files or {}).items():
            (building / name).write_text(content, encoding="utf-8")
        (building / CHECKSUM_FILE).write_text(json.dumps(checksums(building), indent=2))
        # mkdtemp makes private folders; a served artefact is read by other users.
        building.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        building.replace(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def load_artifact(folder: Path) -> ClassifierArtifact:
    """Read and verify an artefact folder.

    Raises
    ------
    ArtifactError
        Missing or damaged files, an unknown format version: the file is named.
    """
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    verify_artifact(folder)
    settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    if settings["format_version"] != FORMAT_VERSION:
        raise ArtifactError(
            f"{folder}: format {settings['format_version']}, this release reads {FORMAT_VERSION}: "
            "train again or install the release that wrote it"
        )
    weights = safetensors.torch.load_file(folder / NETWORK_FILE)
    config = AutoConfig.from_pretrained(folder)
    encoder = AutoModel.from_config(
        config, attn_implementation=fast_attention(), **without_pooler(config)
    )
    network = MeanPoolingClassifier(encoder, len(settings["labels"]))
    network.load_state_dict(weights, strict=True)
    return ClassifierArtifact(
        network=network.eval(),
        tokenizer=AutoTokenizer.from_pretrained(folder),
        labels=tuple(settings["labels"]),
        out_of_scope_label=settings["out_of_scope_label"],
        prefix=settings["prefix"],
        max_length=settings["max_length"],
        temperature=settings["temperature"],
        lexical=_load_lexical(folder),
        lexical_weight=settings["lexical_weight"],
        detector=_load_detector(settings, folder),
        thresholds=Thresholds(**settings["thresholds"]),
        provenance=settings["provenance"],
    )


def _save_detector(detector: OutOfScopeDetector, folder: Path) -> None:
    reference = detector.reference
    arrays = {
        "means": np.ascontiguousarray(reference.means, dtype=np.float32),
        "precision": np.ascontiguousarray(reference.precision, dtype=np.float32),
        "bank": np.ascontiguousarray(reference.bank, dtype=np.float16),
    }
    safetensors.numpy.save_file(arrays, folder / DETECTOR_FILE)


def _save_lexical(branch: LexicalBranch, folder: Path) -> None:
    arrays = {
        "idf": branch.idf,
        "weight": np.ascontiguousarray(branch.weight, dtype=np.float16),
        "intercept": branch.intercept,
    }
    safetensors.numpy.save_file(arrays, folder / LEXICAL_FILE)


def _load_lexical(folder: Path) -> LexicalBranch | None:
    if not (folder / LEXICAL_FILE).is_file():
        return None
    arrays = safetensors.numpy.load_file(folder / LEXICAL_FILE)
    return LexicalBranch(
        idf=arrays["idf"],
        weight=arrays["weight"].astype(np.float32),
        intercept=arrays["intercept"],
    )


def _load_detector(settings: dict[str, Any], folder: Path) -> OutOfScopeDetector:
    arrays = safetensors.numpy.load_file(folder / DETECTOR_FILE)
    label = settings["out_of_scope_label"]
    return OutOfScopeDetector(
        method=settings["out_of_scope"]["method"],
        slope=settings["out_of_scope"]["slope"],
        intercept=settings["out_of_scope"]["intercept"],
        reference=Reference(
            out_of_scope_column=None if label is None else settings["labels"].index(label),
            means=arrays["means"].astype(np.float64),
            precision=arrays["precision"].astype(np.float64),
            bank=arrays["bank"].astype(np.float64),
        ),
    )
