"""Who is drawn, among which zones, under which rules."""

from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, model_validator

from nudge.campaign.section import Section

Unit = Literal["rue", "sous_secteur", "pav", "cendrier", "tournee", "commune", "conversation"]
UNIT_TITLES: MappingProxyType[str, str] = MappingProxyType(
    {
        "rue": "rue",
        "sous_secteur": "sous-secteur",
        "pav": "point d'apport volontaire",
        "cendrier": "cendrier",
        "tournee": "tournée de collecte",
        "commune": "commune",
        "conversation": "tranche de conversations",
    }
)


class Eligibility(Section):
    """Which zones may take part."""

    communes: tuple[str, ...] = Field(
        default=(),
        title="Communes",
        description="Codes INSEE retenus ; toutes si vide.",
    )
    dwelling_types: tuple[str, ...] = Field(
        default=(),
        alias="types_habitat",
        title="Types d'habitat",
        description="pavillonnaire, collectif, mixte ; tous si vide.",
    )
    min_dwellings: int = Field(
        default=0,
        alias="logements_min",
        title="Logements au moins",
        description="Nombre minimal de logements d'une zone.",
        ge=0,
    )
    max_second_homes: float = Field(
        default=1.0,
        alias="part_residences_secondaires_max",
        title="Résidences secondaires au plus",
        description="Part maximale de résidences secondaires (0 à 1).",
        ge=0,
        le=1,
    )
    zones: tuple[str, ...] = Field(
        default=(),
        title="Zones",
        description="Identifiants retenus ; toutes celles qui conviennent si vide.",
    )
    excluded: tuple[str, ...] = Field(
        default=(),
        alias="zones_exclues",
        title="Zones exclues",
        description="Identifiants écartés, par exemple pour un chantier.",
    )
    sample: int | None = Field(
        default=None,
        alias="nombre",
        title="Nombre de zones",
        description="Nombre de zones tirées au sort parmi celles qui conviennent ; toutes si vide.",
        ge=2,
    )


class Spillover(Section):
    """What is done about zones that neighbour each other."""

    rule: Literal["aucune", "exclure", "interdire"] = Field(
        default="aucune",
        alias="regle",
        title="Règle",
        description=(
            "aucune ; exclure : des zones tampons sont laissées de côté ; interdire : pas plus "
            "de contacts qu'indiqué entre groupes."
        ),
    )
    max_contacts: int | None = Field(
        default=None,
        alias="contacts_max",
        title="Contacts au plus",
        description="Voisinages admis entre groupes différents, pour « interdire ».",
        ge=0,
    )

    @model_validator(mode="after")
    def _contacts_with_their_rule(self) -> Self:
        if (self.rule == "interdire") != (self.max_contacts is not None):
            raise ValueError("« contacts_max » va avec la règle « interdire », et avec elle seule")
        return self


class Randomisation(Section):
    """The unit that is drawn and how the draw is restricted."""

    unit: Unit = Field(
        alias="unite",
        title="Unité tirée au sort",
        description=(
            "rue, sous_secteur, pav, cendrier, tournee ou commune ; conversation : tranches de "
            "conversations avec Sophie, tirées comme des zones."
        ),
    )
    eligibility: Eligibility = Field(
        alias="eligibilite",
        title="Éligibilité",
        description="Quelles zones peuvent participer.",
        default_factory=Eligibility,
    )
    strata: tuple[str, ...] = Field(
        default=(),
        alias="strates",
        title="Strates",
        description=(
            "Colonnes de zones dans lesquelles le tirage est équilibré, par exemple commune ou "
            "type_habitat."
        ),
    )
    pairs: tuple[str, ...] = Field(
        default=(),
        alias="paires_selon",
        title="Paires selon",
        description="Colonnes numériques qui apparient les zones deux à deux avant le tirage.",
    )
    balance: tuple[str, ...] = Field(
        default=(),
        alias="equilibre_sur",
        title="Équilibre sur",
        description="Colonnes numériques dont l'équilibre entre groupes est imposé.",
    )
    keep: float = Field(
        default=0.2,
        alias="part_gardee",
        title="Part gardée",
        description="Part des tirages les mieux équilibrés parmi lesquels on tire.",
        gt=0,
        lt=1,
    )
    spillover: Spillover = Field(
        alias="debordement",
        title="Débordement",
        description="Règle pour les zones voisines.",
        default_factory=Spillover,
    )

    @model_validator(mode="after")
    def _one_restriction(self) -> Self:
        if self.pairs and self.strata:
            raise ValueError("« strates » et « paires_selon » s'excluent : garder l'un des deux")
        return self
