"""Drift of a week's messages from the reference: confidence, intents, embeddings; a level.

The level is ``watch`` where a distance is larger than chance gives at these sample sizes
(Holm-adjusted p under 0.05, so that one week in twenty at most is flagged without drift), and
``alert`` where it is also large (adjusted p under 0.01, and a stability index of at least 0.10,
the usual mark of a moderate shift, or a mean embedding at least a tenth of a radius away: a tenth
of the messages on another subject). A week without a flag is not a week without drift:
``detectable_points`` says which shift it would have shown.

Embeddings of the week are computed for the check from the redacted texts that are still kept, and
nothing of them is stored: neither a row for each message nor a sum. What a person has had erased,
or what the retention has emptied, is therefore out of the next check without any further step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from nlu.inference.prediction_reference import FEWEST, binned
from serving.learning.drift_statistics import (
    CategoryDistance,
    Counts,
    EmbeddingDistance,
    category_distance,
    embedding_distance,
    stability_index,
)
from serving.learning.reference import Reference

Level = Literal["ok", "watch", "alert"]
# Why embeddings were not compared: no model at hand, none in the reference, too few texts kept.
Missing = Literal["model", "reference", "texts"]
WATCH_P, ALERT_P = 0.05, 0.01
LARGE_INDEX, LARGE_DISTANCE = 0.10, 0.10
DRAWS = 2_000
POWER = 0.8
SHIFTS = (0.02, 0.03, 0.05, 0.07, 0.10, 0.15, 0.20, 0.30, 0.40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A week compared with the reference.

    Attributes
    ----------
    level
        ``ok``, ``watch`` or ``alert``.
    enough
        Whether there were at least 30 messages; without, the level is ``ok`` for want of data.
    n_reference, n_week
        Texts of the reference and of the week.
    intents, confidence, embeddings
        Distances; None where they were not measured.
    embeddings_missing
        Why embeddings were not compared; None where they were, or where no measure was.
    adjusted
        Holm-adjusted p-value of each measured distance.
    detectable_points
        Shift towards one intent, as a share, that such a week would have shown with a
        probability of 0.8; None where even 0.40 would not.
    moved
        Intents whose share changed most, with the change in [-1, 1], the largest first.
    """

    level: Level
    enough: bool
    n_reference: int
    n_week: int
    intents: CategoryDistance | None
    confidence: CategoryDistance | None
    embeddings: EmbeddingDistance | None
    embeddings_missing: Missing | None
    adjusted: dict[str, float]
    detectable_points: float | None
    moved: tuple[tuple[str, float], ...]


def drift_of(
    reference: Reference,
    *,
    intents: Sequence[str | None],
    confidences: npt.ArrayLike,
    embeddings: npt.ArrayLike | None = None,
    seed: int = 0,
) -> Drift:
    """Compare the messages of a week with the reference.

    Parameters
    ----------
    reference
        Of the same model.
    intents, confidences
        Predictions of the week, one a message.
    embeddings
        Embeddings of those whose text is kept, shape (m, hidden); None without a model.
    seed
        Of the random generator.
    """
    rng, counted = np.random.default_rng(seed), reference.predictions
    names = sorted({*counted.intents, *(name or "" for name in intents)})
    before = np.array([counted.intents.get(name, 0) for name in names], dtype=np.int64)
    after = _counted(intents, names)
    n_week = len(intents)
    if n_week < FEWEST:
        return _too_few(int(before.sum()), n_week)
    mix = category_distance(before, after, draws=DRAWS, rng=rng)
    levels = category_distance(
        np.array(counted.confidence_counts, dtype=np.int64),
        binned(confidences, counted.confidence_edges),
        draws=DRAWS,
        rng=rng,
    )
    cloud, missing = _embeddings(reference, embeddings)
    adjusted = _holm(mix, levels, cloud)
    return Drift(
        level=_level(mix, levels, cloud, adjusted),
        enough=True,
        n_reference=int(before.sum()),
        n_week=n_week,
        intents=mix,
        confidence=levels,
        embeddings=cloud,
        embeddings_missing=missing,
        adjusted=adjusted,
        detectable_points=detectable_points(before, n_week, rng=rng),
        moved=_moved(names, before, after),
    )


def detectable_points(before: Counts, n_week: int, *, rng: np.random.Generator) -> float | None:
    """Return the smallest shift that a week of that size would show with probability 0.8.

    The shift takes a share of all messages, in proportion, to an intent of middling frequency.

    Parameters
    ----------
    before
        Counts of the reference, shape (k,).
    n_week
        Messages of the week.
    """
    size, draws = int(before.sum()), 400
    share = before / size
    middling = int(np.argsort(share)[share.size // 2])
    drawn = rng.multinomial(size, share, size=draws)
    chance = stability_index(drawn, rng.multinomial(n_week, share, size=draws))
    # Holm's first step among three distances.
    threshold = np.quantile(chance, 1 - WATCH_P / 3)
    for shift in SHIFTS:
        shifted = share * (1 - shift)
        shifted[middling] += shift
        week = rng.multinomial(n_week, shifted, size=draws)
        if (stability_index(drawn, week) > threshold).mean() >= POWER:
            return shift
    return None


def _embeddings(
    reference: Reference, embeddings: npt.ArrayLike | None
) -> tuple[EmbeddingDistance | None, Missing | None]:
    moments = reference.predictions.embeddings
    if embeddings is None:
        return None, "model"
    if moments is None:
        return None, "reference"
    points = np.asarray(embeddings)
    if len(points) < FEWEST:
        return None, "texts"
    return embedding_distance(moments, points), None


def _level(
    intents: CategoryDistance,
    confidence: CategoryDistance,
    embeddings: EmbeddingDistance | None,
    adjusted: dict[str, float],
) -> Level:
    large = {
        "intents": intents.psi >= LARGE_INDEX,
        "confidence": confidence.psi >= LARGE_INDEX,
        "embeddings": embeddings is not None and embeddings.distance >= LARGE_DISTANCE,
    }
    if any(large[name] and p_value < ALERT_P for name, p_value in adjusted.items()):
        return "alert"
    return "watch" if min(adjusted.values()) < WATCH_P else "ok"


def _holm(
    intents: CategoryDistance, confidence: CategoryDistance, embeddings: EmbeddingDistance | None
) -> dict[str, float]:
    """Adjust the p-values for their number (Holm, 1979)."""
    p_values = {"intents": intents.p_value, "confidence": confidence.p_value}
    if embeddings is not None:
        p_values["embeddings"] = embeddings.p_value
    adjusted: dict[str, float] = {}
    largest = 0.0
    for rank, (name, p_value) in enumerate(sorted(p_values.items(), key=lambda one: one[1])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_value))
        adjusted[name] = largest
    return adjusted


def _counted(intents: Sequence[str | None], names: list[str]) -> Counts:
    place = {name: at for at, name in enumerate(names)}
    codes = np.array([place[name or ""] for name in intents], dtype=np.int64)
    return np.bincount(codes, minlength=len(names)).astype(np.int64)


def _moved(names: list[str], before: Counts, after: Counts) -> tuple[tuple[str, float], ...]:
    change = after / after.sum() - before / before.sum()
    order = np.argsort(-np.abs(change))[:5]
    return tuple((names[at], round(float(change[at]), 4)) for at in order)


def _too_few(n_reference: int, n_week: int) -> Drift:
    return Drift(
        level="ok",
        enough=False,
        n_reference=n_reference,
        n_week=n_week,
        intents=None,
        confidence=None,
        embeddings=None,
        embeddings_missing=None,
        adjusted={},
        detectable_points=None,
        moved=(),
    )
