"""What a nudge lever is: mechanism, evidence, risks, messages and its TIDieR defaults."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["qualite", "participation", "quantite", "incivilites", "sensibilisation"]
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
EffectUnit = Literal["points", "%"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one study found about one outcome family.

    Attributes
    ----------
    study
        Authors, year and place.
    design
        French sentence on the design, sizes included where the source gives them.
    result
        French sentence on the result, also where no effect was seen.
    outcome_family
        Family of the outcome; ``"autre"`` where it is none of ours, such as
        electricity or several behaviours together.
    source
        Address or reference of what was read.
    status
        ``"verified"``: a study's own page or abstract was read; ``"declared"``: an
        organisation's or a journalist's statement.
    controlled
        Whether a control group stood beside the treated one in the field; None where what was
        read does not say.
    effect
        Printed effect, signed; None where the source prints none.
    unit
        Unit of ``effect``: ``"points"`` of share, ``"%"`` of the control level.
    """

    study: str
    design: str
    result: str
    outcome_family: Family | Literal["autre"]
    source: str
    status: Literal["verified", "declared"]
    controlled: bool | None
    effect: float | None = None
    unit: EffectUnit | Literal[""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What may go wrong with a lever, and what guards against it; all in French."""

    name: str
    description: str
    safeguard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A value that a message displays.

    Attributes
    ----------
    name
        Name between braces in the body; dotted for computed figures, such as ``norme.part``.
    description
        French explanation for who fills it in.
    norm_figure
        Whether it is computed from observations, never typed.
    example
        French example; empty for computed figures.
    """

    name: str
    description: str
    norm_figure: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """A message with named values, in French, making one request.

    Sender, disclosure of the automatic assistant, origin of figures and the opt-out sentence
    are added when the message is rendered: see :func:`nudge.levers.message.render_message`.

    Attributes
    ----------
    identifier
        Identifier, unique within the lever.
    channel
        Channel of delivery.
    subject, body
        Jinja2 texts holding only ``{{ name }}`` and ``{{ name.field }}``.
    variables
        Every value of subject and body.
    norm_at_least
        Lowest share in [0, 1] that the message may display: showing that few people do
        something invites others not to.
    """

    identifier: str
    channel: Channel
    subject: str
    body: str
    variables: tuple[Variable, ...] = ()
    norm_at_least: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidier:
    """The 12 items of the TIDieR check-list (Hoffmann et al. 2014), in French."""

    name: str
    why: str
    materials: str
    procedures: str
    provider: str
    how: str
    where: str
    when: str
    tailoring: str
    modifications: str = "Aucune prévue ; toute modification passe par un avenant numéroté."
    fidelity_planned: str = (
        "Chaque remise est notée dans l'instrument « distribution » ; un passage est revu."
    )
    fidelity_actual: str = "À établir à la clôture, d'après l'instrument « distribution »."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlausibleEffect:
    """Sizes that verified evidence makes plausible for one family, without sign.

    Attributes
    ----------
    family
        Outcome family.
    low, high
        Smallest and largest plausible size, in ``unit``.
    unit
        ``"points"`` of share, or ``"%"`` of the control level.
    source
        French reference of both bounds.
    """

    family: Family
    low: float
    high: float
    unit: EffectUnit
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """A way to nudge, without constraint, sanction or reward.

    Attributes
    ----------
    identifier
        Name in campaign files.
    title, what_it_does, mechanism
        French texts.
    channels
        Channels that suit it.
    families
        Outcome families that a campaign with this lever may claim an effect on.
    evidence, risks, messages
        What is known, what may go wrong, what may be said.
    addressed
        Whether it speaks to identified dwellings: a valid consent is then required.
    tidier
        Defaults of the TIDieR description of an arm.
    plausible_effects
        Sizes made plausible by verified evidence; a family without any has no entry.
    """

    identifier: str
    title: str
    what_it_does: str
    mechanism: str
    channels: tuple[Channel, ...]
    families: tuple[Family, ...]
    evidence: tuple[Evidence, ...]
    risks: tuple[Risk, ...]
    messages: tuple[MessageTemplate, ...]
    addressed: bool
    tidier: Tidier
    plausible_effects: tuple[PlausibleEffect, ...] = ()

    def message(self, identifier: str) -> MessageTemplate:
        """Return the message of that identifier; KeyError where there is none."""
        for one in self.messages:
            if one.identifier == identifier:
                return one
        raise KeyError(identifier)
