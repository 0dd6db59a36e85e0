"""The truth that a simulated campaign is made from: every number is an assumption, stated."""

from typing import Literal, Self

from pydantic import Field, model_validator

from nudge.campaign.section import Section
from nudge.simulation.bin_truth import AssessorTruth, BinTruth, SetOutTruth
from nudge.simulation.measure_truth import MEASURES, MeasureTruth
from nudge.simulation.season import SeasonTruth


class ArmTruth(Section):
    """What being in an arm truly changes."""

    effect: float = Field(
        default=0.0,
        alias="effet",
        title="Effet",
        description=(
            "Effet sur la part de bacs verts parmi les bacs présentés des logements qui ont reçu "
            "le message (0.03 = 3 points)."
        ),
        gt=-1,
        lt=1,
    )
    set_out_effect: float = Field(
        default=0.0,
        alias="effet_presentation",
        title="Effet sur la présentation",
        description="Effet sur la part de bacs présentés.",
        gt=-1,
        lt=1,
    )
    half_life: float | None = Field(
        default=None,
        alias="demi_vie_semaines",
        title="Demi-vie",
        description="Semaines au bout desquelles l'effet a perdu la moitié ; sans fin si absent.",
        gt=0,
    )
    delay: float = Field(
        default=0.0,
        alias="retard_semaines",
        title="Retard",
        description="Semaines entre le début du nudge et l'effet.",
        ge=0,
    )
    delivered: float = Field(
        default=0.95,
        alias="part_remise",
        title="Part remise",
        description="Part des messages prévus qui arrivent ; les autres logements sont sans effet.",
        ge=0,
        le=1,
    )
    complaints_per_100: float = Field(
        default=0.1,
        alias="reclamations_pour_100_logements",
        title="Réclamations",
        description="Réclamations attendues pour 100 logements pendant la campagne.",
        ge=0,
    )


class Boomerang(Section):
    """A reversed effect on those who already sort well."""

    threshold: float = Field(
        alias="seuil",
        title="Seuil",
        description="Part de bacs verts, sans message, à partir de laquelle l'effet s'inverse.",
        ge=0,
        le=1,
    )
    effect: float = Field(
        alias="effet",
        title="Effet",
        description="Effet au-dessus du seuil, à la place de celui du groupe (négatif).",
        gt=-1,
        le=0,
    )
    level: Literal["foyer", "zone"] = Field(
        default="foyer",
        alias="niveau",
        title="Niveau",
        description="foyer : selon le logement ; zone : selon la zone.",
    )


class Attrition(Section):
    """What is not measured though it should be."""

    zones_per_wave: float = Field(
        default=0.0,
        alias="zones_par_vague",
        title="Zones perdues",
        description="Part des zones qui cessent d'être mesurées à chaque vague de suivi.",
        ge=0,
        lt=1,
    )
    unseen: float = Field(
        default=0.02,
        alias="unites_non_vues",
        title="Unités non vues",
        description="Part des logements ou relevés prévus qui manquent, au hasard.",
        ge=0,
        lt=1,
    )


class Truth(Section):
    """Everything that a simulated campaign is made from; nothing in it was measured here."""

    version: Literal[1] = Field(
        default=1,
        title="Version",
        description="Toujours 1 pour l'instant.",
    )
    arms: dict[str, ArmTruth] = Field(
        default_factory=dict,
        alias="groupes",
        title="Groupes",
        description="Ce que change chaque groupe, par identifiant ; rien s'il est absent.",
    )
    bins: BinTruth = Field(
        default_factory=BinTruth,
        alias="bacs",
        title="Bacs",
        description="Qualité du tri des bacs présentés.",
    )
    set_out: SetOutTruth = Field(
        default_factory=SetOutTruth,
        alias="presentation",
        title="Présentation",
        description="Bacs sortis ou non, selon la saison et le type de résidence.",
    )
    assessors: AssessorTruth = Field(
        default_factory=AssessorTruth,
        alias="controleurs",
        title="Contrôleurs",
        description="Erreurs de ceux qui regardent les bacs.",
    )
    season: SeasonTruth = Field(
        default_factory=SeasonTruth,
        alias="saison",
        title="Saison",
        description="Mois d'été et vacances scolaires.",
    )
    boomerang: Boomerang | None = Field(
        default=None,
        title="Boomerang",
        description="Effet inversé chez ceux qui trient déjà bien ; aucun si absent.",
    )
    spillover: float = Field(
        default=0.0,
        alias="debordement",
        title="Débordement",
        description="Part de l'effet reçue par une zone témoin voisine d'une zone traitée.",
        ge=0,
        le=1,
    )
    second_home_response: float = Field(
        default=1.0,
        alias="effet_residences_secondaires",
        title="Effet sur les résidences secondaires",
        description="Part de l'effet que reçoit une résidence secondaire (1 : le même).",
        ge=0,
        le=2,
    )
    attrition: Attrition = Field(
        default_factory=Attrition,
        alias="pertes",
        title="Pertes",
        description="Zones et unités qui ne sont pas mesurées.",
    )
    misdelivered: float = Field(
        default=0.0,
        alias="part_remise_au_temoin",
        title="Remises au témoin",
        description="Part des logements témoins qui reçoivent par erreur un message.",
        ge=0,
        le=1,
    )
    consent: float = Field(
        default=0.3,
        alias="part_consentement",
        title="Consentement",
        description="Part des logements qui acceptent d'être contactés, si un message est adressé.",
        ge=0,
        le=1,
    )
    measures: dict[str, MeasureTruth] = Field(
        default_factory=dict,
        alias="criteres",
        title="Autres critères",
        description="Niveaux et effets des critères qui ne sont pas des contrôles de bacs.",
    )

    @model_validator(mode="after")
    def _known_measures(self) -> Self:
        unknown = sorted(set(self.measures) - set(MEASURES))
        if unknown:
            raise ValueError(
                f"critère non simulé : « {unknown[0]} » ; il y a {', '.join(MEASURES)}"
            )
        return self

    def measure(self, name: str) -> MeasureTruth:
        """Return the truth of a measure, the assumed one where it is not stated."""
        return self.measures.get(name, MEASURES[name])
