from datetime import date

import numpy as np
import pandas as pd
import pytest

from nudge.monitoring.cells import no_break, shown_cell, shown_rows
from nudge.monitoring.monitoring_report import Table


@pytest.mark.parametrize(
    ("value", "show", "text"),
    [
        (1234, "count", "1\u202f234"),
        (0.537, "share", "53,7\u00a0%"),
        (0.1234, "number", "0,12"),
        (date(2027, 3, 1), "date", "1er\u00a0mars 2027"),
        (np.nan, "share", "–"),
        (None, "text", "–"),
        ("seuil : 2 %", "text", "seuil\u00a0: 2\u00a0%"),
    ],
)
def test_cells_are_french(value, show, text):
    assert shown_cell(value, show) == text


def test_rows_follow_the_columns():
    table = Table(
        caption="",
        frame=pd.DataFrame({"Zone": ["a"], "Bacs": [1200], "Part": [0.5]}),
        shows={"Bacs": "count", "Part": "share"},
    )

    assert shown_rows(table) == [["a", "1\u202f200", "50,0\u00a0%"]]


def test_spaces_around_quotes_do_not_break():
    assert no_break("« oui » ; non !") == "«\u00a0oui\u00a0»\u00a0; non\u00a0!"
