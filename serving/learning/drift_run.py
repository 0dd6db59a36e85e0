"""Checking a week: messages compared with the reference, kept, and logged as an MLflow run."""

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta

from experiments.tracking import log_run
from nlu.inference.engine import Engine
from nlu.inference.prediction_reference import redacted_embeddings
from nudge.store.database import Store
from serving.learning.drift import Drift, Level, drift_of
from serving.learning.drift_figure import drift_csv, drift_svg
from serving.learning.drift_store import forget_check, predicted_messages, record_check
from serving.learning.reference import Reference

EXPERIMENT = "drift"
LEVELS: dict[Level, int] = {"ok": 0, "watch": 1, "alert": 2}


def check_week(
    store: Store, week: str, *, reference: Reference, engine: Engine | None, now: datetime
) -> Drift:
    """Compare a week's messages with a reference, keep and log the result.

    A check that says what is known already, because another replica made it or it was made
    before, is not logged again.

    Parameters
    ----------
    store
        Where messages are, and checks are kept.
    week
        ISO week, such as ``2026-W46``.
    reference
        Says whose messages are compared.
    engine
        The model of the reference, which embeds the redacted texts; None where it cannot be had.
    now
        Present instant.

    Raises
    ------
    ValueError
        The week is not one.
    """
    monday, version = first_day(week), reference.model_version
    read = predicted_messages(store, version, first=monday, last=monday + timedelta(days=6))
    drift = drift_of(
        reference,
        intents=read.intents,
        confidences=read.confidences,
        embeddings=None if engine is None else redacted_embeddings(engine, read.texts),
    )
    if record_check(store, drift, week=week, model_version=version, now=now):
        try:
            _log(drift, week=week, reference=reference)
        except Exception:
            # So that the next try logs it.
            forget_check(store, week=week, model_version=version)
            raise
    return drift


def drift_metrics(drift: Drift) -> dict[str, float]:
    """Return the figures of a check by name, for a run; the level is 0, 1 or 2."""
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
        figures["embeddings_distance"] = drift.embeddings.distance
        figures["embeddings_texts"] = drift.embeddings.texts
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


def _log(drift: Drift, *, week: str, reference: Reference) -> None:
    texts = {"drift.json": json.dumps(asdict(drift), ensure_ascii=False, indent=1)}
    if drift.enough:
        texts["drift.csv"] = drift_csv(drift)
        texts["drift.svg"] = drift_svg(drift, week=week)
    log_run(
        name=f"drift {week}",
        parameters={
            "week": week,
            "model_version": reference.model_version,
            "reference": reference.source,
            "reference_made_at": "" if reference.made_at is None else reference.made_at.isoformat(),
        },
        metrics=drift_metrics(drift),
        texts=texts,
        tags={"level": drift.level},
        experiment=EXPERIMENT,
    )
