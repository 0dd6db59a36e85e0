"""Checking a week: messages compared with the reference, kept, and logged as an MLflow run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

import numpy.typing as npt

from experiments.tracking import log_run
from nudge.store.database import Store
from serving.learning.drift import Drift, Level, drift_of
from serving.learning.drift_store import kept_reference, predicted_messages, record_check

EXPERIMENT = "drift"
LEVELS: dict[Level, int] = {"ok": 0, "watch": 1, "alert": 2}
# Pooled embeddings of texts, shape (n, d).
Embed = Callable[[Sequence[str]], npt.ArrayLike]


def check_week(
    store: Store,
    week: str,
    *,
    now: datetime,
    model_version: str | None = None,
    embed: Embed | None = None,
) -> Drift:
    """Compare a week's messages with the reference of the model, keep and log the result.

    Parameters
    ----------
    store
        Where messages and references are.
    week
        ISO week, such as ``2026-W46``.
    now
        Present instant.
    model_version
        Whose messages; by default that of the latest reference.
    embed
        Embeds the redacted texts; without it embeddings are not compared.

    Raises
    ------
    CampaignError
        The model has no reference.
    ValueError
        The week is not one.
    """
    monday = first_day(week)
    reference = kept_reference(store, model_version)
    read = predicted_messages(
        store, reference.model_version, first=monday, last=monday + timedelta(days=6)
    )
    drift = drift_of(
        reference,
        intents=read.intents,
        confidences=read.confidences,
        embeddings=embed(read.texts) if embed is not None and read.texts else None,
    )
    record_check(store, drift, week=week, model_version=reference.model_version, now=now)
    log_run(
        name=f"drift {week}",
        parameters={
            "week": week,
            "model_version": reference.model_version,
            "reference": reference.source,
            "reference_made_at": reference.made_at.isoformat(),
        },
        metrics=drift_metrics(drift),
        texts={"drift.json": json.dumps(asdict(drift), ensure_ascii=False, indent=1)},
        tags={"level": drift.level},
        experiment=EXPERIMENT,
    )
    return drift


def drift_metrics(drift: Drift) -> dict[str, float]:
    """Return the figures of a check by name, for a run or a gauge; the level is 0, 1 or 2."""
    figures: dict[str, float] = {
        "level": LEVELS[drift.level],
        "messages": drift.n_week,
        **{f"{name}_p_adjusted": value for name, value in drift.adjusted.items()},
    }
    for name, found in (("intents", drift.intents), ("confidence", drift.confidence)):
        if found is not None:
            figures[f"{name}_psi"] = found.psi
            figures[f"{name}_jensen_shannon"] = found.jensen_shannon
    if drift.embeddings is not None:
        figures["embeddings_mmd"] = drift.embeddings.mmd
    if drift.detectable_points is not None:
        figures["detectable_shift"] = drift.detectable_points
    return figures


def first_day(week: str) -> date:
    """Return the Monday of an ISO week; ValueError where the text is none."""
    return datetime.strptime(f"{week}-1", "%G-W%V-%u").date()


def week_before(day: date) -> str:
    """Return the ISO week before that of a day: the last whole one."""
    year, number, _ = (day - timedelta(days=7)).isocalendar()
    return f"{year}-W{number:02d}"
