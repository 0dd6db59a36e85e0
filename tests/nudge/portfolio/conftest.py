"""Results of campaigns that differ in family, grade, size and kind of data."""

from datetime import date

import pytest

from experiments.analysis.effect_estimate import EffectEstimate
from nudge.analysis.result import BeforeAfter, CampaignResult, OutcomeResult
from nudge.campaign.load import campaign_from_fields

FAMILIES = {
    "bac_bien_trie": "qualite",
    "bac_presente": "participation",
    "taux_refus": "qualite",
    "consommation_eau": "quantite",
    "pav_deborde": "incivilites",
}


def campaign(name, outcome, arms, *, simulation, grade):
    nudged = [
        {"identifiant": one, "titre": one, "levier": "rappel", "canal": "courrier"} for one in arms
    ]
    control = [{"identifiant": "temoin", "titre": "Témoin", "temoin": True}]
    return campaign_from_fields(
        {
            "version": 1, "identifiant": name, "titre": f"Campagne {name}", "objectif": "Savoir.",
            "simulation": simulation, "famille": FAMILIES[outcome], "critere_principal": outcome,
            "population": "Logements", "tirage": {"unite": "rue"},
            "conception": "avant_apres" if grade == "C" else "randomisee",
            "groupes": nudged if grade == "C" else control + nudged,
            "debut": "2027-06-01", "fin": "2027-06-30",
            "vagues": [{"nom": "juin", "type": "suivi", "debut": "2027-06-07",
                        "fin": "2027-06-18"}],
        }
    )  # fmt: skip


def estimate(outcome, arm, value, error, known):
    return EffectEstimate(
        outcome=outcome, contrast=f"{arm} vs temoin", estimate=value,
        std_error=error if known else None, df=38.0 if known else None,
        ci_low=value - 1.96 * error, ci_high=value + 1.96 * error, p_value=0.2,
        scale="difference", method="m", estimator="zone-t", reference="r", estimand="cluster",
        n_clusters={"temoin": 20, arm: 20}, n_units={"temoin": 500, arm: 500},
    )  # fmt: skip


def make_result(
    name, effects, *, outcome="bac_bien_trie", error=0.02, grade="A", simulation=False, known=True
):
    arms = [f"groupe{place}" for place in range(1, len(effects) + 1)]
    compared = grade in "AB"
    change = None
    if grade == "C":
        change = BeforeAfter(
            before=0.3, after=0.3 + effects[0], difference=effects[0], ci_low=None, ci_high=None,
            units_before=500, units_after=500, waves=None,
        )  # fmt: skip
    found = OutcomeResult(
        outcome=outcome, primary=True,
        estimates=tuple(
            estimate(outcome, arm, value, error, known)
            for arm, value in zip(arms, effects, strict=True)
        ) if compared else (),
        robustness=(), levels=(), by_wave={}, other_scales=(), not_estimable=(),
    )  # fmt: skip
    return CampaignResult(
        campaign=campaign(name, outcome, arms, simulation=simulation, grade=grade),
        status="close", analysed_on=date(2027, 10, 4), grade=grade, grade_reasons=("raison",),
        outcomes=(found,), before_after=change, heterogeneity=(), equivalence={}, influence=None,
        sample_ratio=None, exposed_neighbours=None, flow=(), balance=None,
        minimum_detectable_effect=None, icc=None, icc_low=None, icc_high=None, fidelity=None,
        complaints=None, deviations=(), findings=(), plan_sha256="a" * 64, zones_sha256="b" * 64,
        data_sha256="c" * 64, seed=1, problems=(), synthetic_territory=False, run_id="",
    )  # fmt: skip


@pytest.fixture
def make():
    return make_result
