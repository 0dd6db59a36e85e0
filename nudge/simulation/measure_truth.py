"""Assumptions about outcomes that are not bin checks: loads, sites, drop-off points, meters."""

from types import MappingProxyType

from pydantic import Field

from nudge.campaign.section import Section


class MeasureTruth(Section):
    """Level, spread and effects of one outcome, in its own unit."""

    level: float = Field(
        alias="niveau",
        title="Niveau",
        description="Moyenne sans message, hors été.",
        gt=0,
    )
    sd: float = Field(
        alias="ecart_type",
        title="Écart-type",
        description="Écart-type entre relevés, toutes zones ensemble.",
        gt=0,
    )
    icc: float = Field(
        default=0.05,
        title="Corrélation intra-zone",
        description="Part de la variance entre zones.",
        ge=0,
        lt=1,
    )
    summer: float = Field(
        default=0.0,
        alias="effet_ete",
        title="Effet de l'été",
        description="Ce que l'été ajoute, dans l'unité du critère.",
    )
    effects: dict[str, float] = Field(
        default_factory=dict,
        alias="effets",
        title="Effets",
        description="Effet de chaque groupe, dans l'unité du critère ; 0 s'il est absent.",
    )


MEASURES: MappingProxyType[str, MeasureTruth] = MappingProxyType(
    {
        "taux_refus": MeasureTruth(level=0.24, sd=0.08, icc=0.2, summer=0.04),
        "masse_collectee": MeasureTruth(level=4_000, sd=900, icc=0.2, summer=800),
        "part_indesirables": MeasureTruth(level=0.25, sd=0.10, icc=0.1, summer=0.04),
        "remplissage_pav": MeasureTruth(level=60, sd=25, icc=0.1, summer=15),
        "megots_au_sol": MeasureTruth(level=2.0, sd=1.2, icc=0.2, summer=1.0),
        "votes_cendrier": MeasureTruth(level=40, sd=20, icc=0.2, summer=30),
        "depots_sauvages": MeasureTruth(level=1.5, sd=1.5, icc=0.2, summer=0.5),
        "score_autocontrole": MeasureTruth(level=6.5, sd=2.0, icc=0.03),
        "consommation_eau": MeasureTruth(level=40, sd=22, icc=0.03, summer=5),
        # Parts of conversations are made by a hash: nothing makes two of one part alike.
        "interet_eco_geste": MeasureTruth(level=0.10, sd=0.30, icc=0),
    }
)

# Largest value of measures that have one.
UPPER: MappingProxyType[str, float] = MappingProxyType(
    {
        "taux_refus": 1.0,
        "part_indesirables": 1.0,
        "remplissage_pav": 150.0,
        "score_autocontrole": 10.0,
        "interet_eco_geste": 1.0,
    }
)

# Measure that an outcome follows from, where it is not the outcome itself: overflowing is filling.
MEASURE_OF: MappingProxyType[str, str] = MappingProxyType({"pav_deborde": "remplissage_pav"})
