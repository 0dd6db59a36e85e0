"""Rendering a message: named values filled in, then origin of figures, sender and opt-out."""

from collections.abc import Mapping
from dataclasses import dataclass

from nudge.errors import CampaignError, Problem
from nudge.french.numbers import percent
from nudge.french.typography import typeset
from nudge.levers.lever import Channel, MessageTemplate
from nudge.levers.message_text import (
    DISCLOSURE,
    ENVIRONMENT,
    FIGURES,
    SCOPE,
    check_message_text,
    named_values,
    says_automatic,
    with_marks,
    wording_problems,
)
from nudge.levers.norm_figure import NormFigure
from nudge.levers.plain_text import plain
from nudge.levers.reading_level import ReadingLevel, reading_level
from nudge.levers.variables import ALWAYS
from nudge.levers.wording import identifies_a_household

OPT_OUT_SENTENCE = "Pour ne plus recevoir ces messages : "
SIMULATED = "SIMULATION : message d'essai, à ne pas distribuer."
_ORIGIN = {"norme": "Chiffre", "repere": "Repère", "releve": "Votre relevé"}
_FIELD_OF_KIND = {"part": "part", "moyenne": "moyenne", "releve": "volume"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedMessage:
    """A message as it is delivered.

    Attributes
    ----------
    text
        Body, origin of the figures, sender and opt-out sentence.
    subject
        Subject or heading.
    reading
        Reading level of the whole text.
    """

    text: str
    subject: str
    reading: ReadingLevel


def render_message(
    template: MessageTemplate,
    *,
    norm: NormFigure | None,
    variables: Mapping[str, str],
    reference: NormFigure | None = None,
    own: NormFigure | None = None,
) -> RenderedMessage:
    """Fill in a message and add what every message carries.

    Parameters
    ----------
    template
        Lever's template, or one made of a campaign's own text.
    norm
        Figure shown as ``{{ norme.part }}`` or ``{{ norme.moyenne }}``.
    variables
        Other values by name, with ``expediteur`` and ``desinscription`` always.
    reference
        Figure shown as ``{{ repere.part }}``.
    own
        A dwelling's own reading, shown as ``{{ releve.volume }}``.

    Raises
    ------
    CampaignError
        In French, all problems at once: a typed norm figure, refused wording, a missing or
        unknown value, a figure that is missing, of the wrong kind or below
        ``template.norm_at_least``.
    """
    figures = {"norme": norm, "repere": reference, "releve": own}
    needed = _needed(template)
    problems = [
        *check_message_text(template.subject, place="objet"),
        *check_message_text(template.body, place="message"),
        *_variable_problems(needed, variables),
        *_figure_problems(template, needed, figures),
    ]
    if not problems:
        problems = _assembled_problems(template, variables)
    if problems:
        raise CampaignError(problems)
    values = _values(variables, figures, needed)
    body = _disclosed(_filled(template.body, values), variables, template.channel)
    text = _framed(body, variables, _used(figures, needed))
    subject = _filled(template.subject, values)
    return RenderedMessage(
        text=typeset(text), subject=typeset(subject), reading=reading_level(text)
    )


def _needed(template: MessageTemplate) -> tuple[str, ...]:
    return named_values(f"{template.subject}\n{template.body}")


def _variable_problems(needed: tuple[str, ...], variables: Mapping[str, str]) -> list[Problem]:
    always = tuple(one.name for one in ALWAYS)
    expected = {*always, *(name for name in needed if "." not in name)}
    problems = [
        Problem(column=name, what="valeur absente du message", mend="renseignez-la")
        for name in sorted(expected)
        if not variables.get(name, "").strip()
    ]
    for name, value in variables.items():
        if identifies_a_household(name):
            what, mend = "cette variable désigne un foyer ou une personne", "retirez-la"
            problems.append(Problem(column=name, what=what, mend=mend))
        elif name not in expected:
            known = ", ".join(sorted(expected))
            what, mend = "le message n'emploie pas cette valeur", f"valeurs du message : {known}"
            problems.append(Problem(column=name, what=what, mend=mend))
        else:
            place = f"variable {name}"
            problems += wording_problems(value, place=place, framing=name in always)
    return problems


def _figure_problems(
    template: MessageTemplate,
    needed: tuple[str, ...],
    figures: Mapping[str, NormFigure | None],
) -> list[Problem]:
    problems = [
        problem
        for figure in _used(figures, needed).values()
        for problem in wording_problems(figure.scope, place="périmètre du chiffre")
    ]
    for name in needed:
        root, _, field = name.partition(".")
        figure = figures.get(root)
        if root not in FIGURES:
            continue
        if figure is None:
            what = "ce message affiche un chiffre calculé, et aucun n'est fourni"
            mend = "calculez-le sur les observations importées"
            problems.append(Problem(column=name, what=what, mend=mend))
        elif field not in (SCOPE, _FIELD_OF_KIND[figure.kind]):
            what = f"le chiffre fourni n'est pas de cette sorte (« {figure.kind} »)"
            mend = f"écrivez {{{{ {root}.{_FIELD_OF_KIND[figure.kind]} }}}}"
            problems.append(Problem(column=name, what=what, mend=mend))
        elif figure.kind == "part" and root == "norme" and figure.value < template.norm_at_least:
            what = (
                f"la part calculée ({figure.text}) est inférieure à "
                f"{percent(template.norm_at_least)} : l'afficher rendrait l'erreur normale"
            )
            mend = "choisissez un message sans chiffre, comme ceux du levier « rappel »"
            problems.append(Problem(column=name, what=what, mend=mend))
    return problems


def _assembled_problems(template: MessageTemplate, variables: Mapping[str, str]) -> list[Problem]:
    """Look for claims that arise only where values meet the text around them."""
    body = with_marks(template.body, variables)
    subject = with_marks(template.subject, variables)
    return [
        *wording_problems(subject, place="objet"),
        *wording_problems(_disclosed(body, variables, template.channel), place="message"),
    ]


def _values(
    variables: Mapping[str, str],
    figures: Mapping[str, NormFigure | None],
    needed: tuple[str, ...],
) -> dict[str, object]:
    used = {
        root: {_FIELD_OF_KIND[figure.kind]: figure.text, SCOPE: figure.scope}
        for root, figure in _used(figures, needed).items()
    }
    return {**variables, **used}


def _used(
    figures: Mapping[str, NormFigure | None], needed: tuple[str, ...]
) -> dict[str, NormFigure]:
    roots = {name.partition(".")[0] for name in needed}
    return {root: figure for root, figure in figures.items() if figure and root in roots}


def _filled(text: str, values: Mapping[str, object]) -> str:
    return ENVIRONMENT.from_string(text).render(values).strip()


def _disclosed(body: str, variables: Mapping[str, str], channel: Channel) -> str:
    """Put Sophie's disclosure on top where she speaks and has not said it herself."""
    whole = plain("\n".join([body, *(variables[one.name] for one in ALWAYS)]))
    speaks = channel == "chat" or "sophie" in whole
    return f"{DISCLOSURE}\n{body}" if speaks and not says_automatic(body) else body


def _framed(body: str, variables: Mapping[str, str], figures: Mapping[str, NormFigure]) -> str:
    origins = [f"{_ORIGIN[root]} : {figure.note}." for root, figure in figures.items()]
    parts = [
        SIMULATED if any(figure.simulated for figure in figures.values()) else "",
        body,
        "\n".join(origins),
        variables["expediteur"].strip(),
        f"{OPT_OUT_SENTENCE}{variables['desinscription'].strip()}",
    ]
    return "\n\n".join(filter(None, parts))
