"""Importing a field file: all of its rows or none, once, with every problem told."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from nudge.errors import CampaignError, Problem
from nudge.french.numbers import count
from nudge.imports.campaign_checks import FieldFrame, field_frame, require_open
from nudge.imports.checked_rows import CheckedRows, checked_rows, named_columns
from nudge.imports.columns import matched, recognised
from nudge.imports.dates import day_first_notice
from nudge.imports.error_report import write_correction_file, write_error_file
from nudge.imports.faults import FaultLog
from nudge.imports.repeated_keys import conflict_faults
from nudge.imports.source_file import SourceFile, source_file
from nudge.imports.text_rows import TextRows, text_rows
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.instruments.instrument import Instrument
from nudge.store.batches import batch_of_file, new_batch, record_batch
from nudge.store.campaigns import stored_campaign
from nudge.store.database import Store, writing
from nudge.store.event_log import append_event
from nudge.store.observations import insert_observations
from nudge.store.persons import objections


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file.

    Attributes
    ----------
    instrument
        Instrument given or recognised; empty where none was.
    recognised
        Whether it was recognised by the columns.
    file, sha256
        Name and SHA-256, in hexadecimal, of the file.
    n_rows, n_new, n_known
        Rows of the file; those that came in; those known with the same content.
    batch_id
        Import batch; None where the file was refused.
    problems, n_problems
        At most 10,000 problems in the order of the file, and the number of all.
    error_file, template_file
        List of errors and workbook of faulty rows; None where none was written.
    notices
        Remarks in French on how the file was read.
    """

    instrument: str
    recognised: bool
    file: str
    sha256: str
    n_rows: int
    n_new: int = 0
    n_known: int = 0
    batch_id: int | None = None
    problems: tuple[Problem, ...] = ()
    n_problems: int = 0
    error_file: str | None = None
    template_file: str | None = None
    notices: tuple[str, ...] = ()


class RefusedImportError(CampaignError):
    """A file was refused: nothing of it is in the store.

    Parameters
    ----------
    report
        What is wrong with it and where that is written.
    """

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        super().__init__(report.problems)


def import_file(
    store: Store,
    *,
    campaign: str,
    path: Path,
    instrument: str | None = None,
    errors: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Import a CSV, XLSX or Parquet file into the observations of a campaign.

    The same file may be imported again: nothing new comes in. Memory does not follow the size
    of the file, but for the keys of its rows and, for XLSX, its sheet.

    Parameters
    ----------
    store
        Where the campaign is.
    campaign
        Identifier of a locked campaign.
    path
        The file.
    instrument
        Instrument that it holds; recognised by its columns by default.
    errors
        Folder of the error report; that of the file by default.
    progress
        Told the steps done and to do, two a row: one for its check, one for its writing.

    Raises
    ------
    RefusedImportError
        The file holds faulty rows; error report and workbook are written.
    CampaignError
        The campaign takes no observations, or the file cannot be read at all.
    """
    frame = field_frame(store, campaign)
    source = source_file(path)
    try:
        return _imported(
            store, source, frame, instrument=instrument, errors=errors, progress=progress or _silent
        )
    except RefusedImportError as error:
        payload = {
            "file_name": source.path.name,
            "file_sha256": source.sha256,
            "instrument": error.report.instrument,
            "n_problems": error.report.n_problems,
        }
        with writing(store) as connection:
            append_event(connection, campaign=campaign, kind="rejet_import", payload=payload)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A file whose columns are known."""

    source: SourceFile
    rows: TextRows
    instrument: Instrument
    recognised: bool
    places: dict[str, int]

    def report(self, checked: CheckedRows | None = None, **found: Any) -> ImportReport:
        notices = self.source.notices
        if checked is not None:
            found["n_rows"] = checked.n_rows
            if checked.n_unfilled:
                left = count(checked.n_unfilled, "ligne préparée", "lignes préparées")
                notices += (f"{left} sans observation : rien n'en est importé",)
            if checked.day_first:
                notices += (day_first_notice(checked.day_first),)
        return ImportReport(
            instrument=self.instrument.name,
            recognised=self.recognised,
            file=self.source.path.name,
            sha256=self.source.sha256,
            notices=notices,
            **found,
        )


def _imported(
    store: Store,
    source: SourceFile,
    frame: FieldFrame,
    *,
    instrument: str | None,
    errors: Path | None,
    progress: Callable[[int, int], None],
) -> ImportReport:
    with ExitStack() as stack:
        with _refusing(source):
            opened = _opened(source, instrument)
            known = batch_of_file(
                store, frame.campaign.identifier, opened.instrument.name, source.sha256
            )
            if known is not None:
                return opened.report(n_rows=known.n_rows, n_known=known.n_rows, batch_id=known.id)
            total = 2 * opened.rows.n_rows
            checked = stack.enter_context(
                checked_rows(
                    opened.rows,
                    opened.instrument,
                    frame,
                    places=opened.places,
                    french=source.french,
                    progress=lambda done: progress(done, total),
                )
            )
            if not (checked.n_rows or checked.faults.n):
                raise CampaignError(
                    Problem(place=source.path.name, what="aucune observation dans le fichier",
                            mend="le remplir, ou vérifier que c'est le bon fichier")
                )  # fmt: skip
        if checked.faults.n:
            raise _refusal(opened, checked, errors=errors)
        return _written(store, opened, checked, frame, errors=errors, progress=progress)


def _opened(source: SourceFile, name: str | None) -> _Opened:
    if name is not None and name not in INSTRUMENTS:
        raise CampaignError(
            Problem(place=source.path.name, what=f"instrument inconnu : « {name} »",
                    mend=f"il y a {', '.join(INSTRUMENTS)}")
        )  # fmt: skip
    rows = text_rows(source, sheets=tuple(INSTRUMENTS) if name is None else (name,))
    place = source.path.name
    instrument = recognised(rows.titles, place=place) if name is None else INSTRUMENTS[name]
    return _Opened(
        source=source,
        rows=rows,
        instrument=instrument,
        recognised=name is None,
        places=matched(rows.titles, instrument, place=place),
    )


def _written(
    store: Store,
    opened: _Opened,
    checked: CheckedRows,
    frame: FieldFrame,
    *,
    errors: Path | None,
    progress: Callable[[int, int], None],
) -> ImportReport:
    campaign = frame.campaign.identifier

    def chunks() -> Iterator[pa.Table]:
        done = checked.n_rows
        for chunk in checked.chunks():
            yield chunk
            done += chunk.num_rows
            progress(done, 2 * checked.n_rows)

    with writing(store) as connection:
        # Only the writer changes a campaign, hence this stays true until the commit.
        require_open(stored_campaign(store, campaign))
        if objections(store, campaign) != frame.objected:
            raise CampaignError(
                Problem(place=opened.source.path.name, mend="recommencer l'import",
                        what="une opposition a été enregistrée pendant l'import")
            )  # fmt: skip
        batch = new_batch(
            connection,
            campaign=campaign,
            instrument=opened.instrument.name,
            file_name=opened.source.path.name,
            sha256=opened.source.sha256,
        )
        summary = insert_observations(
            connection,
            campaign=campaign,
            instrument=opened.instrument.name,
            batch_id=batch,
            chunks=chunks(),
        )
        if summary.n_conflicts:
            found = conflict_faults(checked.keys, summary.conflicts, opened.instrument)
            checked.faults.add(found)
            checked.faults.n = summary.n_conflicts
            raise _refusal(opened, checked, errors=errors)
        record_batch(connection, batch, summary)
    return opened.report(checked, n_new=summary.n_new, n_known=summary.n_known, batch_id=batch)


@contextmanager
def _refusing(source: SourceFile) -> Iterator[None]:
    """Turn what is wrong with a file as a whole into its refusal."""
    try:
        yield
    except CampaignError as error:
        report = ImportReport(
            instrument="",
            recognised=False,
            file=source.path.name,
            sha256=source.sha256,
            n_rows=0,
            problems=error.problems,
            n_problems=len(error.problems),
            notices=source.notices,
        )
        raise RefusedImportError(report) from None


def _refusal(opened: _Opened, checked: CheckedRows, *, errors: Path | None) -> RefusedImportError:
    """Write what is wrong beside the file, and return the error to raise."""
    path = opened.source.path
    folder = errors or path.parent
    error_file = folder / f"{path.stem}-erreurs.csv"
    template_file = folder / f"{path.stem}-a-corriger.xlsx"
    write_error_file(checked.faults, error_file)
    again = (
        named_columns(chunk, opened.instrument, opened.places)
        for chunk in opened.rows.chunks(FaultLog())
    )
    write_correction_file(again, checked.faults, opened.instrument, template_file)
    return RefusedImportError(
        opened.report(
            checked,
            problems=checked.faults.problems(path.name),
            n_problems=checked.faults.n,
            error_file=str(error_file),
            template_file=str(template_file),
        )
    )


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""
