"""What a model says of messages it has not learnt, counted, to compare later messages with.

Of embeddings only moments are kept: a mean and two sums of squares over at least thirty messages.
No row of them belongs to one message, so none can be turned back into its words (Morris et al.
2023, "Text embeddings reveal (almost) as much as text", do that with whole embeddings), and there
is nothing to erase when a person asks for it: data minimisation, GDPR article 5(1)(c).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlu.classifier.scoring import readable_rows
from nlu.inference.engine import Engine, predict
from nlu.inference.serving_artifact import ServingArtifactError
from nlu.redaction.redact import redact

REFERENCE_FILE = "reference.json"
CONFIDENCE_BINS = 10
FEWEST = 30
SEED = 2027
DECIMALS = 6

Floats = npt.NDArray[np.float64]


class EmbeddingMoments(BaseModel):
    """Moments of embeddings at unit length.

    Attributes
    ----------
    texts
        Number of messages; at least 30.
    mean
        Mean embedding, shape (hidden,).
    variance
        Trace of their covariance: mean squared distance from the mean.
    squared_covariance
        Trace of the square of the covariance, without the bias of a sample.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: int = Field(ge=FEWEST)
    mean: tuple[float, ...] = Field(min_length=1)
    variance: float = Field(gt=0)
    squared_covariance: float = Field(gt=0)


class PredictionReference(BaseModel):
    """Predictions of a model, counted.

    Attributes
    ----------
    intents
        Number of messages by most probable intent; the empty name for none.
    confidence_edges
        Inner bounds of the bins of confidence, increasing.
    confidence_counts
        Messages by bin; one more than bounds.
    embeddings
        Moments of the embeddings of redacted messages; None where there were too few.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intents: dict[str, int] = Field(min_length=1)
    confidence_edges: tuple[float, ...]
    confidence_counts: tuple[int, ...]
    embeddings: EmbeddingMoments | None = None


def engine_reference(
    engine: Engine, texts: Sequence[str], *, families: Sequence[str]
) -> PredictionReference:
    """Count what an engine says of held-out messages, one of each family.

    Messages of a family resemble one another: counted as if they did not, they would make chance
    look smaller than it is.

    Parameters
    ----------
    engine
        What serves.
    texts, families
        Messages, and the family of each.
    """
    order = np.random.default_rng(SEED).permutation(len(texts))
    _names, first = np.unique(np.asarray(families, dtype=np.str_)[order], return_index=True)
    kept = [texts[row] for row in np.sort(order[first])]
    found = predict(engine, kept)
    return prediction_reference(
        [one.intent for one in found],
        [one.confidence for one in found],
        embeddings=redacted_embeddings(engine, kept),
    )


def prediction_reference(
    intents: Sequence[str | None],
    confidences: npt.ArrayLike,
    *,
    embeddings: npt.ArrayLike | None = None,
) -> PredictionReference:
    """Count predictions.

    Parameters
    ----------
    intents
        Most probable intent of each message.
    confidences
        Their confidences in [0, 1], shape (n,).
    embeddings
        From :func:`redacted_embeddings`.

    Raises
    ------
    ValueError
        There is no message, or lengths differ.
    """
    confidence = np.asarray(confidences, dtype=np.float64)
    if not len(intents) or confidence.shape != (len(intents),):
        raise ValueError("intents and confidences must be as many, and at least one")
    names, counts = np.unique([name or "" for name in intents], return_counts=True)
    levels = np.linspace(0, 1, CONFIDENCE_BINS + 1)[1:-1]
    edges = np.unique(np.quantile(confidence, levels))
    return PredictionReference(
        intents=dict(zip(names.tolist(), counts.tolist(), strict=True)),
        confidence_edges=tuple(edges.tolist()),
        confidence_counts=tuple(binned(confidence, edges).tolist()),
        embeddings=None if embeddings is None else embedding_moments(embeddings),
    )


def redacted_embeddings(engine: Engine, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Embeddings of messages as the service keeps them, shape (m, hidden); readable ones only.

    Redaction moves embeddings a little. A week is read from redacted messages, so a reference is
    too; redacting twice changes nothing.
    """
    clean = [redact(text).text for text in texts]
    readable = [clean[row] for row in readable_rows(clean)]
    return engine.outputs(readable)[0] if readable else np.empty((0, 1), np.float32)


def embedding_moments(embeddings: npt.ArrayLike) -> EmbeddingMoments | None:
    """Moments of embeddings; None for fewer than thirty, or for copies of one message.

    The trace of the squared covariance is estimated without bias (Bai and Saranadasa, 1996).

    Parameters
    ----------
    embeddings
        Shape (n, hidden).
    """
    points = unit_length(embeddings)
    n, hidden = points.shape
    if n < FEWEST:
        return None
    mean = points.mean(axis=0)
    covariance = np.cov(points, rowvar=False).reshape(hidden, hidden)
    variance = float(np.trace(covariance))
    if variance < 10**-DECIMALS:
        return None
    sampled = float((covariance**2).sum())
    free = n - 1
    squared = free**2 / ((free - 1) * (free + 2)) * (sampled - variance**2 / free)
    return EmbeddingMoments(
        texts=n,
        mean=tuple(mean.round(DECIMALS).tolist()),
        variance=variance,
        # Its least value, where all directions vary alike.
        squared_covariance=max(squared, variance**2 / hidden),
    )


def unit_length(embeddings: npt.ArrayLike) -> Floats:
    """Embeddings divided by their lengths, shape (n, hidden)."""
    points = np.asarray(embeddings, dtype=np.float64)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.where(lengths > 0, lengths, 1.0))


def binned(confidence: npt.ArrayLike, edges: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Count confidences by bin, shape (bounds + 1,)."""
    inner = np.asarray(edges, dtype=np.float64)
    bins = np.searchsorted(inner, np.asarray(confidence, dtype=np.float64), side="right")
    return np.bincount(bins, minlength=inner.size + 1).astype(np.int64)


def read_prediction_reference(folder: Path) -> PredictionReference | None:
    """The reference that was exported with a model; None for a folder from before references.

    Raises
    ------
    ServingArtifactError
        The file cannot be read.
    """
    path = folder / REFERENCE_FILE
    if not path.is_file():
        return None
    try:
        return PredictionReference.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise ServingArtifactError(f"{path} cannot be read ({error}): export it again") from None
