"""Campaigns in the store: text, status, frozen zones and the allocation that the draw gave."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal, get_args

import pandas as pd
from sqlalchemy import Connection, Row, delete, insert, select, update

from nudge.errors import CampaignError, Problem
from nudge.store.database import Store
from nudge.store.event_log import append_event, canonical_json, instant
from nudge.store.tables import allocation as allocation_table
from nudge.store.tables import campaign as campaign_table
from nudge.store.tables import lock, zone_of_campaign

Status = Literal["brouillon", "validee", "verrouillee", "en_cours", "close", "publiee"]
STATUSES: tuple[Status, ...] = get_args(Status)
BEFORE_LOCK = frozenset({"brouillon", "validee"})

ZONE_COLUMNS: MappingProxyType[str, str] = MappingProxyType(
    {
        "zone_id": "str",
        "nom": "str",
        "code_insee": "str",
        "commune": "str",
        "tournee_id": "str",
        "type_habitat": "str",
        "n_logements": "Int64",
        "n_residences_secondaires": "Int64",
        "part_residences_secondaires": "float64",
        "latitude": "float64",
        "longitude": "float64",
        "n_zones": "Int64",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCampaign:
    """A campaign as the store knows it.

    Attributes
    ----------
    identifier, title
        Of the campaign file.
    status
        ``brouillon``, ``validee``, ``verrouillee``, ``en_cours``, ``close`` or ``publiee``.
    yaml
        Text in force: of the lock, or of the last amendment.
    plan_sha256, zones_sha256, seed
        Of the lock and of the draw; None before.
    simulation
        Whether its data are simulated.
    folder
        Folder of the campaign.
    updated_at
        Instant of the last change, ISO 8601 in UTC.
    """

    identifier: str
    title: str
    status: str
    yaml: str
    plan_sha256: str | None
    zones_sha256: str | None
    seed: int | None
    simulation: bool
    folder: str
    updated_at: str


_CHANGEABLE = frozenset(field.name for field in fields(StoredCampaign)) - {
    "identifier",
    "status",
    "updated_at",
}


def save_campaign(
    connection: Connection,
    *,
    identifier: str,
    title: str,
    yaml: str,
    status: str,
    simulation: bool,
    folder: str,
) -> None:
    """Write a campaign, new or known.

    Raises
    ------
    CampaignError
        The campaign is locked and its text or status would go back behind the lock.
    """
    columns = {"title": title, "yaml": yaml, "simulation": simulation, "folder": folder}
    if _is_stored(connection, identifier):
        set_status(connection, identifier, status, **columns)
        return
    row = {"identifier": identifier, "status": _known(status), "updated_at": instant(), **columns}
    connection.execute(insert(campaign_table).values(row))


def set_status(connection: Connection, identifier: str, status: str, **columns: Any) -> None:
    """Change the status of a campaign, and further columns of :class:`StoredCampaign`.

    Raises
    ------
    CampaignError
        The campaign is unknown, or locked and its text or status would go back behind the lock.
    ValueError
        The status or a column does not exist.
    """
    unknown = sorted(columns.keys() - _CHANGEABLE)
    if unknown:
        raise ValueError(f"no such columns of a campaign: {unknown}")
    require_campaign(connection, identifier)
    _refuse_unlocking(connection, identifier, _known(status), columns)
    connection.execute(
        update(campaign_table)
        .where(campaign_table.c.identifier == identifier)
        .values(status=status, updated_at=instant(), **columns)
    )


def stored_campaign(store: Store, identifier: str) -> StoredCampaign:
    """Return one campaign.

    Raises
    ------
    CampaignError
        The store does not know it.
    """
    query = select(campaign_table).where(campaign_table.c.identifier == identifier)
    with store.engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise _unknown(identifier)
    return _campaign(row)


def stored_campaigns(store: Store) -> list[StoredCampaign]:
    """Return all campaigns, by identifier."""
    query = select(campaign_table).order_by(campaign_table.c.identifier)
    with store.engine.connect() as connection:
        return [_campaign(row) for row in connection.execute(query)]


def save_zones(connection: Connection, identifier: str, zones: pd.DataFrame) -> None:
    """Write the zones of a campaign in their order, in place of those it had.

    Parameters
    ----------
    zones
        Columns of :func:`nudge.territory.nesting.clusters_of`, one row a zone; only ``zone_id``
        must be there, others may be missing.

    Raises
    ------
    CampaignError
        The campaign is unknown or locked: the zones of a locked campaign do not change.
    ValueError
        A column is unknown, or a zone appears twice.
    """
    unknown = sorted(set(zones.columns) - set(ZONE_COLUMNS))
    if unknown:
        raise ValueError(f"no such columns of a zone: {unknown}")
    if zones["zone_id"].duplicated().any():
        raise ValueError("a zone appears twice")
    require_campaign(connection, identifier)
    if is_locked(connection, identifier):
        raise CampaignError(
            Problem(
                place=identifier,
                what="la campagne est verrouillée : ses zones ne changent plus",
                mend="Créer une nouvelle campagne pour d'autres zones.",
            )
        )
    connection.execute(delete(zone_of_campaign).where(zone_of_campaign.c.campaign == identifier))
    frame = zones.reindex(columns=list(ZONE_COLUMNS)).astype(dict(ZONE_COLUMNS))
    plain = frame.astype(object).where(frame.notna(), None)
    rows = [
        {"campaign": identifier, "position": position, **row}
        for position, row in enumerate(plain.to_dict("records"))
    ]
    if rows:
        connection.execute(insert(zone_of_campaign), rows)


def campaign_zones(store: Store, identifier: str) -> pd.DataFrame:
    """Return the zones of a campaign in the order in which they were saved."""
    with store.engine.connect() as connection:
        rows = _zone_rows(connection, identifier)
    return pd.DataFrame(rows, columns=list(ZONE_COLUMNS)).astype(dict(ZONE_COLUMNS))


def zones_digest(connection: Connection, identifier: str) -> str:
    """Return the SHA-256, in hexadecimal, of the zones as stored."""
    rows = [list(row.values()) for row in _zone_rows(connection, identifier)]
    return hashlib.sha256(canonical_json(rows).encode()).hexdigest()


def save_allocation(
    connection: Connection,
    identifier: str,
    allocation: Mapping[str, str],
    *,
    record: Mapping[str, Any] | None = None,
) -> None:
    """Write the arm of each zone, once, and append the event ``tirage`` with its digest.

    Writing the same allocation again changes nothing.

    Parameters
    ----------
    allocation
        Zone to arm.
    record
        What else the event says, such as seed and method.

    Raises
    ------
    CampaignError
        The campaign is unknown, or already has another allocation.
    """
    require_campaign(connection, identifier)
    stored = _allocation(connection, identifier)
    if stored == dict(allocation):
        return
    if stored:
        raise CampaignError(
            Problem(
                place=identifier,
                what="le tirage a déjà eu lieu : il ne se refait pas",
                mend="Créer une nouvelle campagne pour un autre tirage.",
            )
        )
    rows = [
        {"campaign": identifier, "zone_id": zone, "arm": arm} for zone, arm in allocation.items()
    ]
    connection.execute(insert(allocation_table), rows)
    payload = {
        **(record or {}),
        "n_zones": len(rows),
        "allocation_sha256": allocation_digest(allocation),
    }
    append_event(connection, campaign=identifier, kind="tirage", payload=payload)


def allocation(store: Store, identifier: str) -> dict[str, str]:
    """Return the arm of each zone; empty before the draw."""
    with store.engine.connect() as connection:
        return _allocation(connection, identifier)


def allocation_digest(allocation: Mapping[str, str]) -> str:
    """Return the SHA-256, in hexadecimal, of an allocation, whatever the order of its zones."""
    return hashlib.sha256(canonical_json(dict(allocation)).encode()).hexdigest()


def require_campaign(connection: Connection, identifier: str) -> None:
    """Raise CampaignError unless the store knows the campaign."""
    if not _is_stored(connection, identifier):
        raise _unknown(identifier)


def is_locked(connection: Connection, identifier: str) -> bool:
    """Whether the campaign's plan is locked."""
    query = select(lock.c.campaign).where(lock.c.campaign == identifier)
    return connection.execute(query).first() is not None


def _allocation(connection: Connection, identifier: str) -> dict[str, str]:
    query = (
        select(allocation_table.c.zone_id, allocation_table.c.arm)
        .where(allocation_table.c.campaign == identifier)
        .order_by(allocation_table.c.zone_id)
    )
    return {row.zone_id: row.arm for row in connection.execute(query)}


def _zone_rows(connection: Connection, identifier: str) -> list[dict[str, Any]]:
    query = (
        select(*(zone_of_campaign.c[name] for name in ZONE_COLUMNS))
        .where(zone_of_campaign.c.campaign == identifier)
        .order_by(zone_of_campaign.c.position)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _is_stored(connection: Connection, identifier: str) -> bool:
    query = select(campaign_table.c.identifier).where(campaign_table.c.identifier == identifier)
    return connection.execute(query).first() is not None


def _refuse_unlocking(
    connection: Connection, identifier: str, status: str, columns: Mapping[str, Any]
) -> None:
    if not is_locked(connection, identifier):
        return
    query = select(campaign_table.c.yaml).where(campaign_table.c.identifier == identifier)
    in_force = connection.execute(query).scalar_one()
    if columns.get("yaml", in_force) != in_force:
        raise CampaignError(
            Problem(
                place=identifier,
                what="la campagne est verrouillée : son texte ne change plus",
                mend="Passer par un avenant : pouce campaign amend.",
            )
        )
    if status in BEFORE_LOCK:
        raise CampaignError(
            Problem(
                place=identifier,
                what=f"la campagne est verrouillée : elle ne redevient pas « {status} »",
                mend="Créer une nouvelle campagne.",
            )
        )


def _known(status: str) -> str:
    if status not in STATUSES:
        raise ValueError(f"no such status: {status!r}; one of {', '.join(STATUSES)}")
    return status


def _unknown(identifier: str) -> CampaignError:
    return CampaignError(
        Problem(
            place=identifier,
            what="campagne inconnue de l'entrepôt",
            mend="La créer par pouce campaign new, ou vérifier --store.",
        )
    )


def _campaign(row: Row[Any]) -> StoredCampaign:
    return StoredCampaign(**row._mapping)
