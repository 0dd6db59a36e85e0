"""Blank files to fill in: CSV for phones and tablets, XLSX with lists of choices and help."""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from openpyxl import Workbook

from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.imports.columns import plain
from nudge.imports.instrument_sheet import add_choices, help_text, set_up, text_cell, title_cell
from nudge.imports.whole_file import whole_file
from nudge.instruments.instrument import Instrument

CHOICES = "listes"
MAX_IDENTIFIER = 64


def write_template(
    instrument: Instrument,
    path: Path,
    *,
    campaign: Campaign,
    zones: pd.DataFrame,
    wave: str | None = None,
    numbers: Mapping[str, Sequence[int]] | None = None,
    rank: int = 1,
) -> None:
    """Write a blank file of an instrument, CSV or XLSX after the end of its name.

    What is known beforehand is filled in: identifier, zone, wave and rank of rating. Rows in
    which nothing more is filled are left out when the file is imported.

    Parameters
    ----------
    instrument
        What the file holds.
    path
        Name of the file.
    campaign
        Its waves and arms are offered as choices.
    zones
        Column ``zone_id``; one row a zone by default.
    wave
        Name of the wave; left blank by default.
    numbers
        Zone to the numbers of its rows, such as one a dwelling to check; zones without any are
        left out.
    rank
        1, or 2 for second ratings.

    Raises
    ------
    CampaignError
        The name ends otherwise.
    """
    if path.suffix.lower() not in {".csv", ".xlsx"}:
        raise CampaignError(
            Problem(place=path.name, what="un modèle est en .csv ou en .xlsx",
                    mend="changer la fin du nom")
        )  # fmt: skip
    zone_ids = list(zones["zone_id"])
    rows = _rows(instrument, zone_ids, wave=wave, numbers=numbers, rank=rank)
    with whole_file(path) as name:
        if path.suffix.lower() == ".csv":
            _write_csv(instrument, rows, name)
        else:
            _write_workbook(instrument, rows, name, campaign=campaign, zones=zone_ids)


def known_beforehand(instrument: Instrument) -> frozenset[str]:
    """Return the columns that a template may fill in, whatever is observed."""
    identifiers = {name for name in instrument.key if name.endswith("_id")}
    fixed = {"zone_id", "vague", "rang"} & set(instrument.column_names)
    return frozenset(fixed | (identifiers if len(instrument.key) == 1 else set()))


def _rows(
    instrument: Instrument,
    zones: Sequence[str],
    *,
    wave: str | None,
    numbers: Mapping[str, Sequence[int]] | None,
    rank: int,
) -> list[dict[str, str]]:
    known = known_beforehand(instrument)
    places = [(zone, number) for zone in zones
              for number in (numbers.get(zone, ()) if numbers is not None else (1,))]  # fmt: skip
    rows = []
    for zone, number in places:
        filled = {"zone_id": zone, "vague": wave or "", "rang": str(rank)}
        if wave is not None:
            identifier = _identifier(zone, wave=wave, number=number, rank=rank)
            filled |= dict.fromkeys(known - filled.keys(), identifier)
        rows.append({name: text for name, text in filled.items() if name in known})
    return rows


def _identifier(zone: str, *, wave: str, number: int, rank: int) -> str:
    text = f"{plain(wave)}.{zone}.{number:03d}" + (f".{rank}" if rank > 1 else "")
    return text if len(text) <= MAX_IDENTIFIER else hashlib.sha256(text.encode()).hexdigest()[:32]


def _in_order(instrument: Instrument) -> list[str]:
    """Zone first, then what is to be filled in, then the rest of what is known beforehand."""
    known = known_beforehand(instrument)
    asked = [name for name in instrument.column_names if name not in known]
    rest = [name for name in instrument.column_names if name in known and name != "zone_id"]
    return ["zone_id", *asked, *rest]


def _write_csv(instrument: Instrument, rows: list[dict[str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.DictWriter(stream, _in_order(instrument), restval="", delimiter=";")
        table.writeheader()
        table.writerows(rows)


def _write_workbook(
    instrument: Instrument,
    rows: list[dict[str, str]],
    path: Path,
    *,
    campaign: Campaign,
    zones: Sequence[str],
) -> None:
    lists = {
        "zone_id": list(zones),
        "vague": [wave.name for wave in campaign.waves],
        "bras": [arm.identifier for arm in campaign.arms],
    }
    offered = {name: texts for name, texts in lists.items() if name in instrument.column_names}
    titles = list(instrument.column_names)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(instrument.name)
    set_up(sheet, titles)
    sheet.append(
        [title_cell(sheet, column.name, help_text(column)) for column in instrument.columns]
    )
    for row in rows:
        sheet.append([text_cell(sheet, row[name]) if name in row else None for name in titles])
    ranges = {
        name: f"{CHOICES}!${'ABC'[place]}$2:${'ABC'[place]}${len(texts) + 1}"
        for place, (name, texts) in enumerate(offered.items())
    }
    add_choices(sheet, instrument, first=1, ranges=ranges)
    choices = book.create_sheet(CHOICES)
    choices.append(list(offered))
    for place in range(max(map(len, offered.values()))):
        choices.append([texts[place] if place < len(texts) else None for texts in offered.values()])
    advice = book.create_sheet("aide")
    advice.append([instrument.title, instrument.description])
    for column in instrument.columns:
        advice.append([column.name, help_text(column).replace("\n", " ")])
    book.save(path)
