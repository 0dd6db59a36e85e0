from datetime import date
from typing import Any

import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from nudge.analysis.analyse_campaign import analyse_campaign
from nudge.errors import CampaignError

TODAY = date(2027, 6, 1)


def run(data: Any, **options: Any) -> Any:
    return analyse_campaign(data, today=TODAY, **options)


def test_effect_is_that_of_the_trial_analysis(make_field: Any, campaign_data: Any) -> None:
    field = make_field(zones=20)
    result = run(campaign_data(field))
    shown = field.checks[field.checks["presente"]]
    rows = pd.DataFrame(
        {
            "zone": shown["zone_id"],
            "arm": shown["zone_id"].map(field.arms),
            "wave": shown["vague"],
            "y": (shown["couleur"] == "vert").astype(float),
        }
    )
    plan = make_plan(
        outcome="y", arm="arm", cluster="zone", control="temoin", period="wave",
        baseline="reference", estimators=["recommended"], draws=999,
        design=field.folder / "tirage",
    )  # fmt: skip
    expected = analyze(rows, plan).estimates[0]
    found = result.primary.estimates[0]
    assert found.estimator == expected.estimator
    assert found.contrast == "carte vs temoin"
    assert found.estimate == pytest.approx(expected.estimate, abs=1e-12)
    assert (found.ci_low, found.ci_high) == pytest.approx((expected.ci_low, expected.ci_high))


def test_declared_parts_are_all_there(make_field: Any, campaign_data: Any) -> None:
    result = run(campaign_data(make_field(zones=24)))
    primary = result.primary
    assert {"randomization", "ols-cr2", "gee-md"} <= {one.estimator for one in primary.robustness}
    assert list(primary.by_wave) == ["suivi-1", "suivi-2"]
    assert {one.scale for one in primary.other_scales} == {
        "ratio", "number_needed_to_treat", "cohens_h",
    }  # fmt: skip
    assert result.heterogeneity[0].moderator == "part_residences_secondaires"
    assert result.influence is not None
    assert result.minimum_detectable_effect == pytest.approx(
        2.9 * primary.estimates[0].std_error, rel=0.05
    )
    assert 0 <= result.icc_low <= result.icc <= result.icc_high <= 1
    assert result.balance["variable"].tolist() == [
        "n_logements", "part_residences_secondaires", "niveau_reference",
    ]  # fmt: skip
    assert [row.step for row in result.flow] == ["tirees", "mesurees", "analysees"]
    assert result.flow[0].zones == {"temoin": 12, "carte": 12}
    assert result.grade == "A"


def test_secondary_outcomes_are_corrected_family_by_family(
    make_field: Any, campaign_data: Any
) -> None:
    """Sorting and participation are two families of one outcome each: nothing is multiplied."""
    field = make_field()
    result = run(campaign_data(field))
    for one in result.outcomes[1:]:
        assert one.estimates[0].adjustment == "holm"
        assert one.estimates[0].p_adjusted == pytest.approx(one.estimates[0].p_value)
    two = run(
        campaign_data(field, {"criteres_secondaires": ["bac_sans_rouge", "logement_bac_bien_trie"]})
    )
    p = sorted(one.estimates[0].p_value for one in two.outcomes[1:])
    adjusted = sorted(one.estimates[0].p_adjusted for one in two.outcomes[1:])
    assert adjusted[0] == pytest.approx(min(1.0, 2 * p[0]))


@pytest.mark.parametrize("kind", ["strata", "pairs"])
def test_restricted_draws_are_analysed_by_their_own_allocations(
    make_field: Any, campaign_data: Any, kind: str
) -> None:
    field = make_field(zones=16, **{kind: True})
    tirage = {"unite": "rue"}
    tirage |= (
        {"strates": ["type_habitat"]} if kind == "strata" else {"paires_selon": ["n_logements"]}
    )
    result = run(campaign_data(field, {"tirage": tirage}))
    drawn = next(one for one in result.primary.robustness if one.estimator == "randomization")
    expected = {"strata": 70 * 70, "pairs": 2**8}[kind]
    assert drawn.extra["n_allocations"] == expected


def test_a_lost_zone_is_said_and_the_rest_analysed(make_field: Any, campaign_data: Any) -> None:
    field = make_field(zones=20)
    lost = next(zone for zone, arm in field.arms.items() if arm == "carte")
    checks = field.checks
    gone = (checks["zone_id"] == lost) & (checks["vague"] != "reference")
    result = run(campaign_data(field, observations={"controle_bac": checks[~gone]}))
    assert any("1 zone perdue sur 10" in one.text.replace("\u00a0", " ")
               for one in result.deviations)  # fmt: skip
    assert result.grade == "A"
    assert result.primary.estimates[0].n_clusters == {"temoin": 10, "carte": 9}
    assert any(one.estimator == "randomization" for one in result.primary.robustness)
    more = [zone for zone, arm in field.arms.items() if arm == "carte"][:3]
    gone = checks["zone_id"].isin(more) & (checks["vague"] != "reference")
    assert run(campaign_data(field, observations={"controle_bac": checks[~gone]})).grade == "B"


def test_a_zone_without_reference_drops_the_adjustment_not_the_zone(
    make_field: Any, campaign_data: Any
) -> None:
    field = make_field(zones=12)
    checks = field.checks
    gone = (checks["zone_id"] == "rue-003") & (checks["vague"] == "reference")
    result = run(campaign_data(field, observations={"controle_bac": checks[~gone]}))
    assert sum(result.primary.estimates[0].n_clusters.values()) == 12
    assert any("n'est pas ajustée" in one for one in result.primary.not_estimable)


def test_three_arms_share_the_control(make_field: Any, campaign_data: Any) -> None:
    fields: dict[str, Any] = {
        "groupes": [
            {"identifiant": "temoin", "titre": "Sans message", "temoin": True},
            *(
                {"identifiant": name, "titre": name, "levier": "rappel", "canal": "courrier"}
                for name in ("carte", "lettre")
            ),
        ],
        # What is said of several arms is said by the planned estimator alone.
        "analyse": {"robustesse": [], "attenuation": False, "tirages": 99},
    }
    field = make_field(zones=24, effects={"temoin": 0.0, "carte": 0.1, "lettre": 0.0})
    result = run(campaign_data(field, fields))
    assert [one.contrast for one in result.primary.estimates] == [
        "carte vs temoin", "lettre vs temoin",
    ]  # fmt: skip
    assert all(one.p_adjusted >= one.p_value for one in result.primary.estimates)


def test_without_control_nothing_is_estimated(make_field: Any, campaign_data: Any) -> None:
    fields = {
        "conception": "avant_apres",
        "groupes": [
            {"identifiant": "carte", "titre": "Carte", "levier": "retour", "canal": "carte_porte"}
        ],
        "criteres_secondaires": [],
    }
    result = run(campaign_data(make_field(), fields))
    assert result.grade == "C"
    assert not result.primary.estimates
    assert not result.primary.robustness
    assert result.before_after.units_before > 0
    assert result.before_after.ci_low is None
    assert any("Aucune conclusion sur la cause" in reason for reason in result.grade_reasons)


def test_no_rows_of_the_primary_outcome_is_an_error(make_field: Any, campaign_data: Any) -> None:
    with pytest.raises(CampaignError, match="controle_bac"):
        run(campaign_data(make_field(), observations={}))


def test_an_unmeasured_secondary_outcome_is_said(make_field: Any, campaign_data: Any) -> None:
    result = run(campaign_data(make_field(), {"criteres_secondaires": ["taux_refus"]}))
    assert result.outcomes[1].not_estimable == ("Critère prévu et non mesuré.",)


def test_equivalence_uses_the_declared_margin(make_field: Any, campaign_data: Any) -> None:
    field = make_field(zones=30, effects={"temoin": 0.0, "carte": 0.0})
    result = run(campaign_data(field, {"analyse": {"marge_equivalence": 0.2, "tirages": 999}}))
    assert result.equivalence["carte vs temoin"].verdict == "equivalent"


def test_an_early_look_lowers_the_grade(make_field: Any, campaign_data: Any) -> None:
    data = campaign_data(make_field())
    assert run(data).grade == "A"
    early = run(data, early=True)
    assert early.grade == "B"
    assert any("avant la fin" in one.text for one in early.deviations)


def test_an_unlocked_plan_is_not_grade_a(make_field: Any, campaign_data: Any) -> None:
    assert run(campaign_data(make_field(), locked=False)).grade == "B"
