from datetime import UTC, date, datetime, timedelta

import pytest
import recurring_ical_events
from icalendar import Calendar as Parsed

from serving.calendar.expansion import collections
from serving.calendar.ics import ics
from serving.calendar.load import load_calendar

START, END = date(2026, 1, 1), date(2027, 12, 31)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def calendar():
    return load_calendar()


def text(calendar, sector, start=START, end=END, now=NOW):
    return ics(calendar, sector=sector, start=start, end=end, now=now)


def expanded(document):
    events = recurring_ical_events.of(Parsed.from_ical(document)).between(
        date(2025, 12, 1), date(2028, 12, 31)
    )
    return sorted((one["DTSTART"].dt, one["CATEGORIES"].cats[0]) for one in events)


def test_an_independent_reader_finds_the_days_of_the_table_over_two_years(calendar):
    # Two years with a week 53, four changes of clock and every kind of exception.
    for sector in calendar.sectors:
        wanted = collections(calendar, sector=sector, start=START, end=END)
        assert expanded(text(calendar, sector)) == sorted((one.day, one.flux) for one in wanted)


def test_some_sector_collects_in_the_odd_weeks_53_and_1(calendar):
    found = [day for day, flux in expanded(text(calendar, "benerville-sur-mer-1"))
             if flux == "emballages"]  # fmt: skip
    assert date(2026, 12, 31) in found
    assert date(2027, 1, 7) in found
    assert date(2027, 1, 14) not in found


def test_a_fortnightly_service_is_one_rule_until_a_year_of_53_weeks(calendar):
    document = text(calendar, "benerville-sur-mer-1")
    rules = [
        (one["RRULE"]["INTERVAL"], one["RRULE"]["UNTIL"])
        for one in Parsed.from_ical(document).walk("VEVENT")
        if "emballages" in one["UID"] and "RRULE" in one
    ]
    assert rules == [([2], [date(2026, 12, 31)]), ([2], [date(2027, 12, 23)])]


def test_identifiers_stay_when_the_file_is_produced_again_or_for_a_later_period(calendar):
    def identifiers(document):
        return {str(one["UID"]) for one in Parsed.from_ical(document).walk("VEVENT")}

    first = identifiers(text(calendar, "vauville-1"))
    again = identifiers(text(calendar, "vauville-1", now=NOW + timedelta(days=30)))
    later = identifiers(text(calendar, "vauville-1", start=date(2027, 3, 1)))
    assert first == again
    assert later < first
    all_events = [one for sector in calendar.sectors
                  for one in Parsed.from_ical(text(calendar, sector)).walk("VEVENT")]  # fmt: skip
    names = [str(one["UID"]) for one in all_events]
    assert len(names) == len(set(names))


def test_the_text_follows_the_standard(calendar):
    document = text(calendar, "trouville-sur-mer-3")
    assert document.startswith("BEGIN:VCALENDAR\r\n")
    assert document.replace("\r\n", "").count("\n") == 0
    assert max(len(line.encode()) for line in document.split("\r\n")) <= 75
    parsed = Parsed.from_ical(document)
    assert parsed["VERSION"] == "2.0"
    for event in parsed.walk("VEVENT"):
        assert type(event["DTSTART"].dt) is date
        assert event["DTSTART"].params["VALUE"] == "DATE"
        assert event["DTSTAMP"].dt == NOW
        assert "Trouville-sur-Mer" in event["LOCATION"]
        (alarm,) = event.walk("VALARM")
        assert alarm["TRIGGER"].dt == timedelta(hours=-12)


def test_invented_days_say_so_in_the_title_that_people_see(calendar):
    for event in Parsed.from_ical(text(calendar, "deauville-1")).walk("VEVENT"):
        assert "démonstration" in event["SUMMARY"]


def test_a_moved_collection_says_from_which_day_and_why(calendar):
    document = text(calendar, "deauville-1")
    moved = [one for one in Parsed.from_ical(document).walk("VEVENT") if "-ajout-" in one["UID"]]
    assert moved
    assert all("Remplace la collecte du" in one["DESCRIPTION"] for one in moved)
    assert all("jour férié" in one["DESCRIPTION"] for one in moved)


def test_an_unknown_sector_is_refused(calendar):
    with pytest.raises(KeyError):
        text(calendar, "../secret")
