"""Writing a report: page, PDF, checklist and tables, none of them ever half written."""

import csv
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from nudge.analysis.result import CampaignResult
from nudge.errors import CampaignError, Problem, os_reason
from nudge.report.compose import compose
from nudge.report.consort import checklist_json
from nudge.report.document import Table
from nudge.report.html import render_html
from nudge.report.pdf import render_pdf

HTML_FILE, PDF_FILE, CHECKLIST_FILE, TABLES = (
    "rapport.html", "rapport.pdf", "consort.json", "tableaux",
)  # fmt: skip


def write_report(
    result: CampaignResult,
    folder: Path,
    *,
    html: bool = True,
    pdf: bool = True,
    complements: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write the report of a campaign and return the files, in order.

    Parameters
    ----------
    result
        Analysis of the campaign.
    folder
        Made where it does not exist.
    html, pdf
        Whether the page and the PDF are written; the checklist and the tables always are.
    complements
        CONSORT texts written by the team, by item.

    Raises
    ------
    CampaignError
        A file cannot be written.
    """
    report = compose(result, complements=complements)
    contents: dict[Path, bytes] = {}
    if html:
        contents[folder / HTML_FILE] = render_html(report).encode()
    if pdf:
        contents[folder / PDF_FILE] = render_pdf(report, today=result.analysed_on)
    checked = json.dumps(
        checklist_json(result, complements=complements), ensure_ascii=False, indent=2
    )
    contents[folder / CHECKLIST_FILE] = f"{checked}\n".encode()
    for table in report.tables():
        contents[folder / TABLES / f"{table.key}.csv"] = table_csv(table).encode()
    for path, content in contents.items():
        write_whole(path, content)
    return tuple(contents)


def table_csv(table: Table) -> str:
    """Return a table as CSV: unrounded numbers where there are any, else what is shown."""
    if table.data is not None:
        return str(table.data.to_csv(index=False, lineterminator="\n"))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.headers)
    writer.writerows(table.rows)
    return buffer.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then put it there in one step.

    Raises
    ------
    CampaignError
        The file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CampaignError(
            Problem(place=str(path), what=f"fichier impossible à écrire ({os_reason(error)})",
                    mend="vérifier le dossier et les droits")
        ) from None  # fmt: skip
