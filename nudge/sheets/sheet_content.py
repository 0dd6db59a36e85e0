"""What a field sheet says: every zone of a round, and nothing that tells its arm."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.campaign.wave import Wave
from nudge.french.numbers import NO_BREAK, count, date_fr
from nudge.instruments.instrument import Column, Instrument

SYNTHETIC = "zones synthétiques : lieux de démonstration"
# Columns that the sheet does not ask for in every row: known beforehand, or noted once a page.
NOT_ASKED = frozenset({"zone_id", "vague", "date", "controleur", "rang", "meteo"})
COLOURS = ("V", "O", "R")
ERROR_CODES = (
    "verre", "sac fermé", "déchets alimentaires", "textile", "encombrant", "électronique",
    "dangereux", "imbriqués", "autre",
)  # fmt: skip
SECOND = "les mêmes bacs, cotés par une autre personne qui n'a pas vu la première fiche"
COLOUR_LEGEND = ("V vert : conforme", "O orange : une ou deux erreurs", "R rouge : davantage")
MAX_TICKS = 4
ROW_MM = 7.7
PAGE_MM, HEAD_MM, FOOT_MM = 297, 33, 24
MENTION_MM, WEATHER_MM, LEGEND_MM = 7, 6, 5


def sheet_content(
    campaign: Campaign,
    instrument: Instrument,
    wave: Wave,
    *,
    zones: pd.DataFrame,
    rows: Mapping[str, tuple[int, ...]],
    round_name: str,
    second: bool = False,
    synthetic: bool = False,
) -> dict[str, Any]:
    """Return the content of one sheet as plain values.

    There is no parameter for the allocation: a sheet cannot tell what it does not know.

    Parameters
    ----------
    campaign, instrument, wave
        What is measured, and when.
    zones
        Zones of the round, in walking order: ``zone_id``, ``nom``, ``commune``, ``n_logements``.
    rows
        Zone to the numbers of its checks; zones without any do not appear.
    round_name
        French name of the round.
    second
        Whether these are second ratings.
    synthetic
        Whether a zone is synthetic.
    """
    bins = instrument.name == "controle_bac"
    flat = not bins and max(map(len, rows.values()), default=0) <= 1
    mentions = _mentions(campaign, synthetic=synthetic)
    legend = _legend(instrument, second=second)
    weather = list(instrument.column("meteo").levels) if "meteo" in instrument.column_names else []
    kind = f"{instrument.title} – seconde cotation" if second else instrument.title
    head = HEAD_MM + MENTION_MM * bool(mentions) + WEATHER_MM * bool(weather)
    foot = FOOT_MM + LEGEND_MM * len(legend)
    content = {
        "title": f"{kind} – {round_name} – {wave.name}",
        "campaign": campaign.shown_title,
        "author": campaign.legal.controller or "Coup de pouce",
        "description": f"Fiche de terrain, campagne « {campaign.shown_title} ».",
        "date": [wave.start.year, wave.start.month, wave.start.day],
        "kind": kind,
        "wave": f"Vague « {wave.name} » : du {date_fr(wave.start)} au {date_fr(wave.end)}",
        "round": round_name,
        "mentions": mentions,
        "weather": weather,
        "legend": legend,
        "reference": f"{campaign.identifier} · {wave.name}",
        "by_zone": not flat,
        "unbreakable": int((PAGE_MM - head - foot - 20) // ROW_MM),
        "row_mm": ROW_MM,
        "head_mm": head,
        "foot_mm": foot,
        "columns": _bin_columns() if bins else _columns(instrument),
        "zones": [
            _zone(zone, numbers=rows[zone["zone_id"]], flat=flat)
            for zone in zones.to_dict("records")
            if zone["zone_id"] in rows
        ],
    }
    return dict(_unbroken(content))


def _zone(zone: Mapping[Any, Any], *, numbers: tuple[int, ...], flat: bool) -> dict[str, Any]:
    details = [zone["zone_id"]]
    if isinstance(zone.get("commune"), str):
        details.insert(0, zone["commune"])
    if not flat and pd.notna(zone.get("n_logements")):
        details.append(count(zone["n_logements"], "logement"))
    name = zone["nom"] if isinstance(zone.get("nom"), str) else zone["zone_id"]
    shown = [""] if flat else [str(number) for number in numbers]
    return {"name": name, "detail": " · ".join(details), "rows": shown}


def _mentions(campaign: Campaign, *, synthetic: bool) -> list[str]:
    said = ["SIMULATION : aucune mesure réelle"] if campaign.simulation else []
    return [*said, SYNTHETIC] if synthetic else said


def _bin_columns() -> list[dict[str, Any]]:
    numbers = [str(place) for place in range(1, len(ERROR_CODES) + 1)]
    return [
        _asked("Logement (pseudonyme)", width=2.9),
        _asked("Bac sorti", kind="ticks", choices=["oui", "non"], width=2.6),
        _asked("Couleur", kind="ticks", choices=list(COLOURS), width=3.0),
        _asked("Erreurs vues : entourer", kind="circles", choices=numbers, width=4.6),
    ]


def _columns(instrument: Instrument) -> list[dict[str, Any]]:
    return [
        _asked(_label(column), kind="ticks" if ticks else "blank", choices=ticks, width=1.0)
        for column in instrument.columns
        if column.name not in NOT_ASKED and not _is_identifier(column, instrument)
        for ticks in [_ticks(column)]
    ]


def _legend(instrument: Instrument, *, second: bool) -> list[dict[str, Any]]:
    entries: list[tuple[str, Sequence[str]]] = [
        (column.title, column.levels)
        for column in instrument.columns
        if len(column.levels) > MAX_TICKS
    ]
    if instrument.name == "controle_bac":
        codes = [f"{place} {code}" for place, code in enumerate(ERROR_CODES, start=1)]
        entries += [("Couleur", COLOUR_LEGEND), ("Erreurs", codes)]
    if second:
        entries.append(("Seconde cotation", (SECOND,)))
    return [{"title": f"{title} :", "items": list(items)} for title, items in entries]


def _asked(
    title: str, *, width: float, kind: str = "blank", choices: list[str] | None = None
) -> dict[str, Any]:
    return {"title": title, "kind": kind, "choices": choices or [], "width": width}


def _label(column: Column) -> str:
    # What is counted stands in the title already.
    measured = column.kind == "number" and column.unit
    return f"{column.title} ({column.unit})" if measured else column.title


def _ticks(column: Column) -> list[str]:
    if column.kind == "boolean":
        return ["oui", "non"]
    return list(column.levels) if len(column.levels) <= MAX_TICKS else []


def _is_identifier(column: Column, instrument: Instrument) -> bool:
    return instrument.key == (column.name,)


def _unbroken(content: Any) -> Any:
    """The same content with no line break before the signs that French sets off by a space."""
    if isinstance(content, str):
        return re.sub(r" (?=[:;!?%»])|(?<=«) ", NO_BREAK, content)
    if isinstance(content, dict):
        return {key: _unbroken(value) for key, value in content.items()}
    return [_unbroken(value) for value in content] if isinstance(content, list) else content
