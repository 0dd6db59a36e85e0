"""Rights of the persons behind pseudonyms: access and objection (GDPR, articles 15 and 21)."""

import secrets

import pandas as pd
from sqlalchemy import Connection, insert, select

from nudge.instruments.catalogue import INSTRUMENTS
from nudge.store.campaigns import require_campaign
from nudge.store.database import Store
from nudge.store.event_log import append_event, instant
from nudge.store.locks import text_sha256
from nudge.store.tables import OBSERVATION_TABLES
from nudge.store.tables import objection as objection_table

PSEUDONYM = "foyer_id"


def export_person(store: Store, pseudonym: str) -> dict[str, pd.DataFrame]:
    """Return all that the store holds on a pseudonym, whatever the campaign.

    Returns
    -------
    dict
        For each instrument with rows, its columns after ``campaign``; under ``opposition`` the
        campaigns objected to and since when. Empty where nothing is held.
    """
    found = {}
    with store.engine.connect() as connection:
        for name, instrument in INSTRUMENTS.items():
            if PSEUDONYM not in instrument.column_names:
                continue
            table = OBSERVATION_TABLES[name]
            columns = [table.c[column] for column in ("campaign", *instrument.column_names)]
            query = select(*columns).where(table.c[PSEUDONYM] == pseudonym).order_by(*columns)
            found[name] = pd.DataFrame(connection.execute(query).mappings().all())
        query = (
            select(objection_table.c.campaign, objection_table.c.at)
            .where(objection_table.c.pseudonym == pseudonym)
            .order_by(objection_table.c.campaign)
        )
        found["opposition"] = pd.DataFrame(connection.execute(query).mappings().all())
    return {name: frame for name, frame in found.items() if len(frame)}


def object_person(connection: Connection, campaign: str, pseudonym: str) -> None:
    """Record that a person objects, so that nothing is addressed to them any more.

    The event ``opposition`` holds a salted hash only, for events are never erased. An objection
    that is known changes nothing.

    Raises
    ------
    CampaignError
        The campaign is unknown.
    """
    require_campaign(connection, campaign)
    known = (
        select(objection_table.c.at)
        .where(objection_table.c.campaign == campaign)
        .where(objection_table.c.pseudonym == pseudonym)
    )
    if connection.execute(known).first() is not None:
        return
    salt = secrets.token_hex(16)
    row = {"campaign": campaign, "pseudonym": pseudonym, "salt": salt, "at": instant()}
    connection.execute(insert(objection_table).values(row))
    payload = {"objection_sha256": objection_hash(pseudonym, salt)}
    append_event(connection, campaign=campaign, kind="opposition", payload=payload)


def objections(store: Store, campaign: str) -> set[str]:
    """Return the pseudonyms to which nothing may be addressed in a campaign."""
    query = select(objection_table.c.pseudonym).where(objection_table.c.campaign == campaign)
    with store.engine.connect() as connection:
        return set(connection.execute(query).scalars())


def objection_hash(pseudonym: str, salt: str) -> str:
    """Return the hash that the event of an objection holds, in hexadecimal."""
    return text_sha256(f"{salt}:{pseudonym}")
