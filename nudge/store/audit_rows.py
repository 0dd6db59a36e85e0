"""Audit of observations: each row against its own hash, its batch's ledger and the log."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Text, not_, select, type_coerce

from nudge.errors import Problem
from nudge.french.numbers import count
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.instruments.instrument import Instrument
from nudge.store.audit_chain import LoggedEvent
from nudge.store.bulk import bulk_read
from nudge.store.ill_typed import ill_typed
from nudge.store.ledger import LEDGER, stored_ledger
from nudge.store.rows import HASH, SEPARATOR, arrow_schema, row_hashes, row_keys
from nudge.store.tables import OBSERVATION_TABLES, import_batch

MAX_NAMED = 20
_BATCHED = pa.schema([("batch_id", pa.int64()), *LEDGER])
_BATCH_COLUMNS = {
    "instrument": "instrument",
    "file_name": "file_name",
    "sha256": "file_sha256",
    "n_rows": "n_rows",
    "n_new": "n_new",
    "digest": "digest",
}


def rows_problems(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> tuple[int, list[Problem]]:
    """Return the number of rows of a campaign and what is wrong with them, in French.

    Parameters
    ----------
    log
        Events of the campaign.
    """
    place = f"campagne {identifier}"
    ledgers, findings = _ledgers(connection, identifier, log)
    problems = [Problem(place=place, what=what, mend=mend) for what, mend in findings]
    total = 0
    for name, instrument in INSTRUMENTS.items():
        actual, false_hashes = _actual(connection, identifier, instrument)
        total += actual.num_rows
        expected = ledgers.get(name, _BATCHED.empty_table())
        order = [("key", "ascending"), ("batch_id", "ascending")]
        if actual.sort_by(order).equals(expected.sort_by(order)) and not false_hashes:
            continue
        for state, keys in _differences(actual, expected, false_hashes).items():
            problems += _named(keys, state=state, place=f"{place}, {name}", instrument=instrument)
    return total, problems


def _ledgers(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> tuple[dict[str, pa.Table], list[tuple[str, str]]]:
    """Return the rows that each instrument should have, and what is wrong with the batches."""
    restore = "Restaurer une sauvegarde de l'entrepôt."
    query = select(import_batch).where(import_batch.c.campaign == identifier)
    stored = {row.id: row for row in connection.execute(query.order_by(import_batch.c.id))}
    logged = {
        entry.payload["batch_id"]: entry.payload
        for entry in log
        if entry.kind == "import" and "batch_id" in entry.payload
    }
    digests = _digests(log)
    findings, tables = [], dict[str, list[pa.Table]]()
    for batch_id in sorted(stored.keys() | logged.keys()):
        if batch_id not in logged:
            findings.append((f"le lot n° {batch_id} n'est pas dans le journal", restore))
            continue
        payload = logged[batch_id]
        name = f"lot n° {batch_id} (« {payload['file_name']} »)"
        if batch_id not in stored:
            findings.append((f"le {name} a disparu", restore))
            continue
        row = stored[batch_id]
        if any(getattr(row, own) != payload[key] for own, key in _BATCH_COLUMNS.items()):
            findings.append((f"la fiche du {name} a été modifiée", restore))
        try:
            ledger, digest = stored_ledger(connection, batch_id)
        except ValueError:
            findings.append((f"le registre du {name} manque ou n'est plus lisible", restore))
            continue
        if digest != digests[batch_id]:
            findings.append((f"le registre du {name} a été modifié", restore))
        batched = ledger.add_column(0, _BATCHED.field(0), _repeated(batch_id, ledger.num_rows))
        tables.setdefault(payload["instrument"], []).append(batched)
    return {name: pa.concat_tables(parts) for name, parts in tables.items()}, findings


def _digests(log: Sequence[LoggedEvent]) -> dict[int, str]:
    """Digest that each batch must have now: of its import, or of the last erasure or purge."""
    digests = {}
    for entry in log:
        payload = entry.payload
        if entry.kind == "import" and "batch_id" in payload:
            digests[payload["batch_id"]] = payload["digest"]
        elif entry.kind in {"effacement", "purge"}:
            digests |= {batch["batch_id"]: batch["digest"] for batch in payload["batches"]}
    return digests


def _actual(
    connection: Connection, identifier: str, instrument: Instrument
) -> tuple[pa.Table, list[str]]:
    """Return the rows with the hashes that they should have, and the keys of false hashes."""
    table = OBSERVATION_TABLES[instrument.name]
    schema = arrow_schema(instrument)
    stored = pa.schema([*schema, pa.field("batch_id", pa.int64()), pa.field("row_hash", HASH)])
    query = select(*(table.c[name] for name in stored.names)).where(table.c.campaign == identifier)
    parts, false_hashes = [_BATCHED.empty_table()], list[str]()
    if connection.dialect.name == "sqlite":
        query = query.where(not_(ill_typed(instrument)))
        parts.append(_unreadable(connection, identifier, instrument))
    for block in bulk_read(connection, query, stored):
        rows = block.select(schema.names)
        keys, hashes = row_keys(rows, instrument), row_hashes(rows)
        false = pc.not_equal(hashes, block["row_hash"].combine_chunks())
        false_hashes += keys.filter(false).to_pylist()
        parts.append(pa.table([block["batch_id"], keys, hashes], schema=_BATCHED))
    return pa.concat_tables(parts), false_hashes


def _unreadable(connection: Connection, identifier: str, instrument: Instrument) -> pa.Table:
    """Rows that hold a cell of the wrong kind, with a hash that no row has."""
    table = OBSERVATION_TABLES[instrument.name]
    columns = [type_coerce(table.c[name], Text) for name in instrument.key]
    query = select(type_coerce(table.c.batch_id, Text), *columns).where(
        table.c.campaign == identifier, ill_typed(instrument)
    )
    rows = connection.execute(query).all()
    batches = [batch if isinstance(batch, int) else 0 for batch, *_ in rows]
    keys = [SEPARATOR.join(map(str, parts)) for _, *parts in rows]
    return pa.table([batches, keys, [bytes(32)] * len(rows)], schema=_BATCHED)


def _differences(
    actual: pa.Table, expected: pa.Table, false_hashes: Sequence[str]
) -> dict[str, list[str]]:
    both = actual.to_pandas().merge(
        expected.to_pandas(), how="outer", on=["batch_id", "key"], indicator="side"
    )
    changed = both["row_hash_x"].ne(both["row_hash_y"]) | both["key"].isin(false_hashes)
    sides = {
        "modifiée": both["side"].eq("both") & changed,
        "supprimée": both["side"].eq("right_only"),
        "ajoutée": both["side"].eq("left_only"),
    }
    return {state: sorted(both["key"][chosen]) for state, chosen in sides.items()}


def _named(
    keys: Sequence[str], *, state: str, place: str, instrument: Instrument
) -> Iterator[Problem]:
    mends = {
        "modifiée": "Rétablir la valeur du fichier d'origine ou restaurer une sauvegarde.",
        "supprimée": "Restaurer une sauvegarde de l'entrepôt.",
        "ajoutée": "Retirer la ligne, ou restaurer une sauvegarde, puis importer un fichier.",
    }
    for key in keys[:MAX_NAMED]:
        parts = zip(instrument.key, key.split(SEPARATOR), strict=True)
        name = ", ".join(f"{column} {value}" for column, value in parts)
        what = f"{name} : ligne {state} hors import"
        yield Problem(place=place, what=what, mend=mends[state])
    if len(keys) > MAX_NAMED:
        rest = count(len(keys) - MAX_NAMED, "autre ligne", "autres lignes")
        plural = "s" if len(keys) - MAX_NAMED > 1 else ""
        yield Problem(place=place, what=f"{rest} {state}{plural} hors import", mend=mends[state])


def _repeated(value: int, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.int64()), size)
