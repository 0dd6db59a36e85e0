"""Checking the text of a message, a lever's own or one from a campaign file."""

import re
import unicodedata
from collections.abc import Mapping

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from nudge.errors import Problem
from nudge.levers.norm_claims import typed_norm_claims
from nudge.levers.plain_text import FIGURE_MARK, plain
from nudge.levers.wording import identified_households, identifies_a_household, refused_wording

SCOPE = "perimetre"
FIGURES = {
    "norme": ("part", "moyenne", SCOPE),
    "repere": ("part", "moyenne", SCOPE),
    "releve": ("volume",),
}
DISCLOSURE = "Je suis Sophie, un assistant automatique."

# Values are named and nothing more: filters or expressions could alter a computed figure.
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr)

ENVIRONMENT = SandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
)


def named_values(text: str) -> tuple[str, ...]:
    """Return the values that a template names, dotted for figures, in order, once each.

    A text with other template syntax names none: :func:`check_message_text` refuses it.
    """
    try:
        tree = ENVIRONMENT.parse(text)
    except TemplateSyntaxError:
        return ()
    shown = [node for output in tree.find_all(nodes.Output) for node in output.nodes]
    names = [_dotted(node) for node in shown if isinstance(node, nodes.Name | nodes.Getattr)]
    return tuple(dict.fromkeys(names))


def with_marks(text: str, variables: Mapping[str, str] | None = None) -> str:
    """Return a sound template filled in, every computed figure standing as ``FIGURE_MARK``.

    Parameters
    ----------
    text
        Template that :func:`template_problems` finds nothing wrong with.
    variables
        Values by name; by default each stands as a neutral word.
    """
    if variables is None:
        variables = dict.fromkeys(named_values(text), "valeur")
    marks = {root: dict.fromkeys(fields, FIGURE_MARK) for root, fields in FIGURES.items()}
    return ENVIRONMENT.from_string(text).render({**variables, **marks})


def check_message_text(text: str, *, place: str = "message") -> list[Problem]:
    """Check a message, template or plain, against what a nudge may say.

    Refused: a typed share or majority, words of sanction, reward or shaming, anything that
    points to a dwelling, Sophie without saying that she is automatic, a line whose meaning
    rests on a pictogram, template syntax beyond ``{{ name }}`` and ``{{ name.field }}``.

    Parameters
    ----------
    text
        Subject or body.
    place
        Where the text stands, for the problems.

    Returns
    -------
    list of Problem
        In French, all at once; empty when the text may be used.
    """
    problems = template_problems(text, place=place)
    shown = text if problems else with_marks(text)
    return problems + wording_problems(shown, place=place)


def template_problems(text: str, *, place: str) -> list[Problem]:
    """Return what is wrong with the template syntax and the values that it names."""
    try:
        tree = ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return [
            Problem(
                place=place,
                row=error.lineno,
                what="accolades mal formées",
                mend="écrivez une valeur sous la forme {{ nom }}",
            )
        ]
    if any(not isinstance(node, _ALLOWED) for node in tree.find_all(nodes.Node)):
        return [
            Problem(
                place=place,
                what="seules des valeurs nommées sont permises entre accolades",
                mend="écrivez {{ nom }} ou {{ norme.part }}, sans filtre, calcul ni condition",
            )
        ]
    return [problem for name in named_values(text) for problem in _value_problems(name, place)]


def wording_problems(text: str, *, place: str, framing: bool = False) -> list[Problem]:
    """Return what a text may not say; computed figures stand as ``FIGURE_MARK``.

    Parameters
    ----------
    text
        Text as it would be read.
    place
        Where the text stands, for the problems.
    framing
        True for the sender and the way to opt out: they may hold a name and a postal address,
        and Sophie's disclosure stands elsewhere in the message.
    """
    return [
        *_claims(text, place),
        *_refused(text, place),
        *_pictograms(text, place),
        *([] if framing else [*_automatic(text, place), *_identities(text, place)]),
    ]


def says_automatic(text: str) -> bool:
    """Whether a text says that an automatic assistant speaks."""
    return re.search(r"\bassistante? automatique\b", plain(text)) is not None


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "?"


def _value_problems(name: str, place: str) -> list[Problem]:
    root, _, field = name.partition(".")
    if root in FIGURES or field:
        if field in FIGURES.get(root, ()):
            return []
        known = ", ".join(f"{one}.{part}" for one, parts in FIGURES.items() for part in parts)
        return [
            Problem(
                place=place,
                column=name,
                what="chiffre inconnu",
                mend=f"chiffres calculés disponibles : {known}",
            )
        ]
    if identifies_a_household(name):
        return [
            Problem(
                place=place,
                column=name,
                what="cette variable désigne un foyer ou une personne",
                mend="parlez de la rue ou du secteur ; aucun foyer n'est reconnaissable",
            )
        ]
    return []


def _claims(text: str, place: str) -> list[Problem]:
    return [
        Problem(
            place=place,
            what=f"chiffre de norme tapé à la main : « {claim.replace(FIGURE_MARK, '…')} »",
            mend="écrivez {{ norme.part }} : le chiffre sera calculé sur les contrôles, avec son "
            "effectif et ses dates",
        )
        for claim in typed_norm_claims(text)
    ]


def _refused(text: str, place: str) -> list[Problem]:
    return [
        Problem(place=place, what=f"{vocabulary.what} : « {found} »", mend=vocabulary.mend)
        for vocabulary, found in refused_wording(text)
    ]


def _identities(text: str, place: str) -> list[Problem]:
    return [
        Problem(
            place=place,
            what=f"« {found} » désigne un foyer ou une personne",
            mend="retirez-le : aucun foyer n'est reconnaissable dans un message",
        )
        for found in identified_households(text)
    ]


def _automatic(text: str, place: str) -> list[Problem]:
    if not re.search(r"\bsophie\b", plain(text)) or says_automatic(text):
        return []
    return [
        Problem(
            place=place,
            what="Sophie parle sans dire qu'elle est un assistant automatique",
            mend=f"commencez par « {DISCLOSURE} »",
        )
    ]


def _pictograms(text: str, place: str) -> list[Problem]:
    alone = [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if any(unicodedata.category(one) == "So" and one != FIGURE_MARK for one in line)
        and not any(one.isalnum() for one in line)
    ]
    return [
        Problem(
            place=place,
            row=number,
            what="ligne faite d'un pictogramme seul",
            mend="dites-le aussi avec des mots, pour les lecteurs d'écran",
        )
        for number in alone
    ]
