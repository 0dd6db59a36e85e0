"""Results as an analysis gives them: benefit, doubt, harm, three arms, water, before and after."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.equivalence import equivalence_test
from experiments.analysis.heterogeneity import Heterogeneity, SubgroupEffect
from experiments.analysis.leave_one_out import LeaveOneOut
from experiments.analysis.sample_ratio import SampleRatio
from nudge.analysis.before_after import before_after
from nudge.analysis.result import (
    ArmLevel,
    CampaignResult,
    Deviation,
    ExposedNeighbours,
    FlowRow,
    OutcomeResult,
)
from nudge.campaign.load import campaign_from_fields
from nudge.errors import Problem

ORANGE_COUNTY = Path(__file__).with_name("orange_county_2018.csv")
WAVES = (
    {"nom": "référence mai", "type": "reference", "debut": "2027-05-03", "fin": "2027-05-14"},
    {"nom": "juin", "type": "suivi", "debut": "2027-06-07", "fin": "2027-06-18"},
    {"nom": "septembre", "type": "suivi", "debut": "2027-09-06", "fin": "2027-09-17"},
)
TIDIER = {
    "nom": "Carte « votre rue trie »",
    "pourquoi": "Savoir ce que font les voisins donne envie de faire aussi bien.",
    "supports": "Carte A6 glissée dans la boîte aux lettres.",
    "deroulement": "Une carte par logement, après le relevé de la semaine.",
    "par_qui": "Ambassadeurs du tri.",
    "comment": "De la main à la boîte.",
    "ou": "Rues tirées au sort.",
    "quand_combien": "Deux passages en juin.",
}


def arm(identifier, title, **fields):
    nudge = {"levier": "comparaison_sociale", "canal": "carte_porte", "tidier": TIDIER}
    return {"identifiant": identifier, "titre": title, **nudge, **fields}


def campaign(**changes):
    fields = {
        "version": 1,
        "identifiant": "carte-2027",
        "titre": "Cartes de comparaison entre rues, été 2027",
        "objectif": "Savoir si une carte de comparaison améliore la qualité du tri.",
        "famille": "qualite",
        "critere_principal": "bac_bien_trie",
        "population": "Logements avec bac jaune des rues pavillonnaires",
        "tirage": {"unite": "rue", "strates": ["commune"]},
        "groupes": [
            {"identifiant": "temoin", "titre": "Témoin", "temoin": True},
            arm("carte", "Carte de comparaison"),
        ],
        "debut": "2027-06-01",
        "fin": "2027-06-30",
        "vagues": list(WAVES),
        "puissance": {
            "niveau_attendu": 0.6, "effet_plausible": 0.03, "effet_detectable_accepte": 0.06,
            "accepte_par": "service déchets",
        },
        "juridique": {
            "base_legale": "mission_interet_public", "responsable": "Communauté de communes",
            "notice": "page internet du service", "canal_opposition": "accueil téléphonique",
        },
        "responsable_campagne": "Service prévention",
        "sources": ["Relevés de terrain du service, juin à septembre 2027."],
    }  # fmt: skip
    return campaign_from_fields({**fields, **changes})


def estimate(value, low, high, **changes):
    fields = {
        "outcome": "bac_bien_trie", "contrast": "carte vs temoin", "estimate": value,
        "std_error": (high - low) / 4.1, "df": 38.0, "ci_low": low, "ci_high": high,
        "p_value": float(2 * stats.t.sf(abs(value) / ((high - low) / 4.1), 38)),
        "scale": "difference", "method": "analysis of covariance on cluster means",
        "estimator": "zone-ancova", "reference": "Lin (2013), Ann Appl Stat 7:295-318",
        "estimand": "cluster", "n_clusters": {"temoin": 20, "carte": 20},
        "n_units": {"temoin": 500, "carte": 500}, "icc": 0.04, "extra": {"draws": 9999},
    }  # fmt: skip
    return EffectEstimate(**{**fields, **changes})


def levels(arms, waves=("référence mai", "juin", "septembre", ""), units=500):
    return tuple(
        ArmLevel(arm=name, wave=wave, mean=mean, zones=20, units=units)
        for name, means in arms.items()
        for wave, mean in zip(waves, means, strict=True)
    )


def outcome_result(estimates, **changes):
    fields = {
        "outcome": "bac_bien_trie",
        "primary": True,
        "estimates": tuple(estimates),
        "robustness": (),
        "levels": levels({"temoin": (0.60, 0.61, 0.62, 0.615), "carte": (0.59, 0.69, 0.67, 0.68)}),
        "by_wave": {},
        "other_scales": (),
        "not_estimable": (),
    }
    return OutcomeResult(**{**fields, **changes})


def result(outcomes, **changes):
    fields = {
        "campaign": campaign(),
        "status": "close",
        "analysed_on": date(2027, 10, 4),
        "grade": "A",
        "grade_reasons": ("Zones tirées au sort, plan verrouillé avant le tirage et suivi.",),
        "outcomes": tuple(outcomes),
        "before_after": None,
        "heterogeneity": (),
        "equivalence": {},
        "influence": None,
        "sample_ratio": None,
        "exposed_neighbours": None,
        "flow": (),
        "balance": None,
        "minimum_detectable_effect": 0.058,
        "icc": 0.041,
        "icc_low": 0.012,
        "icc_high": 0.094,
        "fidelity": None,
        "complaints": None,
        "deviations": (),
        "findings": (),
        "plan_sha256": "a" * 64,
        "zones_sha256": "b" * 64,
        "data_sha256": "c" * 64,
        "seed": 20270517,
        "problems": (),
        "synthetic_territory": False,
        "run_id": "",
    }
    return CampaignResult(**{**fields, **changes})


def flow():
    return (
        FlowRow(step="eligibles", label="Zones qui convenaient", zones={"": 52}, units={"": None}),
        FlowRow(step="ecartees", label="Zones non retenues", zones={"": 12}, units={"": None}),
        FlowRow(step="tirees", label="Zones du groupe (logements)",
                zones={"temoin": 20, "carte": 20}, units={"temoin": 812, "carte": 798}),
        FlowRow(step="recues", label="Zones où un message a été remis (remises)",
                zones={"carte": 20}, units={"carte": 1533}),
        FlowRow(step="analysees", label="Zones analysées (mesures de suivi)",
                zones={"temoin": 20, "carte": 19}, units={"temoin": 1012, "carte": 3}),
    )  # fmt: skip


@pytest.fixture(scope="session")
def benefit():
    """Seven bins more out of 100, with everything that a report can show."""
    first = estimate(0.07, 0.02, 0.121)
    presented = estimate(
        0.021, -0.013, 0.055, outcome="bac_presente", p_adjusted=0.42, adjustment="holm"
    )
    return result(
        [
            outcome_result(
                [first],
                robustness=(
                    estimate(0.068, 0.015, 0.121, estimator="randomization", std_error=None,
                             df=None),
                    estimate(0.071, 0.019, 0.123, estimator="gee-md"),
                ),
                by_wave={
                    "juin": (estimate(0.081, 0.03, 0.132),),
                    "septembre": (estimate(0.052, -0.004, 0.108),),
                },
                other_scales=(estimate(1.11, 1.03, 1.2, scale="ratio"),
                              estimate(14.3, 8.3, 50.0, scale="number_needed_to_treat")),
            ),
            outcome_result(
                [presented], outcome="bac_presente", primary=False,
                levels=levels({"temoin": (0.7, 0.7, 0.7, 0.7), "carte": (0.7, 0.72, 0.71, 0.72)}),
            ),
        ],
        campaign=campaign(
            criteres_secondaires=["bac_presente"],
            economie={"bacs_du_territoire": 12000, "collectes_par_an": 40, "kg_par_bac": 4.0,
                      "euros_par_tonne_refusee": 200, "source": "marché de tri, 2026"},
        ),
        flow=flow(),
        balance=pd.DataFrame(
            {"variable": ["n_logements", "part_residences_secondaires", "niveau_reference"],
             "temoin": [40.6, 0.412, 0.60], "carte": [39.9, 0.398, 0.59],
             "ecart": [-0.06, -0.11, 0.31]}
        ),
        heterogeneity=(
            Heterogeneity(
                outcome="bac_bien_trie", moderator="type_habitat", kind="factor",
                effects=tuple(
                    SubgroupEffect(level=level, contrast="carte vs temoin", estimate=value,
                                   std_error=0.03, df=20.0, ci_low=value - 0.06,
                                   ci_high=value + 0.06, p_value=0.05, n_clusters=n)
                    for level, value, n in (("collectif", 0.02, 4), ("pavillonnaire", 0.08, 30))
                ),
                statistic=1.2, df=1.0, df_denominator=18.0, p_value=0.29, warnings=(),
            ),
        ),
        equivalence={"carte vs temoin": equivalence_test(
            estimate=0.07, std_error=0.0246, df=38, lower=-0.03, upper=0.03)},
        influence={"carte vs temoin": LeaveOneOut(
            clusters=("rue-1", "rue-2"), full_estimate=0.07, full_std_error=0.02, full_p=0.007,
            estimate=np.array([0.06, 0.08]), std_error=np.array([0.02, np.nan]),
            p_value=np.array([0.01, 0.004]), change=np.array([-0.5, 0.5]),
            sign_flips=np.array([False, False]), significance_flips=np.array([False, False]),
            level=0.95)},
        sample_ratio=SampleRatio(
            arms=("temoin", "carte"), clusters=(20, 20), expected_clusters=(20.0, 20.0),
            p_clusters=1.0, units=None, expected_units=None, p_units=None, p_units_naive=None,
            verdict="consistent", alpha=0.01),
        exposed_neighbours=ExposedNeighbours(
            exposed=8, unexposed=12, estimate=estimate(0.01, -0.06, 0.08)),
        fidelity={"carte": 0.962},
        complaints={"temoin": 0.1, "carte": 0.4},
        deviations=(Deviation(kind="ecart", text="1 zone perdue sur 20 dans le groupe carte.",
                              serious=False),),
        findings=("zone-ancova: 5 of 500 rows were dropped for a missing value",),
        problems=(Problem(what="deux contrôleurs seulement", place="controle_bac"),),
    )  # fmt: skip


@pytest.fixture(scope="session")
def inconclusive():
    return result([outcome_result([estimate(0.021, -0.041, 0.083)])])


@pytest.fixture(scope="session")
def harm():
    """Overflow at drop-off points: lower is better, and there is more of it."""
    worse = estimate(0.05, 0.012, 0.088, outcome="pav_deborde")
    return result(
        [outcome_result([worse], outcome="pav_deborde")],
        campaign=campaign(famille="incivilites", critere_principal="pav_deborde"),
    )


@pytest.fixture(scope="session")
def three_arms():
    def one(name, value, low, high, adjusted):
        return estimate(value, low, high, contrast=f"{name} vs temoin", p_adjusted=adjusted,
                        adjustment="holm", n_clusters={"temoin": 20, name: 20})  # fmt: skip

    return result(
        [
            outcome_result(
                [one("carte", 0.08, 0.03, 0.13, 0.006), one("sol", 0.045, 0.001, 0.089, 0.09)],
                levels=levels({"temoin": (0.6, 0.61, 0.62, 0.615), "carte": (0.59, 0.69, 0.7, 0.7),
                               "sol": (0.61, 0.66, 0.65, 0.655)}),
                by_wave={
                    "juin": (one("carte", 0.08, 0.03, 0.13, None),
                             one("sol", 0.05, -0.01, 0.11, None)),
                    "septembre": (one("carte", 0.07, 0.01, 0.13, None),
                                  one("sol", 0.03, -0.03, 0.09, None)),
                },
            )
        ],
        campaign=campaign(
            simulation=True,
            groupes=[
                {"identifiant": "temoin", "titre": "Témoin", "temoin": True},
                arm("carte", "Carte de comparaison"),
                arm("sol", "Marquage au sol", canal="marquage_sol"),
            ],
        ),
        synthetic_territory=True,
    )  # fmt: skip


@pytest.fixture(scope="session")
def water():
    """Continuous outcome, lower is better."""
    less = estimate(-4.23, -7.31, -1.14, outcome="consommation_eau")
    return result(
        [
            outcome_result(
                [less], outcome="consommation_eau",
                levels=levels({"temoin": (41.2, 42.0, 41.8, 41.9),
                               "carte": (41.0, 37.5, 38.0, 37.7)}),
            )
        ],
        campaign=campaign(
            famille="quantite", critere_principal="consommation_eau",
            puissance={"niveau_attendu": 41, "ecart_type": 20, "effet_plausible": -1.0},
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def orange_county():
    """The published table of a real pilot without control group: weeks 1 to 4, then 5 to 8."""
    table = pd.read_csv(ORANGE_COUNTY, comment="#")
    seen = (table["addresses_tagged"] - table["not_set_out"]).to_numpy()
    rows = pd.DataFrame(
        {
            "vague": np.repeat([f"semaine {week}" for week in table["week"]], seen),
            "y": np.concatenate(
                [np.arange(n) < great for n, great in zip(seen, table["great"], strict=True)]
            ).astype(float),
        }
    )
    first = date(2018, 3, 5)
    waves = [
        {
            "nom": f"semaine {week}",
            "type": "reference" if week <= 4 else "suivi",
            "debut": first + timedelta(weeks=week - 1),
            "fin": first + timedelta(weeks=week - 1, days=4),
        }
        for week in table["week"].tolist()
    ]
    names = [wave["nom"] for wave in waves]
    change = before_after(rows, outcome="y", before=names[:4], after=names[4:])
    return result(
        [outcome_result([], levels=())],
        campaign=campaign(
            conception="avant_apres", titre="Étiquettes sur les bacs, comté d'Orange",
            groupes=[arm("etiquette", "Étiquettes")], vagues=waves,
            debut=first + timedelta(weeks=4), fin=first + timedelta(weeks=8),
        ),
        grade="C",
        grade_reasons=("Comparaison avant/après, sans groupe témoin.",),
        before_after=change, minimum_detectable_effect=None, icc=None, icc_low=None, icc_high=None,
        seed=None,
    )  # fmt: skip


@pytest.fixture
def changed():
    """``dataclasses.replace``, for results that differ in one thing."""
    return replace


@pytest.fixture
def make():
    """Builders of estimates, outcomes, campaigns and results."""
    return {"estimate": estimate, "outcome": outcome_result, "campaign": campaign,
            "result": result, "levels": levels, "arm": arm}  # fmt: skip


@pytest.fixture(
    scope="session",
    params=["benefit", "inconclusive", "harm", "three_arms", "water", "orange_county"],
)
def any_result(request):
    return request.getfixturevalue(request.param)
