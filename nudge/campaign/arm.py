"""An arm of a campaign: the comparison group, or a nudge with its message."""

from typing import Literal, Self

from pydantic import Field, model_validator

from nudge.campaign.section import Identifier, Section, Text
from nudge.campaign.tidier import Tidier

Channel = Literal[
    "courrier",
    "carte_porte",
    "calendrier",
    "chat",
    "email",
    "sms",
    "affichage",
    "marquage_sol",
    "mobilier",
    "presse",
    "reseaux",
    "porte_a_porte",
]


class Message(Section):
    """What an arm says: a template of its lever, or a text of one's own."""

    template: str | None = Field(
        default=None,
        alias="modele",
        title="Modèle",
        description="Identifiant d'un modèle de message du levier.",
    )
    text: str | None = Field(
        default=None,
        alias="texte",
        title="Texte",
        description=(
            "Texte propre à la campagne, à la place d'un modèle ; aucune statistique tapée à la "
            "main."
        ),
    )
    variables: dict[str, str] = Field(
        title="Variables",
        description=(
            "Valeurs des variables du message ; les chiffres de norme sont calculés, jamais tapés."
        ),
        default_factory=dict,
    )
    norm_outcome: str | None = Field(
        default=None,
        alias="chiffre_de",
        title="Chiffre de norme",
        description="Critère dont la norme affichée est calculée, avec son effectif et sa date.",
    )

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if (self.template is None) == (self.text is None):
            raise ValueError("donner soit « modele », soit « texte »")
        return self


class Arm(Section):
    """One group of zones and what happens there."""

    identifier: Identifier = Field(
        alias="identifiant",
        title="Identifiant",
        description="Nom court du groupe, en minuscules sans accent.",
    )
    title: Text = Field(
        alias="titre",
        title="Titre",
        description="Nom du groupe tel qu'il apparaît dans le rapport.",
    )
    control: bool = Field(
        default=False,
        alias="temoin",
        title="Groupe témoin",
        description="oui pour le groupe de comparaison, mesuré de la même façon mais sans message.",
    )
    lever: str | None = Field(
        default=None,
        alias="levier",
        title="Levier",
        description="Identifiant d'un levier (« pouce campaign levers » en donne la liste).",
    )
    channel: Channel | None = Field(
        default=None,
        alias="canal",
        title="Canal",
        description="Moyen par lequel le message arrive.",
    )
    message: Message | None = Field(
        default=None,
        title="Message",
        description="Message remis.",
    )
    addressed: bool = Field(
        default=False,
        alias="adresse_individuellement",
        title="Message adressé",
        description=(
            "oui si le message vise une personne nommée : un consentement valable est alors exigé."
        ),
    )
    zones: tuple[str, ...] = Field(
        default=(),
        title="Zones",
        description=(
            "Zones du groupe quand elles ne sont pas tirées au sort ; vide dans un essai randomisé."
        ),
    )
    doses: int = Field(
        default=1,
        alias="passages",
        title="Passages",
        description="Nombre de messages prévus pour chaque logement ou lieu.",
        ge=1,
        le=52,
    )
    ratio: int = Field(
        default=1,
        alias="poids",
        title="Poids",
        description=(
            "Nombre de zones par rapport aux autres groupes (1 partout pour des groupes égaux)."
        ),
        ge=1,
        le=20,
    )
    cost: float | None = Field(
        default=None,
        alias="cout_par_logement",
        title="Coût par logement",
        description="Coût complet en euros par logement touché.",
        ge=0,
    )
    tidier: Tidier | None = Field(
        default=None,
        title="Description TIDieR",
        description="Description de l'intervention, pour que d'autres puissent la refaire.",
    )

    @model_validator(mode="after")
    def _control_or_nudge(self) -> Self:
        if self.control and (self.lever or self.message or self.addressed):
            raise ValueError("un groupe témoin ne porte ni levier, ni message")
        if not self.control and (self.lever is None or self.channel is None):
            raise ValueError("un groupe qui reçoit un nudge nomme son « levier » et son « canal »")
        return self
