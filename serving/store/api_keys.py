"""API keys in the store."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from nudge.errors import CampaignError, Problem
from nudge.store.database import Store
from serving.security.api_key import ApiKey
from serving.security.scopes import SCOPES
from serving.store.database import instant, recording
from serving.store.tables import api_key


def save_key(store: Store, key: ApiKey) -> None:
    """Write a new key."""
    row = {
        "identifier": key.identifier,
        "name": key.name,
        "scopes": " ".join(sorted(key.scopes)),
        "secret_sha256": key.secret_sha256,
        "created_at": instant(key.created_at),
        "expires_at": instant(key.expires_at) if key.expires_at else None,
        "revoked_at": None,
    }
    with recording(store) as connection:
        connection.execute(insert(api_key).values(row))


def find_key(store: Store, identifier: str) -> ApiKey | None:
    """Return a key by its public part, valid or not; None where there is none."""
    query = select(api_key).where(api_key.c.identifier == identifier)
    with store.engine.connect() as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else _key(row)


def all_keys(store: Store) -> list[ApiKey]:
    """Return every key, the oldest first."""
    query = select(api_key).order_by(api_key.c.created_at, api_key.c.identifier)
    with store.engine.connect() as connection:
        return [_key(row) for row in connection.execute(query).mappings()]


def revoke_key(store: Store, identifier: str, *, now: datetime) -> None:
    """Revoke a key for good; one that is revoked keeps its date.

    Raises
    ------
    CampaignError
        There is no such key.
    """
    if find_key(store, identifier) is None:
        raise CampaignError(
            Problem(
                place=identifier,
                what="clé inconnue",
                mend="la liste est donnée par « pouce serve key list »",
            )
        )
    change = (
        update(api_key)
        .where(api_key.c.identifier == identifier)
        .where(api_key.c.revoked_at.is_(None))
        .values(revoked_at=instant(now))
    )
    with recording(store) as connection:
        connection.execute(change)


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        identifier=row["identifier"],
        name=row["name"],
        scopes=frozenset(one for one in SCOPES if one in row["scopes"].split()),
        secret_sha256=row["secret_sha256"],
        created_at=datetime.fromisoformat(row["created_at"]),
        expires_at=_moment(row["expires_at"]),
        revoked_at=_moment(row["revoked_at"]),
    )


def _moment(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
