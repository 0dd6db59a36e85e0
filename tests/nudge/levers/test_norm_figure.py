from datetime import date

import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.levers.norm_figure import (
    NormFigure,
    dwelling_volume,
    norm_figure,
    period_fr,
    similar_dwellings_mean,
)

SCOPE = "rue des Essais"


def test_share_of_green_bins_among_those_set_out(checks):
    frame = checks(dwellings=20, presented=0.5, green=0.8)
    figure = norm_figure(frame, scope=SCOPE)
    assert figure.value == pytest.approx(0.8)
    assert (figure.n, figure.dwellings) == (20, 10)
    assert figure.text == "80\u00a0%"
    assert (figure.first_day, figure.last_day) == (date(2027, 6, 3), date(2027, 6, 28))
    assert figure.note == (
        "calculé sur 20\u00a0bacs sortis de 10\u00a0logements, du 3 au 28\u00a0juin 2027 "
        "(rue des Essais)"
    )
    presented = norm_figure(frame, outcome="bac_presente", scope=SCOPE)
    assert presented.value == pytest.approx(0.5)
    assert (presented.n, presented.dwellings) == (40, 20)


def test_second_ratings_other_zones_and_other_dates_are_left_out(checks):
    frame = checks(green=0.5)
    again = frame.assign(rang=2, couleur="vert", controle_id="d-" + frame["controle_id"])
    other = checks(green=1.0, zone="rue-2")
    figure = norm_figure(
        pd.concat([frame, again, other]), scope=SCOPE, zones=["rue-1"], until=date(2027, 6, 10)
    )
    assert figure.value == pytest.approx(0.5)
    assert figure.n == 20
    assert figure.last_day == date(2027, 6, 3)
    later = norm_figure(frame, scope=SCOPE, since=date(2027, 6, 10))
    assert later.first_day == date(2027, 6, 28)


@pytest.mark.parametrize(
    ("dwellings", "presented", "ok"),
    [(10, 0.5, True), (9, 1.0, False), (20, 0.2, False), (20, 0.25, True)],
)
def test_small_groups_show_no_figure(checks, dwellings, presented, ok):
    frame = checks(dwellings=dwellings, presented=presented, waves=6)
    if ok:
        assert norm_figure(frame, scope=SCOPE).n >= 5
        return
    with pytest.raises(CampaignError, match=r"il en faut 10 et 5.*regroupez des zones"):
        norm_figure(frame, scope=SCOPE)


def test_the_fingerprint_follows_the_rows_and_not_their_order(checks):
    frame = checks()
    first = norm_figure(frame, scope=SCOPE)
    assert norm_figure(frame.sample(frac=1, random_state=1), scope=SCOPE) == first
    changed = frame.copy()
    changed.loc[0, "couleur"] = "rouge"
    assert norm_figure(changed, scope=SCOPE).fingerprint != first.fingerprint


def test_a_figure_cannot_be_typed(share):
    fields = {name: getattr(share, name) for name in share.__slots__}
    with pytest.raises(TypeError, match="never typed"):
        NormFigure(**fields | {"value": 0.95})


def test_wrong_columns_and_outcomes_are_refused_in_french(checks):
    with pytest.raises(CampaignError, match="colonnes absentes des observations : rang"):
        norm_figure(checks().drop(columns="rang"), scope=SCOPE)
    with pytest.raises(CampaignError, match="choisissez bac_bien_trie ou bac_presente"):
        norm_figure(checks(), outcome="taux_refus", scope=SCOPE)


def test_similar_dwellings_leave_the_reader_out_and_hold_to_the_floor(readings):
    frame = readings(dwellings=12)
    everyone = list(frame["foyer_id"])
    options = {"wave": "s1", "scope": "maisons d'essai"}
    figure = similar_dwellings_mean(frame, dwelling="f0", similar=everyone, **options)
    assert figure.value == pytest.approx(frame["volume_m3"].iloc[1:].mean())
    assert figure.text == "46\u00a0m³"
    assert figure.dwellings == 11
    with pytest.raises(CampaignError, match="9\u00a0logements comparables avec un relevé, il en"):
        similar_dwellings_mean(frame, dwelling="f0", similar=everyone[:10], **options)


def test_a_dwellings_own_volume_needs_one_reading(readings):
    frame = readings()
    assert dwelling_volume(frame, dwelling="f3", wave="s1").text == "43\u00a0m³"
    with pytest.raises(CampaignError, match="0\u00a0relevé pour ce logement"):
        dwelling_volume(frame, dwelling="f3", wave="s2")
    with pytest.raises(CampaignError, match="2\u00a0relevés pour ce logement"):
        dwelling_volume(pd.concat([frame, frame]), dwelling="f3", wave="s1")


def test_periods_in_words():
    assert period_fr(date(2027, 3, 1), date(2027, 3, 1)) == "le 1er\u00a0mars 2027"
    assert period_fr(date(2027, 3, 1), date(2027, 4, 2)) == "du 1er\u00a0mars au 2\u00a0avril 2027"
    assert period_fr(date(2026, 12, 30), date(2027, 1, 2)) == (
        "du 30\u00a0décembre 2026 au 2\u00a0janvier 2027"
    )
