"""The locked plan of a campaign and the numbered amendments to it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from nudge.errors import CampaignError, Problem
from nudge.store.campaigns import is_locked, require_campaign, zones_digest
from nudge.store.database import Store
from nudge.store.event_log import append_event, canonical_json, instant
from nudge.store.tables import amendment as amendment_table
from nudge.store.tables import campaign as campaign_table
from nudge.store.tables import lock as lock_table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLock:
    """What was locked.

    Attributes
    ----------
    plan_sha256, zones_sha256
        SHA-256, in hexadecimal, of plan and zones, as the caller computed them.
    yaml
        Text of the campaign when it was locked.
    record
        What else the lock says.
    at
        Instant, ISO 8601 in UTC.
    """

    plan_sha256: str
    zones_sha256: str
    yaml: str
    record: dict[str, Any]
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A change of a locked plan.

    Attributes
    ----------
    number
        From 1.
    reason
        Why, in the words of the manager.
    changes
        What changed.
    yaml, plan_sha256
        Text and hash of the plan from then on.
    at
        Instant, ISO 8601 in UTC.
    """

    number: int
    reason: str
    changes: dict[str, Any]
    yaml: str
    plan_sha256: str
    at: str


def save_lock(
    connection: Connection,
    identifier: str,
    *,
    plan_sha256: str,
    zones_sha256: str,
    record: Mapping[str, Any],
) -> None:
    """Lock the stored text and zones of a campaign and append the event ``verrouillage``.

    The status becomes ``verrouillee``. From here on the text changes by amendment only, and the
    zones not at all.

    Raises
    ------
    CampaignError
        The campaign is unknown or already locked.
    """
    require_campaign(connection, identifier)
    if is_locked(connection, identifier):
        raise CampaignError(
            Problem(
                place=identifier,
                what="la campagne est déjà verrouillée",
                mend="Passer par un avenant : pouce campaign amend.",
            )
        )
    yaml = _text_in_force(connection, identifier)
    hashes = {"plan_sha256": plan_sha256, "zones_sha256": zones_sha256}
    text = canonical_json(record)
    now = instant()
    connection.execute(
        insert(lock_table).values(campaign=identifier, yaml=yaml, record=text, at=now, **hashes)
    )
    connection.execute(
        update(campaign_table)
        .where(campaign_table.c.identifier == identifier)
        .values(status="verrouillee", updated_at=now, **hashes)
    )
    payload = {
        **hashes,
        "yaml_sha256": text_sha256(yaml),
        "record_sha256": text_sha256(text),
        "stored_zones_sha256": zones_digest(connection, identifier),
    }
    append_event(connection, campaign=identifier, kind="verrouillage", payload=payload)


def stored_lock(store: Store, identifier: str) -> StoredLock | None:
    """Return the lock of a campaign; None before it."""
    query = select(lock_table).where(lock_table.c.campaign == identifier)
    with store.engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    return StoredLock(
        plan_sha256=row.plan_sha256,
        zones_sha256=row.zones_sha256,
        yaml=row.yaml,
        record=json.loads(row.record),
        at=row.at,
    )


def add_amendment(
    connection: Connection,
    identifier: str,
    *,
    reason: str,
    changes: Mapping[str, Any],
    title: str,
    yaml: str,
    plan_sha256: str,
) -> int:
    """Put a new text in force on a locked campaign and append the event ``avenant``.

    Parameters
    ----------
    title
        Title as it may be shown from then on.

    Returns
    -------
    int
        Number of the amendment, from 1.

    Raises
    ------
    CampaignError
        The campaign is not locked.
    """
    require_campaign(connection, identifier)
    if not is_locked(connection, identifier):
        raise CampaignError(
            Problem(
                place=identifier,
                what="la campagne n'est pas verrouillée : un avenant n'a pas lieu d'être",
                mend="Modifier campagne.yaml, puis : pouce campaign check.",
            )
        )
    count = select(func.count()).where(amendment_table.c.campaign == identifier)
    number = int(connection.execute(count).scalar_one()) + 1
    text = canonical_json(changes)
    now = instant()
    connection.execute(
        insert(amendment_table).values(
            campaign=identifier,
            number=number,
            reason=reason,
            changes=text,
            yaml=yaml,
            plan_sha256=plan_sha256,
            at=now,
        )
    )
    connection.execute(
        update(campaign_table)
        .where(campaign_table.c.identifier == identifier)
        .values(title=title, yaml=yaml, plan_sha256=plan_sha256, updated_at=now)
    )
    payload = {
        "number": number,
        "reason": reason,
        "changes_sha256": text_sha256(text),
        "yaml_sha256": text_sha256(yaml),
        "plan_sha256": plan_sha256,
    }
    append_event(connection, campaign=identifier, kind="avenant", payload=payload)
    return number


def amendments(store: Store, identifier: str) -> list[Amendment]:
    """Return the amendments of a campaign in order."""
    query = (
        select(amendment_table)
        .where(amendment_table.c.campaign == identifier)
        .order_by(amendment_table.c.number)
    )
    with store.engine.connect() as connection:
        return [_amendment(row) for row in connection.execute(query)]


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _text_in_force(connection: Connection, identifier: str) -> str:
    query = select(campaign_table.c.yaml).where(campaign_table.c.identifier == identifier)
    return str(connection.execute(query).scalar_one())


def _amendment(row: Row[Any]) -> Amendment:
    return Amendment(
        number=row.number,
        reason=row.reason,
        changes=json.loads(row.changes),
        yaml=row.yaml,
        plan_sha256=row.plan_sha256,
        at=row.at,
    )
