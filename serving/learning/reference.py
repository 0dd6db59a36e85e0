"""What a model's predictions looked like when it was promoted, to be compared with later weeks."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nudge.errors import CampaignError, Problem
from nudge.imports.whole_file import whole_file

REFERENCE_FILE = "reference.json"
CONFIDENCE_BINS = 10
# Embeddings are kept projected: enough to tell two clouds apart, too few to find a text again.
PROJECTED, MOST_POINTS, PROJECTION_SEED = 16, 500, 2027

Floats = npt.NDArray[np.float64]


class Reference(BaseModel):
    """Predictions of a model on the texts that it was promoted on, counted.

    Attributes
    ----------
    model_version
        Whose predictions.
    source
        ``corpus`` (held-out texts) or ``traffic`` (messages of an agreed period). The intents of
        a balanced corpus are not those of citizens: after some weeks a reference of traffic is
        the fairer one.
    made_at
        Instant.
    intents
        Number of texts by most probable intent; the empty name for none.
    confidence_edges
        Inner bounds of the bins of confidence, increasing.
    confidence_counts
        Texts by bin; one more than bounds.
    points
        Embeddings of texts drawn at random, projected onto 16 dimensions; empty without any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_version: str = Field(min_length=1)
    source: Literal["corpus", "traffic"]
    made_at: datetime
    intents: dict[str, int] = Field(min_length=1)
    confidence_edges: tuple[float, ...]
    confidence_counts: tuple[int, ...]
    points: tuple[tuple[float, ...], ...] = ()


def make_reference(
    intents: Sequence[str | None],
    confidences: npt.ArrayLike,
    *,
    model_version: str,
    source: Literal["corpus", "traffic"],
    made_at: datetime,
    embeddings: npt.ArrayLike | None = None,
) -> Reference:
    """Count a model's predictions.

    Parameters
    ----------
    intents
        Most probable intent of each text.
    confidences
        Their confidences in [0, 1], shape (n,).
    model_version, source, made_at
        As in :class:`Reference`.
    embeddings
        Pooled embeddings of the texts, shape (n, d); None without any.

    Raises
    ------
    ValueError
        There is no text, or lengths differ.
    """
    confidence = np.asarray(confidences, dtype=np.float64)
    if not len(intents) or confidence.shape != (len(intents),):
        raise ValueError("intents and confidences must be as many, and at least one")
    names, counts = np.unique([name or "" for name in intents], return_counts=True)
    levels = np.linspace(0, 1, CONFIDENCE_BINS + 1)[1:-1]
    edges = np.unique(np.quantile(confidence, levels))
    return Reference(
        model_version=model_version,
        source=source,
        made_at=made_at,
        intents=dict(zip(names.tolist(), counts.tolist(), strict=True)),
        confidence_edges=tuple(edges.tolist()),
        confidence_counts=tuple(binned(confidence, edges).tolist()),
        points=() if embeddings is None else _kept_points(np.asarray(embeddings)),
    )


def binned(confidence: Floats, edges: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return how many confidences fall into each bin."""
    inner = np.asarray(edges, dtype=np.float64)
    bins = np.searchsorted(inner, confidence, side="right")
    return np.bincount(bins, minlength=inner.size + 1).astype(np.int64)


def projected(embeddings: npt.ArrayLike) -> Floats:
    """Return embeddings at unit length, projected at random onto 16 dimensions, always the same.

    Parameters
    ----------
    embeddings
        Shape (n, d).
    """
    points = np.asarray(embeddings, dtype=np.float64)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    unit = points / np.where(lengths > 0, lengths, 1.0)
    rng = np.random.default_rng(PROJECTION_SEED)
    axes = rng.standard_normal((points.shape[1], PROJECTED)) / np.sqrt(PROJECTED)
    return np.asarray(unit @ axes)


def save_reference(reference: Reference, path: Path) -> None:
    """Write a reference, whole or not at all."""
    with whole_file(path) as name:
        name.write_text(reference.model_dump_json(indent=1), encoding="utf-8")


def load_reference(path: Path) -> Reference:
    """Read a reference.

    Raises
    ------
    CampaignError
        There is none there, or it is damaged.
    """
    try:
        return Reference.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise CampaignError(
            Problem(place=str(path), what="la référence du modèle manque ou est abîmée",
                    mend="la refaire par « pouce serve drift reference »")
        ) from error  # fmt: skip


def _kept_points(embeddings: Floats) -> tuple[tuple[float, ...], ...]:
    rng = np.random.default_rng(PROJECTION_SEED)
    chosen = rng.permutation(len(embeddings))[:MOST_POINTS]
    return tuple(map(tuple, projected(embeddings[np.sort(chosen)]).round(5).tolist()))
