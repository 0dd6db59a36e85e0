"""Erasure of a person's rows and purge of old ones, leaving a store that audits as intact.

Each change rewrites the ledger of the batches that it touches and logs their new digests. The
log names no pseudonym: it says how many rows changed and why.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, Connection, delete, select

from nudge.instruments.catalogue import INSTRUMENTS
from nudge.instruments.instrument import Instrument
from nudge.store.bulk import bulk_insert, bulk_read
from nudge.store.campaigns import require_campaign
from nudge.store.event_log import append_event
from nudge.store.ledger import LEDGER, save_ledger, stored_ledger
from nudge.store.persons import PSEUDONYM
from nudge.store.rows import arrow_schema, stamped_rows
from nudge.store.tables import OBSERVATION_TABLES

Change = Callable[[pa.Table], pa.Table]


def erase_person(
    connection: Connection, campaign: str, pseudonym: str, reason: str, *, remove: bool = False
) -> int:
    """Erase a person from the observations of a campaign, and append the event ``effacement``.

    By default the pseudonym gives way to a random one, the same in all instruments: the rows no
    longer lead to the person and the trial keeps its intention-to-treat population. Keys that
    contain the pseudonym are rewritten too. Objections stay: without them the person would be
    addressed again.

    Parameters
    ----------
    pseudonym
        ``foyer_id`` to erase.
    reason
        Why, without anything that leads to the person.
    remove
        Whether the rows themselves are removed.

    Returns
    -------
    int
        Number of rows changed; 0, and no event, where there was none.

    Raises
    ------
    CampaignError
        The campaign is unknown.
    """
    require_campaign(connection, campaign)
    substitute = f"efface-{secrets.token_hex(12)}"
    changed = {}
    for name, instrument in INSTRUMENTS.items():
        if PSEUDONYM in instrument.column_names:
            condition = OBSERVATION_TABLES[name].c[PSEUDONYM] == pseudonym
            change = None if remove else _renaming(pseudonym, substitute, instrument.key)
            changed[name] = _change_rows(
                connection, campaign, instrument, condition=condition, change=change
            )
    about = {"reason": reason, "removed": remove}
    return _log(connection, campaign, kind="effacement", changed=changed, about=about)


def purge(connection: Connection, campaign: str, before: date) -> int:
    """Remove the observations made before a day, and append the event ``purge``.

    Of consents, those withdrawn before that day go; a consent that stands is a proof to keep.

    Returns
    -------
    int
        Number of rows removed; 0, and no event, where there was none.

    Raises
    ------
    CampaignError
        The campaign is unknown.
    """
    require_campaign(connection, campaign)
    changed = {}
    for name, instrument in INSTRUMENTS.items():
        day = "date" if "date" in instrument.column_names else "retire_le"
        condition = OBSERVATION_TABLES[name].c[day] < before
        changed[name] = _change_rows(connection, campaign, instrument, condition=condition)
    about = {"before": before.isoformat()}
    return _log(connection, campaign, kind="purge", changed=changed, about=about)


def _change_rows(
    connection: Connection,
    campaign: str,
    instrument: Instrument,
    *,
    condition: ColumnElement[bool],
    change: Change | None = None,
) -> dict[int, tuple[int, str]]:
    """Remove or change rows; return how many in each batch, and the batch's new digest."""
    table = OBSERVATION_TABLES[instrument.name]
    selected = (table.c.campaign == campaign, condition)
    schema = arrow_schema(instrument).append(pa.field("batch_id", pa.int64()))
    query = select(*(table.c[name] for name in schema.names)).where(*selected)
    blocks = list(bulk_read(connection, query, schema))
    if not blocks:
        return {}
    old = pa.concat_tables(blocks)
    connection.execute(delete(table).where(*selected))
    digests = {}
    for batch_id in pc.unique(old["batch_id"]).to_pylist():
        rows = old.filter(pc.equal(old["batch_id"], batch_id)).drop_columns("batch_id")
        gone = stamped_rows(rows, campaign=campaign, instrument=instrument, batch_id=batch_id)
        new = gone.slice(0, 0)
        if change is not None:
            new = stamped_rows(
                change(rows), campaign=campaign, instrument=instrument, batch_id=batch_id
            )
            bulk_insert(connection, table, new)
        ledger, _ = stored_ledger(connection, batch_id)
        kept = ledger.filter(pc.invert(pc.is_in(ledger["key"], gone["key"].combine_chunks())))
        ledger = pa.concat_tables([kept, new.select(LEDGER.names)])
        digests[batch_id] = (rows.num_rows, save_ledger(connection, batch_id, ledger))
    return digests


def _renaming(pseudonym: str, substitute: str, key: Sequence[str]) -> Change:
    def rename(rows: pa.Table) -> pa.Table:
        for name in (PSEUDONYM, *key):
            place = rows.schema.get_field_index(name)
            column = pc.replace_substring(rows[name], pseudonym, substitute)
            rows = rows.set_column(place, rows.schema.field(place), column)
        return rows

    return rename


def _log(
    connection: Connection,
    campaign: str,
    *,
    kind: str,
    changed: dict[str, dict[int, tuple[int, str]]],
    about: Mapping[str, object],
) -> int:
    batches = [
        {"batch_id": batch_id, "instrument": name, "n_rows": n_rows, "digest": digest}
        for name, digests in changed.items()
        for batch_id, (n_rows, digest) in digests.items()
    ]
    if batches:
        append_event(
            connection, campaign=campaign, kind=kind, payload={**about, "batches": batches}
        )
    return sum(n_rows for digests in changed.values() for n_rows, _ in digests.values())
