import shutil
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from nudge.errors import CampaignError
from serving.calendar.load import REPOSITORY_FOLDER
from serving.calendar.opening_hours import load_opening_hours

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="module")
def hours():
    return load_opening_hours()


def at(*parts):
    return datetime(*parts, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(2026, 11, 23, 8, 59), False),
        (at(2026, 11, 23, 9, 0), True),
        (at(2026, 11, 23, 16, 59), True),
        (at(2026, 11, 23, 17, 0), False),
        (at(2026, 11, 21, 10, 0), False),  # Saturday of term
        (at(2026, 12, 19, 10, 0), True),  # Saturday of the Christmas holidays
        (at(2026, 12, 19, 12, 0), False),
        (at(2026, 12, 20, 10, 0), False),  # Sunday
        (at(2026, 12, 25, 10, 0), False),  # Friday, public holiday
        (at(2027, 3, 29, 10, 0), False),  # Easter Monday
    ],
)
def test_the_desk_opens_at_the_hours_of_the_booklet(hours, moment, expected):
    assert hours.is_open(moment) is expected


def test_another_time_zone_is_converted(hours):
    utc = ZoneInfo("UTC")
    assert hours.is_open(datetime(2026, 7, 15, 7, 30, tzinfo=utc))
    assert not hours.is_open(datetime(2026, 1, 15, 7, 30, tzinfo=utc))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(2026, 11, 23, 7, 0), at(2026, 11, 23, 9, 0)),
        (at(2026, 11, 23, 10, 0), at(2026, 11, 24, 9, 0)),
        (at(2026, 11, 20, 18, 0), at(2026, 11, 23, 9, 0)),
        (at(2026, 12, 18, 18, 0), at(2026, 12, 19, 9, 0)),
        (at(2026, 12, 24, 18, 0), at(2026, 12, 26, 9, 0)),
        (at(2027, 3, 27, 13, 0), at(2027, 3, 30, 9, 0)),  # clock change and Easter Monday
    ],
)
def test_the_next_opening_skips_what_is_closed(hours, moment, expected):
    assert hours.next_opening(moment) == expected


def test_the_school_holidays_are_dated_and_sourced(hours):
    assert {one.zone for one in hours.school_holidays} == {"C"}
    assert hours.in_school_holidays(date(2027, 2, 6))
    assert not hours.in_school_holidays(date(2027, 2, 22))
    assert all(one.source and one.updated for one in hours.school_holidays)


def test_a_faulty_hour_is_told_with_its_field(tmp_path):
    folder = shutil.copytree(REPOSITORY_FOLDER, tmp_path / "calendar")
    path = folder / "horaires.yaml"
    path.write_text(path.read_text("utf-8").replace('"17:00"', '"midi"', 1), encoding="utf-8")
    with pytest.raises(CampaignError, match=r"horaires\.yaml.*fermeture"):
        load_opening_hours(folder)
