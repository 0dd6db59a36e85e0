import pytest

from nudge.gates.dates_and_waves import check

TREATED = {"groupes": [{"identifiant": "carte", "titre": "Carte",
                        "levier": "comparaison_sociale", "canal": "carte_porte"}],
           "tirage": {"unite": "rue"}, "conception": "avant_apres",
           "analyse": {}, "debut": "2027-03-01", "fin": "2027-09-30"}  # fmt: skip


def wave(name, kind, start, end):
    return {"nom": name, "type": kind, "debut": start, "fin": end}


BEFORE = [
    wave("r1", "reference", "2027-01-11", "2027-01-24"),
    wave("r2", "reference", "2027-02-08", "2027-02-21"),
]


def test_a_before_after_across_the_summer_is_refused(context_of, campaign_of):
    after = [
        wave("s1", "suivi", "2027-07-05", "2027-07-18"),
        wave("s2", "suivi", "2027-08-02", "2027-08-15"),
    ]
    result = check(context_of(campaign_of(**TREATED, vagues=BEFORE + after)))
    assert "même saison" in result.reasons[0].what


def test_a_before_after_on_the_same_side_of_the_summer_passes(context_of, campaign_of):
    after = [
        wave("s1", "suivi", "2027-03-15", "2027-03-28"),
        wave("s2", "suivi", "2027-04-12", "2027-04-25"),
    ]
    assert check(context_of(campaign_of(**TREATED, vagues=BEFORE + after))).passed


def test_a_before_after_needs_two_waves_a_side(context_of, campaign_of):
    after = [wave("s1", "suivi", "2027-03-15", "2027-03-28")]
    result = check(context_of(campaign_of(**TREATED, vagues=BEFORE + after)))
    assert "de chaque côté" in result.reasons[0].what


def test_a_control_group_may_cross_the_summer(context_of, campaign_of):
    waves = [BEFORE[0], wave("s1", "suivi", "2027-07-05", "2027-07-18")]
    campaign = campaign_of(vagues=waves, fin="2027-07-31")
    result = check(context_of(campaign))
    assert result.passed
    assert any("durée de l'effet" in warning for warning in result.warnings)


@pytest.mark.parametrize(("end", "passed"), [("2027-02-08", False), ("2027-02-07", True)])
def test_waves_do_not_overlap(context_of, campaign_of, end, passed):
    waves = [
        wave("r1", "reference", "2027-01-11", end),
        wave("r2", "reference", "2027-02-08", "2027-02-21"),
        wave("s1", "suivi", "2027-03-15", "2027-03-28"),
    ]
    assert check(context_of(campaign_of(vagues=waves))).passed is passed


def test_a_randomised_campaign_without_reference_is_warned(context_of, campaign_of):
    waves = [wave("s1", "suivi", "2027-03-15", "2027-03-28")]
    result = check(context_of(campaign_of(vagues=waves)))
    assert result.passed
    assert "Aucune vague de référence" in result.warnings[0]
