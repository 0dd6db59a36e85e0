"""Importing the export of the client relation tool: all of its rows or none, each once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pyarrow as pa
from sqlalchemy import Connection, insert, select

from nudge.errors import CampaignError, Problem
from nudge.imports.cell_checks import cell_faults, typed_chunk
from nudge.imports.checked_rows import named_columns
from nudge.imports.columns import matched
from nudge.imports.faults import FaultLog
from nudge.imports.source_file import SourceFile, source_file
from nudge.imports.text_rows import text_rows
from nudge.instruments.instrument import Instrument
from nudge.store.bulk import bulk_insert, bulk_read
from nudge.store.database import Store, writing
from serving.contacts.contact_checks import (
    Vocabulary,
    commune_code,
    meaning_faults,
    pseudonym_faults,
)
from serving.contacts.contacts_report import ContactsReport, RefusedContactsError
from serving.contacts.export_columns import PSEUDONYM, TEXT, contact_columns
from serving.contacts.typing import BY_CLASSIFIER, Classify, typed_contacts
from serving.store.database import instant
from serving.store.extension_tables import crm_batch, crm_contact

PARIS = ZoneInfo("Europe/Paris")
SEPARATOR = "\x1f"


def import_contacts(
    store: Store,
    path: Path,
    *,
    vocabulary: Vocabulary,
    now: datetime,
    classify: Classify | None = None,
    keep_text: bool = False,
) -> ContactsReport:
    """Import an export of contacts (CSV, XLSX or Parquet; ``contacts.schema.json``).

    A contact is known by all of its columns but the text, and by its rank among equal rows: the
    same file, or one whose period overlaps, brings in only what is new. Hence an export should
    hold closed contacts: one that changed later would count as another.

    Parameters
    ----------
    store
        Where contacts are kept: pseudonym, date and types; no text unless asked.
    path
        The export.
    vocabulary
        Themes, intents and communes.
    now
        Present instant.
    classify
        Types the contacts without theme that have a text.
    keep_text
        Whether redacted texts are kept.

    Raises
    ------
    RefusedContactsError
        With every faulty cell (line, column, what is wrong, mend), or why the file cannot be read.
    """
    with _refusing():
        source = source_file(path)
    known = _known_batch(store, source)
    if known is not None:
        return known
    with _refusing():
        values = _checked(source, vocabulary, now)
    typed = typed_contacts(values, vocabulary, classify=classify, keep_text=keep_text)
    contacts = typed.with_columns(_identifiers(values, vocabulary), batch=pl.lit(source.sha256))
    # One writer at a time: what is known stays known until the commit.
    with writing(store) as connection:
        new = contacts.join(_known_contacts(connection, contacts), on="identifier", how="anti")
        columns = [column.name for column in crm_contact.columns]
        bulk_insert(connection, crm_contact, _arrow(new.select(columns)))
        row = {"sha256": source.sha256, "file_name": path.name, "n_rows": contacts.height,
               "n_new": new.height, "at": instant(now)}  # fmt: skip
        connection.execute(insert(crm_batch).values(row))
    return ContactsReport(
        file=path.name,
        sha256=source.sha256,
        n_rows=contacts.height,
        n_new=new.height,
        n_known=contacts.height - new.height,
        n_classified=new.filter(pl.col("typed_by") == BY_CLASSIFIER).height,
        n_untyped=new["theme"].null_count(),
        notices=source.notices,
    )


def _known_batch(store: Store, source: SourceFile) -> ContactsReport | None:
    query = select(crm_batch.c.n_rows).where(crm_batch.c.sha256 == source.sha256)
    with store.engine.connect() as connection:
        n_rows = connection.execute(query).scalar()
    if n_rows is None:
        return None
    return ContactsReport(
        file=source.path.name,
        sha256=source.sha256,
        n_rows=n_rows,
        n_new=0,
        n_known=n_rows,
        notices=source.notices,
    )


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what is wrong with a file as a whole into its refusal."""
    try:
        yield
    except RefusedContactsError:
        raise
    except CampaignError as error:
        raise RefusedContactsError(error.problems, FaultLog()) from error


def _checked(source: SourceFile, vocabulary: Vocabulary, now: datetime) -> pl.DataFrame:
    """Read a whole export; its typed columns where every row is sound."""
    every = contact_columns()
    rows = text_rows(source)
    places = matched(rows.titles, every, place=source.path.name)
    log = FaultLog()
    chunks = [
        _checked_chunk(named_columns(chunk, every, places), every, source, vocabulary, now, log)
        for chunk in rows.chunks(log)
    ]
    if log.n:
        raise RefusedContactsError(log.problems(source.path.name), log)
    if not chunks or not sum(chunk.height for chunk in chunks):
        raise CampaignError(
            Problem(place=source.path.name, what="aucun contact dans le fichier",
                    mend="vérifier que c'est le bon export")
        )  # fmt: skip
    return pl.concat(chunks)


def _checked_chunk(
    text: pl.DataFrame,
    every: Instrument,
    source: SourceFile,
    vocabulary: Vocabulary,
    now: datetime,
    log: FaultLog,
) -> pl.DataFrame:
    # A citizen's words hold line breaks, and a name in place of a pseudonym is not to be copied
    # into a list of faults: these two columns have their own checks.
    coded = _without(every, {PSEUDONYM, TEXT})
    values = typed_chunk(text, coded, french=source.french)
    today = now.astimezone(PARIS).date()
    log.add(
        *pseudonym_faults(text),
        *cell_faults(text, values, coded),
        *meaning_faults(values, vocabulary, today=today),
    )
    return values


def _without(instrument: Instrument, names: set[str]) -> Instrument:
    return Instrument(
        name=instrument.name,
        title=instrument.title,
        description=instrument.description,
        columns=tuple(one for one in instrument.columns if one.name not in names),
        key=instrument.key,
    )


def _identifiers(values: pl.DataFrame, vocabulary: Vocabulary) -> pl.Series:
    """Identifiers that the same rows have again in a later export.

    They rest on what the export says: what a model makes of a text changes with the model.
    """
    said = values.select(
        PSEUDONYM, "date", "canal", commune_code(vocabulary), "categorie_usager", "theme",
        "sous_theme", "nature", (100 * pl.col("delai_heures")).round().cast(pl.Int64), "opt_in",
    )  # fmt: skip
    key = pl.concat_str(pl.all().cast(pl.String).fill_null(""), separator=SEPARATOR)
    keys = said.select(line=pl.int_range(pl.len()), key=key)
    rank = pl.int_range(pl.len()).over("key")
    keyed = keys.select("line", text=pl.concat_str("key", rank, separator=SEPARATOR)).to_arrow()
    with duckdb.connect() as database:
        database.register("keyed", keyed)
        hashes = database.sql("SELECT sha256(text) FROM keyed ORDER BY line").fetchnumpy()
    return pl.Series("identifier", next(iter(hashes.values())).tolist(), dtype=pl.String)


def _known_contacts(connection: Connection, contacts: pl.DataFrame) -> pl.DataFrame:
    first, last = contacts["day"].min(), contacts["day"].max()
    query = (
        select(crm_contact.c.identifier)
        .where(crm_contact.c.day >= first)
        .where(crm_contact.c.day <= last)
    )
    schema = pa.schema([("identifier", pa.string())])
    return _frame(bulk_read(connection, query, schema))


def _frame(blocks: Iterator[pa.Table]) -> pl.DataFrame:
    frames = [pl.DataFrame(pl.from_arrow(block)) for block in blocks]
    return pl.concat(frames) if frames else pl.DataFrame(schema={"identifier": pl.String})


def _arrow(frame: pl.DataFrame) -> pa.Table:
    """Arrow table of plain strings: the bulk writer knows no string views."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    kinds = {pa.large_string(): pa.string()}
    fields = [pa.field(one.name, kinds.get(one.type, one.type)) for one in table.schema]
    return table.cast(pa.schema(fields))
