from datetime import date

import numpy as np
import pandas as pd
import pytest

from nudge.campaign.load import campaign_from_fields
from nudge.simulation.bin_truth import AssessorTruth, BinTruth, Confusion, SetOutTruth
from nudge.simulation.truth import ArmTruth, Attrition, Truth

PERFECT = AssessorTruth(
    confusion=Confusion(green=(1, 0, 0), orange=(0, 1, 0), red=(0, 0, 1)), bias=0, double_share=0
)
CALM = BinTruth(
    green=0.75, icc_round=0, icc_zone=0.05, icc_household=0.3, week_noise=0, zone_wave_noise=0
)


@pytest.fixture
def make_campaign():
    """A simulated campaign of two waves around the nudge."""

    def build(primary="bac_bien_trie", family="qualite", arms=("comparaison",), **changes):
        groups = [{"identifiant": "temoin", "titre": "Sans message", "temoin": True}]
        groups += [
            {
                "identifiant": name,
                "titre": f"Message {name}",
                "levier": "comparaison_sociale",
                "canal": "carte_porte",
            }
            for name in arms
        ]
        return campaign_from_fields(
            {
                "version": 1,
                "identifiant": "essai",
                "titre": "Essai",
                "simulation": True,
                "objectif": "Essayer",
                "famille": family,
                "critere_principal": primary,
                "population": "Tous",
                "tirage": {"unite": "rue"},
                "groupes": groups,
                "debut": date(2027, 3, 1),
                "fin": date(2027, 6, 30),
                "vagues": [
                    _wave("reference", "reference", date(2027, 2, 1), date(2027, 2, 12)),
                    _wave("suivi-1", "suivi", date(2027, 3, 1), date(2027, 3, 7)),
                    _wave("suivi-2", "suivi", date(2027, 5, 10), date(2027, 5, 16)),
                ],
                **changes,
            }
        )

    return build


def _wave(name, kind, start, end):
    return {"nom": name, "type": kind, "debut": start, "fin": end}


@pytest.fixture
def make_zones():
    """Zones of equal size, ten to a round, each the neighbour of the next one."""

    def build(number=400, dwellings=40, second_homes=0.0):
        names = [f"rue-{k:04d}" for k in range(number)]
        zones = pd.DataFrame(
            {
                "zone_id": names,
                "tournee_id": [f"tournee-{k // 10:03d}" for k in range(number)],
                "n_logements": dwellings,
                "part_residences_secondaires": second_homes,
            }
        )
        pairs = pd.DataFrame(
            {"zone_id": names[:-1] + names[1:], "voisin_id": names[1:] + names[:-1]}
        )
        return zones, pairs

    return build


@pytest.fixture
def calm():
    """A truth without errors, noise, losses or second homes: what is stated is what is seen."""

    def build(**changes):
        settings = {
            "bins": CALM,
            "assessors": PERFECT,
            "attrition": Attrition(unseen=0),
            "set_out": SetOutTruth(icc_zone=0, icc_household=0),
        }
        return Truth(**(settings | changes))

    return build


@pytest.fixture
def sure():
    """An arm whose messages all arrive."""

    def build(effect, **changes):
        return ArmTruth(effect=effect, delivered=1.0, **changes)

    return build


@pytest.fixture
def halves():
    """Allocate zones at random to the control and the other arms, in equal numbers."""

    def build(zones, arms=("temoin", "comparaison")):
        codes = np.random.default_rng(5).permutation(np.arange(len(zones)) % len(arms))
        return {zone: arms[code] for zone, code in zip(zones["zone_id"], codes, strict=True)}

    return build
