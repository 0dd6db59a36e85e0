"""References, weeks of messages and drift checks in the store."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from nudge.store.database import Store
from serving.learning.drift import Drift
from serving.learning.reference import Reference, parse_reference
from serving.store.database import instant, recording
from serving.store.extension_tables import drift_check, drift_reference
from serving.store.tables import message

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedMessages:
    """What a model said of messages; one entry each in the three tuples."""

    intents: tuple[str | None, ...]
    confidences: tuple[float, ...]
    texts: tuple[str, ...]


def predicted_messages(
    store: Store, model_version: str, *, first: date, last: date
) -> PredictedMessages:
    """Return the first message of each conversation that a model read, day bounds included.

    Later messages of a conversation resemble the first: counted too, they would make a week look
    larger than it is, and chance look like drift.
    """
    table = message.c
    rank = func.row_number().over(
        partition_by=func.coalesce(table.conversation, table.identifier), order_by=table.turn
    )
    read = (
        select(
            table.intent,
            table.confidence,
            table.text,
            table.at,
            table.identifier,
            rank.label("rank"),
        )
        .where(table.at >= instant(_midnight(first)))
        .where(table.at < instant(_midnight(last + timedelta(days=1))))
        .where(table.model_version == model_version)
        .where(table.degraded.is_(False))
        .subquery()
    )
    query = (
        select(read.c.intent, read.c.confidence, read.c.text)
        .where(read.c.rank == 1)
        .order_by(read.c.at, read.c.identifier)
    )
    with store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return PredictedMessages(
        intents=tuple(row.intent for row in rows),
        confidences=tuple(row.confidence for row in rows),
        texts=tuple(row.text for row in rows),
    )


def keep_reference(store: Store, reference: Reference, *, made_at: datetime) -> None:
    """Keep the reference of a model in place of an earlier one."""
    row = {
        "model_version": reference.model_version,
        "content": reference.model_dump_json(),
        "at": instant(made_at),
    }
    _replace(store, drift_reference, row, compared="content")


def kept_reference(store: Store, model_version: str | None = None) -> Reference | None:
    """Return the reference of a model, by default the latest one; None where there is none.

    Raises
    ------
    CampaignError
        It is damaged, or of an earlier form.
    """
    query = select(drift_reference.c.content).order_by(drift_reference.c.at.desc()).limit(1)
    if model_version is not None:
        query = query.where(drift_reference.c.model_version == model_version)
    with store.engine.connect() as connection:
        content = connection.execute(query).scalar()
    return None if content is None else parse_reference(content, place="entrepôt")


def record_check(
    store: Store, drift: Drift, *, week: str, model_version: str, now: datetime
) -> bool:
    """Keep the check of a week in place of an earlier one; return whether it says anything new.

    Of several programs that check the same messages at once, one is told that it is new.
    """
    row = {
        "week": week,
        "model_version": model_version,
        "level": drift.level,
        "report": json.dumps(asdict(drift), ensure_ascii=False),
        "at": instant(now),
    }
    return _replace(store, drift_check, row, compared="report")


def forget_check(store: Store, *, week: str, model_version: str) -> None:
    """Take a check out again."""
    same = (drift_check.c.week == week) & (drift_check.c.model_version == model_version)
    with recording(store) as connection:
        connection.execute(delete(drift_check).where(same))


def latest_check(store: Store) -> dict[str, Any] | None:
    """Return the latest check: ``week``, ``model_version``, ``level``, ``report``; None before."""
    query = select(drift_check).order_by(drift_check.c.week.desc(), drift_check.c.at.desc())
    with store.engine.connect() as connection:
        row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else {**row, "report": json.loads(row["report"])}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PARIS)


def _replace(store: Store, table: Table, row: dict[str, Any], *, compared: str) -> bool:
    """Insert a row, or overwrite one that differs in a column, in a single statement."""
    dialect = sqlite if store.engine.dialect.name == "sqlite" else postgresql
    insertion = dialect.insert(table).values(row)
    keys = list(table.primary_key.columns)
    statement = insertion.on_conflict_do_update(
        index_elements=keys,
        set_={name: insertion.excluded[name] for name in row},
        where=table.c[compared] != insertion.excluded[compared],
    )
    with recording(store) as connection:
        return connection.execute(statement.returning(*keys)).first() is not None
