from datetime import date

import pytest

from nudge.french.numbers import (
    and_list,
    count,
    date_fr,
    decimal_comma,
    percent,
    points,
    whole,
)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.5, 1, "0,5"),
        (20_687, 0, "20\u202f687"),
        (-1.25, 1, "\u22121,2"),
        (-0.04, 1, "0,0"),
        (1234.5, 2, "1\u202f234,50"),
    ],
)
def test_decimal_comma(value: float, digits: int, expected: str) -> None:
    assert decimal_comma(value, digits) == expected


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (0.028, "+2,8\u00a0points"),
        (-0.028, "\u22122,8\u00a0points"),
        (0.015, "+1,5\u00a0point"),
        (0.0199, "+2,0\u00a0points"),
        (0.0, "0,0\u00a0point"),
        (-0.0001, "0,0\u00a0point"),
        (0.0001, "0,0\u00a0point"),
    ],
)
def test_points_are_signed_and_singular_below_two(difference: float, expected: str) -> None:
    assert points(difference) == expected


def test_shares_and_counts() -> None:
    assert percent(0.5374, 1) == "53,7\u00a0%"
    assert whole(99.6) == "100"
    assert count(0, "zone") == "0\u00a0zone"
    assert count(2, "zone perdue", "zones perdues") == "2\u00a0zones perdues"


def test_dates_and_lists() -> None:
    assert date_fr(date(2027, 6, 1)) == "1er\u00a0juin 2027"
    assert date_fr(date(2027, 8, 15)) == "15\u00a0août 2027"
    assert and_list(["a", "b", "c"]) == "a, b et c"
    assert and_list(["a"]) == "a"
    assert and_list([]) == ""
