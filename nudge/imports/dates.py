"""Dates as spreadsheets write them: read day first, and what is wrong where they are not."""

import polars as pl

from nudge.french.numbers import MONTHS, NO_BREAK, and_list
from nudge.instruments.instrument import Instrument

_ISO = r"^\d{4}-\d{2}-\d{2}$"
_SLASHES = r"^\d{1,2}/\d{1,2}/\d{4}$"
_WITH_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}"
# Five digits from 1954 on: shorter numbers are more likely years, ranks or typing errors.
_SERIAL = r"^[2-9]\d{4}(?:\.\d+)?$"
# Day 0 of Excel's calendar for every date after its 29 February 1900, which never was.
_EXCEL_EPOCH = pl.date(1899, 12, 30)

_NO_DATE = (
    "n'est pas une date",
    "écrire la date JJ/MM/AAAA ou AAAA-MM-JJ, par exemple 15/06/2027 ou 2027-06-15",
)


def day_of(text: pl.Expr) -> pl.Expr:
    """Return the days of texts AAAA-MM-JJ or JJ/MM/AAAA, null for others; never month first."""
    iso = pl.when(text.str.contains(_ISO)).then(text).str.to_date("%Y-%m-%d", strict=False)
    return pl.coalesce(iso, _slashed(text, "%d/%m/%Y"))


def date_fault(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return what is wrong with texts that are no dates, after the quoted text, and the mend.

    Excel's serial numbers are read in its calendar from 1900, the one of all but old Macs.
    """
    american = _slashed(text, "%m/%d/%Y")
    serial = _EXCEL_EPOCH + pl.duration(
        days=pl.when(text.str.contains(_SERIAL))
        .then(text.str.slice(0, 5))
        .cast(pl.Int64, strict=False)
    )
    stamp = pl.when(text.str.contains(_WITH_TIME)).then(text.str.slice(0, 10))
    timed = stamp.str.to_date("%Y-%m-%d", strict=False)
    what = pl.coalesce(
        pl.format("met le mois avant le jour : lu ainsi, ce serait le {}", _in_words(american)),
        pl.format("est un numéro de jour d'Excel, qui y vaut le {}", _in_words(serial)),
        pl.when(timed.is_not_null()).then(pl.lit("porte une heure avec la date")),
        pl.when(text.str.contains(_SLASHES)).then(pl.lit("n'existe pas au calendrier")),
        pl.lit(_NO_DATE[0]),
    )
    mend = pl.coalesce(
        pl.format(
            "écrire le jour d'abord, {}, et revoir toute la colonne : ses autres dates sont sans "
            "doute aussi écrites mois d'abord",
            american.dt.strftime("%d/%m/%Y"),
        ),
        pl.format(
            "donner à toute la colonne le format Date dans le tableur, ou écrire {}",
            serial.dt.strftime("%d/%m/%Y"),
        ),
        pl.format("écrire la date seule, {}", timed.dt.strftime("%d/%m/%Y")),
        pl.lit(_NO_DATE[1]),
    )
    return what, mend


def day_first_examples(text: pl.DataFrame, instrument: Instrument) -> dict[str, str]:
    """Return a text JJ/MM/AAAA of each date column that has one, by the column's name.

    One that could be read month first is preferred: it shows best how the column was read.
    """
    examples = dict[str, str]()
    for column in instrument.columns:
        if column.kind != "date":
            continue
        cell = pl.col(column.name)
        slashed = text.select(cell).filter(_slashed(cell, "%d/%m/%Y").is_not_null())
        day, month = (cell.str.split("/").list.get(place).cast(pl.Int64) for place in (0, 1))
        telling = slashed.filter((day <= 12) & (day != month))
        for found in (telling, slashed):
            if found.height:
                examples.setdefault(column.name, str(found.item(0, 0)))
    return examples


def day_first_notice(examples: dict[str, str]) -> str:
    """Return the remark that says how dates with slashes were read, in French."""
    frame = pl.DataFrame({"text": list(examples.values())})
    words = frame.select(_in_words(day_of(pl.col("text")))).to_series().to_list()
    told = [
        f"dans « {name} », {text} est le {day}"
        for (name, text), day in zip(examples.items(), words, strict=True)
    ]
    return f"dates lues jour/mois/année : {and_list(told)}"


def _slashed(text: pl.Expr, order: str) -> pl.Expr:
    return pl.when(text.str.contains(_SLASHES)).then(text).str.to_date(order, strict=False)


def _in_words(day: pl.Expr) -> pl.Expr:
    number = pl.when(day.dt.day() == 1).then(pl.lit("1er")).otherwise(day.dt.day().cast(pl.String))
    names = dict(enumerate(MONTHS, start=1))
    month = day.dt.month().replace_strict(names, default=None, return_dtype=pl.String)
    return pl.format("{}" + NO_BREAK + "{} {}", number, month, day.dt.year())
