"""A drawn campaign with field data, made in memory from a stated truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.design.cluster_frame import read_cluster_frame
from experiments.design.draw import draw
from experiments.design.draw_folder import write_draw
from experiments.design.trial_design import TrialDesign
from nudge.analysis.campaign_data import CampaignData
from nudge.analysis.trial_context import trial_context
from nudge.campaign.load import campaign_from_fields

WAVES = ["reference", "suivi-1", "suivi-2"]
FIELDS: dict[str, Any] = {
    "version": 1,
    "identifiant": "comparaison-tri",
    "titre": "Se comparer à sa rue",
    "simulation": True,
    "objectif": "Savoir si une carte améliore le tri.",
    "famille": "qualite",
    "critere_principal": "bac_bien_trie",
    "criteres_secondaires": ["bac_sans_rouge", "bac_presente"],
    "population": "Logements en porte-à-porte",
    "tirage": {"unite": "rue"},
    "groupes": [
        {"identifiant": "temoin", "titre": "Sans message", "temoin": True},
        {
            "identifiant": "carte",
            "titre": "Carte",
            "levier": "comparaison_sociale",
            "canal": "carte_porte",
        },
    ],
    "debut": "2027-03-01",
    "fin": "2027-05-30",
    "vagues": [
        {"nom": "reference", "type": "reference", "debut": "2027-02-01", "fin": "2027-02-21"},
        {"nom": "suivi-1", "type": "suivi", "debut": "2027-03-15", "fin": "2027-04-04"},
        {"nom": "suivi-2", "type": "suivi", "debut": "2027-05-03", "fin": "2027-05-23"},
    ],
    "analyse": {"moderateurs": ["part_residences_secondaires"], "tirages": 999},
}


@dataclass(frozen=True)
class Field:
    """A folder with a draw, and what was seen in its zones."""

    folder: Path
    zones: pd.DataFrame
    arms: Mapping[str, str]
    checks: pd.DataFrame


@pytest.fixture(scope="session")
def campaign_fields() -> dict[str, Any]:
    return FIELDS


@pytest.fixture
def make_field(tmp_path: Path) -> Callable[..., Field]:
    """Return a maker of fields: number of zones, effect by arm, strata, pairs, seed."""

    def make(
        *,
        zones: int = 20,
        effects: Mapping[str, float] | None = None,
        strata: bool = False,
        pairs: bool = False,
        seed: int = 1,
    ) -> Field:
        effects = {"temoin": 0.0, "carte": 0.1} if effects is None else effects
        rng = np.random.default_rng(seed)
        table = _zones(zones, rng)
        path = tmp_path / "zones.csv"
        table.to_csv(path, index=False)
        design = TrialDesign.model_validate(
            {
                "name": "essai",
                "cluster": "zone_id",
                "arms": list(effects),
                "strata": ["type_habitat"] if strata else [],
                "pairs": {"match_on": ["n_logements"]} if pairs else None,
                "seed": seed,
            }
        )
        drawn = draw(design, read_cluster_frame(path, cluster_column="zone_id"))
        write_draw(drawn, tmp_path / "tirage")
        checks = _checks(table, drawn.allocation, effects, rng)
        return Field(folder=tmp_path, zones=table, arms=drawn.allocation, checks=checks)

    return make


@pytest.fixture
def campaign_data() -> Callable[..., CampaignData]:
    """Return a gatherer of what the analysis reads, with changes to fields and columns."""

    def gather(field: Field, fields: Mapping[str, Any] | None = None, **changes: Any) -> Any:
        campaign = campaign_from_fields({**FIELDS, **(fields or {})})
        context = trial_context(
            campaign, zones=field.zones, allocation=field.arms, folder=field.folder
        )
        data = CampaignData(
            context=context,
            observations={"controle_bac": field.checks},
            neighbours=pd.DataFrame({"zone_id": [], "voisin_id": []}),
            status="close",
            locked=True,
            plan_sha256="0" * 64,
            zones_sha256="1" * 64,
            data_sha256="2" * 64,
            seed=1,
            eligible=None,
            amendments=(),
            declared=(),
            synthetic_territory=True,
        )
        return replace(data, **changes)

    return gather


def _zones(number: int, rng: np.random.Generator) -> pd.DataFrame:
    dwellings = rng.integers(20, 60, number)
    second = rng.integers(0, 19, number)
    return pd.DataFrame(
        {
            "zone_id": [f"rue-{place:03d}" for place in range(number)],
            "nom": [f"Rue synthétique {place}" for place in range(number)],
            "type_habitat": np.where(np.arange(number) % 2, "collectif", "pavillonnaire"),
            "n_logements": dwellings,
            "part_residences_secondaires": second / dwellings,
        }
    )


def _checks(
    zones: pd.DataFrame,
    arms: Mapping[str, str],
    effects: Mapping[str, float],
    rng: np.random.Generator,
) -> pd.DataFrame:
    parts = []
    level = rng.normal(0.6, 0.08, len(zones))
    for wave in WAVES:
        for place, zone in enumerate(zones["zone_id"]):
            effect = 0.0 if wave == "reference" else effects[arms[zone]]
            seen = 30
            green = rng.random(seen) < np.clip(level[place] + effect, 0.02, 0.98)
            colour = np.where(green, "vert", np.where(rng.random(seen) < 0.7, "orange", "rouge"))
            out = rng.random(seen) < 0.8
            parts.append(
                pd.DataFrame(
                    {
                        "controle_id": [f"{zone}-{wave}-{rank}" for rank in range(seen)],
                        "zone_id": zone,
                        "foyer_id": [f"{zone}-f{rank}" for rank in range(seen)],
                        "vague": wave,
                        "date": pd.Timestamp("2027-03-20"),
                        "presente": out,
                        "couleur": np.where(out, colour, None),
                        "codes_erreur": None,
                        "controleur": "c1",
                        "rang": 1,
                        "meteo": None,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)
