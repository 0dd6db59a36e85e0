"""Days of collection: the recurring rules, with the exceptions added and taken away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from serving.calendar.calendar import Calendar, Service

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection on one day.

    Attributes
    ----------
    day : date
        Day of the collection.
    flux : str
        Stream.
    label : str
        Container, in French: ``bac jaune``.
    moved_from : date or None
        Day on which it would have taken place.
    reason : str
        Why it is exceptional, in French; empty for a regular one.
    synthetic : bool
        Whether it is invented.
    """

    day: date
    flux: str
    label: str
    moved_from: date | None
    reason: str
    synthetic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """A collection that does not take place as usual.

    ``day`` is the regular day taken away, or the day of a collection added without replacing
    another; ``replaced_by`` is the new day, if any.
    """

    day: date
    flux: str
    label: str
    cancelled: bool
    replaced_by: date | None
    reason: str
    synthetic: bool


def collections(calendar: Calendar, *, sector: str, start: date, end: date) -> list[Collection]:
    """Collections of a sector from ``start`` to ``end``, both included, in order of day.

    Raises
    ------
    KeyError
        The sector is unknown.
    """
    if sector not in calendar.sectors:
        raise KeyError(sector)
    found: list[Collection] = []
    for service in calendar.services.get(sector, ()):
        exceptions = calendar.exceptions.get(service.identifier, ())
        removed = {one.day for one in exceptions if one.kind == "suppression"}
        days = [(day, None, "") for day in regular_days(service, start, end) if day not in removed]
        added = [
            (one.day, one.replaces, one.reason)
            for one in exceptions
            if one.kind == "ajout" and start <= one.day <= end
        ]
        stream = calendar.streams[service.flux]
        found += [
            Collection(
                day=day,
                flux=service.flux,
                label=stream.container,
                moved_from=moved_from,
                reason=reason,
                synthetic=service.synthetic or stream.synthetic,
            )
            for day, moved_from, reason in (*days, *added)
        ]
    return sorted(found, key=lambda one: (one.day, one.flux))


def next_collections(calendar: Calendar, *, sector: str, day: date) -> list[Collection]:
    """Next collection of each stream from ``day`` on, today's included, the soonest first.

    Raises
    ------
    KeyError
        The sector is unknown.
    """
    services = calendar.services.get(sector, ())
    last = max((service.last_day for service in services), default=day)
    first: dict[str, Collection] = {}
    for one in collections(calendar, sector=sector, start=day, end=last):
        first.setdefault(one.flux, one)
    return list(first.values())


def disturbances(calendar: Calendar, *, sector: str, start: date, end: date) -> list[Disturbance]:
    """What differs from the usual days of a sector in a period, both ends included.

    Raises
    ------
    KeyError
        The sector is unknown.
    """
    if sector not in calendar.sectors:
        raise KeyError(sector)
    found: list[Disturbance] = []
    for service in calendar.services.get(sector, ()):
        exceptions = calendar.exceptions.get(service.identifier, ())
        moved = {one.replaces: one.day for one in exceptions if one.replaces is not None}
        stream = calendar.streams[service.flux]
        found += [
            Disturbance(
                day=one.day,
                flux=service.flux,
                label=stream.container,
                cancelled=one.kind == "suppression",
                replaced_by=moved.get(one.day) if one.kind == "suppression" else None,
                reason=one.reason,
                synthetic=service.synthetic or stream.synthetic,
            )
            for one in exceptions
            if one.replaces is None and start <= one.day <= end
        ]
    return sorted(found, key=lambda one: (one.day, one.flux))


def regular_days(service: Service, start: date, end: date) -> Iterator[date]:
    """Yield the days of a service in a period, whatever the exceptions."""
    day, last = max(start, service.first_day), min(end, service.last_day)
    while day <= last:
        if is_regular_day(service, day):
            yield day
        day += ONE_DAY


def is_regular_day(service: Service, day: date) -> bool:
    """Whether the rule of a service, without its exceptions, collects on a day."""
    if not service.first_day <= day <= service.last_day or day.weekday() not in service.weekdays:
        return False
    even = day.isocalendar().week % 2 == 0
    return service.parity == "toutes" or (service.parity == "paire") == even
