"""Legal block, ethics checklist, stop rules and sign-off."""

from datetime import date
from typing import Literal

from pydantic import Field

from nudge.campaign.section import Section

LegalBasis = Literal["mission_interet_public", "consentement", "sans_donnee_personnelle"]


class Legal(Section):
    """What the register of processing needs (GDPR art. 5, 6, 13, 30)."""

    basis: LegalBasis | None = Field(
        default=None,
        alias="base_legale",
        title="Base légale",
        description=(
            "mission_interet_public, consentement ou sans_donnee_personnelle ; décidée par le "
            "responsable de traitement."
        ),
    )
    purpose: str = Field(
        default="",
        alias="finalite",
        title="Finalité",
        description="À quoi servent les données.",
    )
    controller: str = Field(
        default="",
        alias="responsable",
        title="Responsable de traitement",
        description="Organisme responsable.",
    )
    processors: tuple[str, ...] = Field(
        default=(),
        alias="sous_traitants",
        title="Sous-traitants",
        description="Organismes qui traitent les données pour le responsable.",
    )
    data_categories: tuple[str, ...] = Field(
        default=(),
        alias="categories_de_donnees",
        title="Catégories de données",
        description="Ce qui est recueilli, par exemple couleur du bac, pseudonyme du logement.",
    )
    retention_months: int | None = Field(
        default=None,
        alias="conservation_mois",
        title="Conservation",
        description="Mois après lesquels les données de terrain sont effacées.",
        ge=1,
        le=60,
    )
    notice: str = Field(
        default="",
        title="Notice d'information",
        description="Adresse ou référence de l'information donnée aux habitants.",
    )
    objection_channel: str = Field(
        default="",
        alias="canal_opposition",
        title="Canal d'opposition",
        description="Comment une personne s'oppose : téléphone, adresse, formulaire.",
    )
    dpia: str = Field(
        default="",
        alias="aipd",
        title="AIPD",
        description=(
            "Référence de l'analyse d'impact, ou raison pour laquelle elle n'est pas requise."
        ),
    )


class Ethics(Section):
    """Answers to the ethics checklist; each is a commitment of the team."""

    no_sanction: bool = Field(
        default=False,
        alias="sans_sanction",
        title="Sans sanction",
        description="oui : aucune amende, aucun refus de collecte, aucun frais dans aucun groupe.",
    )
    no_shaming: bool = Field(
        default=False,
        alias="sans_stigmatisation",
        title="Sans stigmatisation",
        description="oui : aucun logement reconnaissable n'est montré.",
    )
    opt_out: str = Field(
        default="",
        alias="retrait",
        title="Retrait",
        description="Comment on cesse de recevoir les messages.",
    )
    sender: str = Field(
        default="",
        alias="emetteur",
        title="Émetteur",
        description="Qui signe les messages.",
    )
    openness: str = Field(
        default="",
        alias="transparence",
        title="Transparence",
        description="Comment et quand les habitants sont informés de l'expérimentation.",
    )
    fairness: str = Field(
        default="",
        alias="equite",
        title="Équité",
        description="Ce que le groupe témoin recevra ensuite, et qui pourrait être laissé de côté.",
    )
    reviewed_by: str = Field(
        default="",
        alias="relu_par",
        title="Relu par",
        description="Personne ou comité, extérieur à l'équipe, qui a relu.",
    )
    reviewed_on: date | None = Field(
        default=None,
        alias="relu_le",
        title="Relu le",
        description="Jour de la relecture.",
    )
    max_messages: int = Field(
        default=4,
        alias="messages_max_par_foyer",
        title="Messages au plus par foyer",
        description="Plafond de messages reçus par un foyer pendant la campagne.",
        ge=1,
        le=52,
    )
    quiet_days: int = Field(
        default=7,
        alias="jours_de_silence",
        title="Jours de silence",
        description="Jours au moins entre deux messages au même foyer.",
        ge=0,
        le=365,
    )


class StopRules(Section):
    """When the campaign is halted for the people's sake."""

    complaints_per_100: float = Field(
        default=2.0,
        alias="reclamations_pour_100_logements",
        title="Réclamations pour 100 logements",
        description="Seuil de réclamations dues à la campagne dans un groupe.",
        gt=0,
    )
    boomerang: float | None = Field(
        default=None,
        alias="effet_boomerang",
        title="Effet boomerang",
        description=(
            "Dégradation du critère principal, dans son unité, dont la preuve fait arrêter ; "
            "si vide, 0.05 pour une part (5 points)."
        ),
        gt=0,
    )


class Economics(Section):
    """Unit costs and quantities, when known, for what the effect would mean."""

    bins: int | None = Field(
        default=None,
        alias="bacs_du_territoire",
        title="Bacs du territoire",
        description="Nombre de bacs concernés par un déploiement.",
        gt=0,
    )
    collections_per_year: float | None = Field(
        default=None,
        alias="collectes_par_an",
        title="Collectes par an",
        description="Présentations d'un bac par an.",
        gt=0,
    )
    kg_per_bin: float | None = Field(
        default=None,
        alias="kg_par_bac",
        title="Kilogrammes par bac",
        description="Masse moyenne d'un bac présenté.",
        gt=0,
    )
    euros_per_tonne: float | None = Field(
        default=None,
        alias="euros_par_tonne_refusee",
        title="Euros par tonne refusée",
        description="Coût d'une tonne refusée au centre de tri.",
        gt=0,
    )
    source: str = Field(
        default="",
        title="Source",
        description="D'où viennent ces nombres, et leur date.",
    )
