from datetime import date

import pytest

from nlu.entities.public_holidays import public_holidays


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ojd", "2026-11-25"),
        ("aujourd’hui", "2026-11-25"),
        ("vs passez 2main", "2026-11-26"),
        ("avant-hier", "2026-11-23"),
        ("après-demain matin", "2026-11-27"),
        ("ce soir", "2026-11-25"),
        ("lundi prochain", "2026-11-30"),
        ("mercredi prochain", "2026-12-02"),
        ("lundi dernier", "2026-11-23"),
        ("le 14 juillet", "2027-07-14"),
        ("le 1er mai 2025", "2025-05-01"),
        ("samedi 28 novembre", "2026-11-28"),
        ("le 03/12", "2026-12-03"),
        ("le 03/12/2027", "2027-12-03"),
        ("dans trois semaines", "2026-12-16"),
        ("il y a 3 jours", "2026-11-22"),
        ("le lundi de Pâques", "2027-03-29"),
        ("lundi de pentecote", "2027-05-17"),
        ("jour de noel", "2026-12-25"),
        ("la semaine prochaine", "2026-11-30/2026-12-06"),
        ("cet hiver", "2026-12-01/2027-02-28"),
        ("en juin", "2027-06"),
        ("du 12 au 16 décembre", "2026-12-12/2026-12-16"),
        ("tous les lundis", "FREQ=WEEKLY;BYDAY=MO"),
        ("chaque jeudi", "FREQ=WEEKLY;BYDAY=TH"),
        ("une semaine sur deux", "FREQ=WEEKLY;INTERVAL=2"),
        ("à 8h30", "T08:30"),
        ("à sept heures", "T07:00"),
    ],
)
def test_an_expression_has_its_value_seen_from_the_day(values, text, value):
    assert [found for _, found in values("date", text)] == [value]


def test_a_bare_weekday_may_also_be_the_last_one(extract):
    (found,) = extract("mardi")
    assert [one.value for one in found.candidates] == ["2026-12-01", "2026-11-24"]


@pytest.mark.parametrize(
    "text", ["12", "j'ai 12 sacs", "bac 240", "3,5 m3", "note 4/5 étoiles", "été cassé", "mais non"]
)
def test_a_bare_number_or_an_ordinary_word_is_no_date(values, text):
    assert values("date", text) == []


@pytest.mark.parametrize("text", ["le 31/02/2027", "le 30 février"])
def test_a_day_that_does_not_exist_has_no_value(values, text):
    assert [value for _, value in values("date", text)] == [""]


def test_the_eleven_holidays_of_a_year():
    days = public_holidays(2027)
    assert len(days) == 11
    assert {date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17), date(2027, 7, 14)} <= days
    assert date(2027, 3, 28) not in days
