"""The analysis that is locked: estimators, scales, moderators, margins."""

from typing import Literal

from pydantic import Field

from nudge.campaign.section import Section


class AnalysisSettings(Section):
    """What will be computed, in which order, and nothing else."""

    estimator: str = Field(
        default="recommande",
        alias="estimateur",
        title="Estimateur principal",
        description=(
            "recommande : choisi d'après le plan ; sinon un nom de « pouce experiment analyse "
            "--estimator list »."
        ),
    )
    robustness: tuple[str, ...] = Field(
        default=("randomization", "zone-welch", "ols-cr2", "gee-md"),
        alias="robustesse",
        title="Robustesse",
        description="Autres estimateurs calculés et montrés, quels que soient leurs résultats.",
    )
    correction: Literal["holm", "aucune"] = Field(
        default="holm",
        title="Correction",
        description="Correction des critères secondaires pour leur nombre.",
    )
    arms_correction: Literal["holm", "dunnett", "aucune"] = Field(
        default="holm",
        alias="correction_groupes",
        title="Correction entre groupes",
        description="Correction pour plusieurs groupes comparés au même témoin.",
    )
    moderators: tuple[str, ...] = Field(
        default=(),
        alias="moderateurs",
        title="Modérateurs",
        description=(
            "Colonnes de zones selon lesquelles l'effet est comparé, annoncées d'avance : "
            "part_residences_secondaires, type_habitat, niveau_reference."
        ),
    )
    adjusted_for: tuple[str, ...] = Field(
        default=(),
        alias="ajuste_sur",
        title="Ajusté sur",
        description=(
            "Colonnes de zones mesurées avant le tirage ; le niveau de référence l'est toujours "
            "quand il existe."
        ),
    )
    equivalence: float | None = Field(
        default=None,
        alias="marge_equivalence",
        title="Marge d'équivalence",
        description=(
            "Écart en dessous duquel deux groupes sont dits équivalents, dans l'unité du "
            "critère (0.03 = 3 points)."
        ),
        gt=0,
    )
    level: float = Field(
        default=0.95,
        alias="niveau_confiance",
        title="Niveau de confiance",
        description="Niveau des intervalles.",
        gt=0.5,
        lt=1,
    )
    draws: int = Field(
        default=9_999,
        alias="tirages",
        title="Tirages",
        description="Tirages du test de randomisation quand ils ne sont pas tous énumérés.",
        ge=99,
    )
    decay: bool = Field(
        default=True,
        alias="attenuation",
        title="Atténuation",
        description="oui : l'effet est aussi donné vague par vague.",
    )
    exposed_neighbours: bool = Field(
        default=True,
        alias="voisins_exposes",
        title="Voisins exposés",
        description=(
            "oui : les zones témoins voisines d'une zone traitée sont comparées aux autres."
        ),
    )


class PowerSettings(Section):
    """What the campaign can see, computed and acknowledged before it is locked."""

    level: float = Field(
        alias="niveau_attendu",
        title="Niveau attendu",
        description="Niveau du critère dans le groupe témoin : part entre 0 et 1, ou moyenne.",
    )
    sd: float | None = Field(
        default=None,
        alias="ecart_type",
        title="Écart-type",
        description="Écart-type d'un critère qui n'est pas une part.",
        gt=0,
    )
    icc: float = Field(
        default=0.05,
        title="Corrélation intra-zone",
        description=(
            "Corrélation entre deux unités d'une même zone (hypothèse à refaire avec la vague "
            "de référence)."
        ),
        ge=0,
        lt=1,
    )
    units: float = Field(
        default=25,
        alias="unites_par_zone",
        title="Unités par zone et par vague",
        description="Bacs contrôlés, relevés ou comptages par zone et par vague.",
        gt=0,
    )
    cv: float = Field(
        default=0.0,
        alias="variation_tailles",
        title="Variation des tailles",
        description="Coefficient de variation du nombre d'unités par zone.",
        ge=0,
    )
    plausible: float | None = Field(
        default=None,
        alias="effet_plausible",
        title="Effet plausible",
        description="Effet espéré, dans l'unité du critère, d'après les preuves du levier.",
    )
    acknowledged: float | None = Field(
        default=None,
        alias="effet_detectable_accepte",
        title="Effet détectable accepté",
        description=(
            "Plus petit effet détectable, tel qu'affiché par « check », recopié ici par la "
            "personne qui l'accepte."
        ),
        gt=0,
    )
    acknowledged_by: str = Field(
        default="",
        alias="accepte_par",
        title="Accepté par",
        description="Qui accepte que des effets plus petits ne soient pas vus.",
    )
