"""The calendar of a sector as an iCalendar file (RFC 5545)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Event, vText
from icalendar import Calendar as ICalendar

from nudge.french.numbers import date_fr
from serving.calendar.calendar import Calendar, Sector, Service, ServiceException, Stream
from serving.calendar.expansion import regular_days

PRODUCER = "-//Coup de pouce//Calendrier de collecte//FR"
UID_DOMAIN = "calendrier.coup-de-pouce"
BEFORE = timedelta(hours=-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Days of one weekday that a single recurrence rule can say: one every ``weeks`` weeks.

    Attributes
    ----------
    anchor : date
        First day of the run over the whole life of the service; names its events.
    days : tuple of date
        Days of the run.
    weeks : int
        1 or 2.
    """

    anchor: date
    days: tuple[date, ...]
    weeks: int


def ics(calendar: Calendar, *, sector: str, start: date, end: date, now: datetime) -> str:
    """Calendar of a sector for a period.

    Recurring days are rules (``RRULE``) with their suppressions (``EXDATE``); a collection that
    is added or moved is an event of its own. Identifiers depend on the service and the day only,
    so that a calendar fetched again replaces its events instead of doubling them. A fortnightly
    service starts a new rule after a 53-week year, for weeks 53 and 1 are both odd.

    Parameters
    ----------
    calendar : Calendar
        Checked tables.
    sector : str
        Identifier of the sector.
    start, end : date
        Period, both included.
    now : datetime
        Instant of production, with its time zone.

    Returns
    -------
    str
        Text with CRLF line ends, folded at 75 octets.

    Raises
    ------
    KeyError
        The sector is unknown.
    """
    place = calendar.sectors[sector]
    document = ICalendar()
    document.add("prodid", PRODUCER)
    document.add("version", "2.0")
    document.add("calscale", "GREGORIAN")
    document.add("method", "PUBLISH")
    document.add("x-wr-calname", vText(f"Collectes, {place.name}"))
    document.add("x-wr-timezone", "Europe/Paris")
    for service in calendar.services.get(sector, ()):
        stream = calendar.streams[service.flux]
        exceptions = calendar.exceptions.get(service.identifier, ())
        removed = {one.day for one in exceptions if one.kind == "suppression"}
        for run in runs(service):
            days = [day for day in run.days if start <= day <= end]
            kept = [day for day in days if day not in removed]
            if kept:
                document.add_component(_recurring(service, stream, place, run, days, kept, now))
        for one in exceptions:
            if one.kind == "ajout" and start <= one.day <= end:
                document.add_component(_added(service, stream, place, one, now))
    return str(document.to_ical().decode("utf-8"))


def runs(service: Service) -> Iterator[Run]:
    """Yield the runs of a service, weekday by weekday."""
    weeks = 1 if service.parity == "toutes" else 2
    days = list(regular_days(service, service.first_day, service.last_day))
    for weekday in service.weekdays:
        current: list[date] = []
        for day in (one for one in days if one.weekday() == weekday):
            if current and day - current[-1] != timedelta(weeks=weeks):
                yield Run(anchor=current[0], days=tuple(current), weeks=weeks)
                current = []
            current.append(day)
        if current:
            yield Run(anchor=current[0], days=tuple(current), weeks=weeks)


def _recurring(
    service: Service,
    stream: Stream,
    place: Sector,
    run: Run,
    days: list[date],
    kept: list[date],
    now: datetime,
) -> Event:
    event = _event(service, stream, place, now=now, uid=f"{service.identifier}-{run.anchor:%Y%m%d}")
    event.add("dtstart", kept[0])
    if len(kept) > 1:
        event.add("rrule", {"freq": "weekly", "interval": run.weeks, "until": kept[-1]})
        skipped = [day for day in days if kept[0] < day < kept[-1] and day not in kept]
        if skipped:
            event.add("exdate", skipped, parameters={"VALUE": "DATE"})
    return event


def _added(
    service: Service, stream: Stream, place: Sector, one: ServiceException, now: datetime
) -> Event:
    uid = f"{service.identifier}-ajout-{one.day:%Y%m%d}"
    origin = f"Remplace la collecte du {date_fr(one.replaces)}. " if one.replaces else ""
    event = _event(service, stream, place, now=now, uid=uid, note=f"{origin}Motif : {one.reason}. ")
    event.add("dtstart", one.day)
    return event


def _event(
    service: Service, stream: Stream, place: Sector, *, now: datetime, uid: str, note: str = ""
) -> Event:
    synthetic = service.synthetic or stream.synthetic
    container = stream.container[:1].upper() + stream.container[1:]
    event = Event()
    event.add("uid", f"{uid}@{UID_DOMAIN}")
    event.add("dtstamp", now)
    event.add("summary", f"{container} (démonstration)" if synthetic else container)
    warning = "Donnée de démonstration, sans valeur réelle. " if synthetic else ""
    event.add("description", f"{warning}{stream.label}. {note}Source : {service.source}.")
    event.add("location", place.name)
    event.add("categories", [service.flux])
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"À sortir : {stream.container}")
    alarm.add("trigger", BEFORE)
    event.add_component(alarm)
    return event
