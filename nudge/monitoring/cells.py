"""Values of tables as French readers see them."""

import re
from datetime import date

import pandas as pd

from nudge.french.numbers import NO_BREAK, date_fr, decimal_comma, percent, whole
from nudge.monitoring.monitoring_report import Show, Table

NOTHING = "–"
_BEFORE = re.compile(r" (?=[;:!?%»])")
_AFTER = re.compile(r"(?<=«) ")


def shown_cell(value: object, show: Show) -> str:
    """Return a value as text; a dash where there is none."""
    if value is None or value == "" or pd.isna(value):
        return NOTHING
    if show == "date" and isinstance(value, date):
        return date_fr(value)
    if show == "text" or not isinstance(value, (int, float)):
        return no_break(str(value))
    if show == "count":
        return whole(value)
    if show == "share":
        return percent(value, 1)
    return decimal_comma(value, 3 if show == "rate" else 2)


def shown_rows(table: Table) -> list[list[str]]:
    """Return the cells of a table as texts, row by row."""
    names = list(table.frame.columns)
    shows: list[Show] = [table.shows.get(name, "text") for name in names]
    return [
        [shown_cell(value, show) for value, show in zip(row, shows, strict=True)]
        for row in table.frame.astype(object).itertuples(index=False, name=None)
    ]


def no_break(text: str) -> str:
    """Put no-break spaces where French typography asks for them."""
    return _AFTER.sub(NO_BREAK, _BEFORE.sub(NO_BREAK, text))
