"""Writing the monitoring report as a page and as data."""

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from nudge.french.numbers import date_fr
from nudge.lifecycle.status import STATUS_TITLES
from nudge.monitoring.cells import no_break, shown_rows
from nudge.monitoring.monitoring_report import MonitoringReport, Section

PAGE, DATA = "suivi.html", "suivi.json"


def write_monitoring(report: MonitoringReport, folder: Path) -> tuple[Path, Path]:
    """Write ``suivi.html`` and ``suivi.json``, each whole or not at all; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report_data(report), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return _replace(folder / PAGE, report_html(report)), _replace(folder / DATA, text)


def report_html(report: MonitoringReport) -> str:
    """Return the page: one file, without scripts or anything to fetch."""
    environment = Environment(
        loader=PackageLoader("nudge.monitoring", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["no_break"] = no_break
    template = environment.get_template("suivi.html.jinja")
    return template.render(
        report=report,
        day=date_fr(report.day),
        status=STATUS_TITLES[report.status],
        rows=shown_rows,
        numeric=_numeric,
    )


def report_data(report: MonitoringReport) -> dict[str, Any]:
    """Return the report as plain JSON values, tables with their bare numbers."""
    return {
        "campagne": report.identifier,
        "titre": report.title,
        "statut": report.status,
        "jour": report.day.isoformat(),
        "groupes_caches": report.blinded,
        "sections": [_section(section) for section in report.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "cle": section.key,
        "titre": section.title,
        "constats": list(section.sentences),
        "alertes": [
            {"lieu": one.place, "regle": one.column, "constat": one.what, "suite": one.mend}
            for one in section.alerts
        ],
        "tableaux": [
            {
                "titre": table.caption,
                "colonnes": [str(name) for name in table.frame.columns],
                "lignes": [
                    [_plain(value) for value in row]
                    for row in table.frame.astype(object).itertuples(index=False, name=None)
                ],
            }
            for table in section.tables
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _numeric(show: str) -> bool:
    return show in {"count", "share", "number", "rate"}


def _replace(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_text(text, encoding="utf-8", newline="\n")
    return draft.replace(path)
