"""Reading the calendar of collections and checking it as a whole."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

from nudge.errors import CampaignError, Problem
from serving.calendar.calendar import Calendar, Sector, Service, ServiceException, Stream
from serving.calendar.expansion import is_regular_day
from serving.calendar.table import read_table

REPOSITORY_FOLDER = Path(__file__).resolve().parents[2] / "datasets" / "calendar"
SECTORS, STREAMS = "secteurs.csv", "flux.csv"
SERVICES, EXCEPTIONS = "calendrier.csv", "exceptions.csv"


def load_calendar(folder: Path = REPOSITORY_FOLDER) -> Calendar:
    """Read ``secteurs``, ``flux``, ``calendrier`` and ``exceptions`` of a folder.

    Raises
    ------
    CampaignError
        With every faulty row of the first files that are wrong: file, line, column, mend.
    """
    sectors = read_table(folder / SECTORS, Sector)
    streams = read_table(folder / STREAMS, Stream)
    services = read_table(folder / SERVICES, Service)
    exceptions = read_table(folder / EXCEPTIONS, ServiceException)
    problems = [
        *_repeated([(line, row.identifier) for line, row in sectors], SECTORS, "secteur_id"),
        *_repeated([(line, row.flux) for line, row in streams], STREAMS, "flux"),
        *_repeated([(line, row.identifier) for line, row in services], SERVICES, "service_id"),
        *_unknown(
            services,
            sectors={row.identifier for _, row in sectors},
            streams={row.flux for _, row in streams},
        ),
        *_exception_problems(exceptions, {row.identifier: row for _, row in services}),
    ]
    if problems:
        raise CampaignError(problems)
    by_sector: dict[str, list[Service]] = defaultdict(list)
    for _, service in services:
        by_sector[service.sector].append(service)
    by_service: dict[str, list[ServiceException]] = defaultdict(list)
    for _, one in sorted(exceptions, key=lambda item: item[1].day):
        by_service[one.service].append(one)
    return Calendar(
        sectors=MappingProxyType({row.identifier: row for _, row in sectors}),
        streams=MappingProxyType({row.flux: row for _, row in streams}),
        services=MappingProxyType({key: tuple(rows) for key, rows in by_sector.items()}),
        exceptions=MappingProxyType({key: tuple(rows) for key, rows in by_service.items()}),
    )


def _repeated(keys: Sequence[tuple[int, str]], place: str, column: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for line, key in keys:
        if key in seen:
            what = f"« {key} » figure déjà plus haut"
            yield Problem(place=place, row=line, column=column, what=what, mend="n'en garder qu'un")
        seen.add(key)


def _unknown(
    services: Sequence[tuple[int, Service]], *, sectors: set[str], streams: set[str]
) -> Iterator[Problem]:
    for line, row in services:
        for column, value, known, file in (
            ("secteur_id", row.sector, sectors, SECTORS),
            ("flux", row.flux, streams, STREAMS),
        ):
            if value not in known:
                what, mend = f"« {value} » est inconnu", f"l'ajouter à {file}"
                yield Problem(place=SERVICES, row=line, column=column, what=what, mend=mend)


def _exception_problems(
    exceptions: Sequence[tuple[int, ServiceException]], services: Mapping[str, Service]
) -> Iterator[Problem]:
    removed = {(row.service, row.day) for _, row in exceptions if row.kind == "suppression"}
    days = [(line, f"{row.service}, {row.day}") for line, row in exceptions]
    yield from _repeated(days, EXCEPTIONS, "date")
    for line, row in exceptions:
        for column, what, mend in _faults(row, services.get(row.service), removed):
            yield Problem(place=EXCEPTIONS, row=line, column=column, what=what, mend=mend)


def _faults(
    row: ServiceException, service: Service | None, removed: Container[tuple[str, date]]
) -> Iterator[tuple[str, str, str]]:
    if service is None:
        yield "service_id", f"« {row.service} » est inconnu", f"l'ajouter à {SERVICES}"
        return
    regular = is_regular_day(service, row.day)
    if row.kind == "suppression" and not regular:
        yield "date", "aucune collecte n'est prévue ce jour-là", "corriger la date"
    if row.kind == "ajout" and regular:
        yield "date", "une collecte est déjà prévue ce jour-là", "corriger la date"
    if row.replaces is not None and (row.service, row.replaces) not in removed:
        mend = "ajouter la ligne de suppression de ce jour"
        yield "date_origine", "le jour remplacé n'est pas supprimé", mend
