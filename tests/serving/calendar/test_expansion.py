from datetime import date, timedelta

import pytest

from serving.calendar.calendar import Calendar, Sector, Service, ServiceException, Stream
from serving.calendar.expansion import collections, disturbances, next_collections

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)


def service(**changed):
    cells = {
        "service_id": "s-omr", "secteur_id": "s1", "flux": "omr", "lundi": 1, "mardi": 0,
        "mercredi": 0, "jeudi": 0, "vendredi": 0, "samedi": 0, "dimanche": 0,
        "parite_semaine": "toutes", "date_debut": FIRST, "date_fin": LAST, "synthetique": "oui",
        "source": "essai",
    }  # fmt: skip
    return Service.model_validate(cells | changed)


def exception(day, kind, replaces=None, reason="jour férié"):
    return ServiceException.model_validate(
        {"service_id": "s-omr", "date": day, "type": kind, "motif": reason,
         "date_origine": replaces}
    )  # fmt: skip


def calendar(*services, exceptions=()):
    sector = {"secteur_id": "s1", "nom": "Essai", "code_insee": "14220", "tournee_id": "t",
              "synthetique": "oui", "source": "essai"}  # fmt: skip
    stream = {"libelle": "Ordures", "contenant": "bac gris", "synthetique": "oui", "source": "e"}
    return Calendar(
        sectors={"s1": Sector.model_validate(sector)},
        streams={
            flux: Stream.model_validate(stream | {"flux": flux}) for flux in ("omr", "emballages")
        },
        services={"s1": services},
        exceptions={"s-omr": tuple(exceptions)},
    )


def days(found):
    return [one.day for one in found]


def test_odd_weeks_53_and_1_follow_each_other():
    odd = calendar(service(parite_semaine="impaire"))
    found = days(collections(odd, sector="s1", start=date(2026, 12, 14), end=date(2027, 1, 18)))
    # Weeks 51, 53 of 2026, then 1 and 3 of 2027.
    assert found == [date(2026, 12, 14), date(2026, 12, 28), date(2027, 1, 4), date(2027, 1, 18)]
    even = calendar(service(parite_semaine="paire"))
    found = days(collections(even, sector="s1", start=date(2026, 12, 14), end=date(2027, 1, 18)))
    assert found == [date(2026, 12, 21), date(2027, 1, 11)]


def test_a_moved_collection_leaves_its_day_and_says_where_it_comes_from():
    moved = calendar(
        service(),
        exceptions=[
            exception(date(2027, 1, 4), "suppression"),
            exception(date(2027, 1, 5), "ajout", replaces=date(2027, 1, 4)),
        ],
    )
    found = collections(moved, sector="s1", start=date(2027, 1, 1), end=date(2027, 1, 11))
    assert days(found) == [date(2027, 1, 5), date(2027, 1, 11)]
    assert found[0].moved_from == date(2027, 1, 4)
    told = disturbances(moved, sector="s1", start=date(2027, 1, 1), end=date(2027, 1, 31))
    assert [(one.day, one.cancelled, one.replaced_by) for one in told] == [
        (date(2027, 1, 4), True, date(2027, 1, 5))
    ]


def test_a_cancelled_and_a_reinforced_day_are_told_apart():
    changed = calendar(
        service(),
        exceptions=[
            exception(date(2027, 1, 4), "suppression", reason="travaux"),
            exception(date(2027, 1, 9), "ajout", reason="renfort"),
        ],
    )
    told = disturbances(changed, sector="s1", start=date(2027, 1, 1), end=date(2027, 1, 31))
    assert [(one.cancelled, one.replaced_by, one.reason) for one in told] == [
        (True, None, "travaux"),
        (False, None, "renfort"),
    ]


def test_a_public_holiday_without_an_exception_changes_nothing():
    found = collections(
        calendar(service(lundi=0, vendredi=1)), sector="s1", start=date(2026, 12, 25), end=LAST
    )
    assert found[0].day == date(2026, 12, 25)


def test_nothing_is_collected_before_or_after_the_service():
    short = service(date_debut=date(2027, 7, 1), date_fin=date(2027, 8, 31))
    found = days(collections(calendar(short), sector="s1", start=FIRST, end=LAST))
    assert (found[0], found[-1]) == (date(2027, 7, 5), date(2027, 8, 30))


def test_the_next_collection_of_each_stream_counts_today():
    both = calendar(service(), service(service_id="s-emb", flux="emballages", lundi=0, mardi=1))
    found = next_collections(both, sector="s1", day=date(2027, 1, 5))
    assert [(one.flux, one.day) for one in found] == [
        ("emballages", date(2027, 1, 5)),
        ("omr", date(2027, 1, 11)),
    ]


def test_after_the_calendar_ends_there_is_no_next_collection():
    assert next_collections(calendar(service()), sector="s1", day=LAST + timedelta(days=8)) == []


def test_an_unknown_sector_is_refused():
    for asked in (collections, disturbances):
        with pytest.raises(KeyError):
            asked(calendar(service()), sector="x", start=FIRST, end=LAST)
