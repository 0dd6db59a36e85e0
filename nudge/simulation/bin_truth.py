"""Assumptions about bins: their colour, whether they are set out, and who looks at them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nudge.campaign.section import Section

Share = Annotated[float, Field(ge=0, le=1)]
Row = tuple[Share, Share, Share]


class BinTruth(Section):
    """How well bins that are set out are sorted, without any message."""

    green: float = Field(
        default=0.75,
        alias="part_vert",
        title="Bacs verts",
        description="Part de bacs verts des résidences principales, hors été.",
        gt=0,
        lt=1,
    )
    red: float = Field(
        default=0.25,
        alias="part_rouge",
        title="Bacs rouges",
        description="Part de rouges parmi les bacs qui ne sont pas verts.",
        ge=0,
        le=1,
    )
    icc_round: float = Field(
        default=0.02,
        alias="icc_tournee",
        title="Corrélation de tournée",
        description="Part de la variance entre tournées.",
        ge=0,
        lt=1,
    )
    icc_zone: float = Field(
        default=0.05,
        alias="icc_zone",
        title="Corrélation de zone",
        description="Part de la variance entre zones d'une même tournée.",
        ge=0,
        lt=1,
    )
    icc_household: float = Field(
        default=0.35,
        alias="icc_foyer",
        title="Corrélation de foyer",
        description="Part de la variance entre foyers d'une même zone.",
        ge=0,
        lt=1,
    )
    week_noise: float = Field(
        default=0.01,
        alias="bruit_semaine",
        title="Bruit de semaine",
        description="Écart-type du hasard commun à toutes les zones un même jour.",
        ge=0,
        lt=0.5,
    )
    zone_wave_noise: float = Field(
        default=0.02,
        alias="bruit_zone_vague",
        title="Bruit de zone et de vague",
        description="Écart-type du hasard propre à une zone un jour donné.",
        ge=0,
        lt=0.5,
    )
    summer: float = Field(
        default=0.07,
        alias="non_vert_ete",
        title="Été",
        description="Points de bacs non verts en plus pendant les mois d'été.",
        gt=-1,
        lt=1,
    )
    holidays: float = Field(
        default=0.02,
        alias="non_vert_vacances",
        title="Vacances",
        description="Points de bacs non verts en plus pendant les vacances scolaires, hors été.",
        gt=-1,
        lt=1,
    )
    second_home: float = Field(
        default=0.05,
        alias="non_vert_residence_secondaire",
        title="Résidences secondaires",
        description="Points de bacs non verts en plus dans une résidence secondaire.",
        gt=-1,
        lt=1,
    )

    @model_validator(mode="after")
    def _variance_left(self) -> Self:
        if self.icc_round + self.icc_zone + self.icc_household >= 1:
            raise ValueError("la somme des trois corrélations reste en dessous de 1")
        return self


class SetOutTruth(Section):
    """Whether bins are out on collection day."""

    main_home: float = Field(
        default=0.65,
        alias="residence_principale",
        title="Résidence principale",
        description="Part de bacs présentés par les résidences principales.",
        gt=0,
        lt=1,
    )
    second_home: float = Field(
        default=0.08,
        alias="residence_secondaire",
        title="Résidence secondaire hors saison",
        description="Part de bacs présentés par les résidences secondaires hors été et vacances.",
        gt=0,
        lt=1,
    )
    second_home_holidays: float = Field(
        default=0.35,
        alias="residence_secondaire_vacances",
        title="Résidence secondaire pendant les vacances",
        description="La même pendant les vacances scolaires.",
        gt=0,
        lt=1,
    )
    second_home_summer: float = Field(
        default=0.60,
        alias="residence_secondaire_ete",
        title="Résidence secondaire en été",
        description="La même pendant les mois d'été.",
        gt=0,
        lt=1,
    )
    icc_zone: float = Field(
        default=0.02,
        title="Corrélation de zone",
        description="Part de la variance entre zones.",
        ge=0,
        lt=1,
    )
    icc_household: float = Field(
        default=0.20,
        alias="icc_foyer",
        title="Corrélation de foyer",
        description="Part de la variance entre foyers d'une même zone.",
        ge=0,
        lt=1,
    )

    @model_validator(mode="after")
    def _variance_left(self) -> Self:
        if self.icc_zone + self.icc_household >= 1:
            raise ValueError("la somme des deux corrélations reste en dessous de 1")
        return self


class Confusion(Section):
    """Chances of each colour seen (green, orange, red), by true colour."""

    green: Row = Field(
        default=(0.95, 0.05, 0.0),
        alias="vert",
        title="Bac vraiment vert",
        description="Chances d'être vu vert, orange, rouge.",
    )
    orange: Row = Field(
        default=(0.20, 0.75, 0.05),
        title="Bac vraiment orange",
        description="Chances d'être vu vert, orange, rouge.",
    )
    red: Row = Field(
        default=(0.05, 0.25, 0.70),
        alias="rouge",
        title="Bac vraiment rouge",
        description="Chances d'être vu vert, orange, rouge.",
    )

    @model_validator(mode="after")
    def _rows_sum_to_one(self) -> Self:
        for row in (self.green, self.orange, self.red):
            if abs(sum(row) - 1) > 1e-6:
                raise ValueError("les trois chances d'une couleur font 1 ensemble")
        return self


class AssessorTruth(Section):
    """Who looks at bins, and how they err."""

    number: int = Field(
        default=4,
        alias="nombre",
        title="Contrôleurs",
        description="Nombre de contrôleurs, qui tournent entre les zones.",
        ge=1,
        le=200,
    )
    confusion: Confusion = Field(
        default_factory=Confusion,
        title="Confusion",
        description="Couleur vue selon la vraie couleur.",
    )
    bias: float = Field(
        default=0.02,
        alias="biais",
        title="Biais",
        description="Écart-type, entre contrôleurs, de leur indulgence (0.02 = 2 points de vert).",
        ge=0,
        lt=0.3,
    )
    double_share: float = Field(
        default=0.10,
        alias="part_double",
        title="Doubles cotations",
        description="Part des bacs présentés qui sont cotés une seconde fois.",
        ge=0,
        le=1,
    )
    second: Literal["pair", "referent"] = Field(
        default="pair",
        alias="seconde_cotation",
        title="Seconde cotation",
        description="pair : un autre contrôleur ; referent : un référent qui ne se trompe pas.",
    )

    @model_validator(mode="after")
    def _two_for_pairs(self) -> Self:
        if self.second == "pair" and self.double_share > 0 and self.number < 2:
            raise ValueError("une seconde cotation par un pair demande au moins deux contrôleurs")
        return self
