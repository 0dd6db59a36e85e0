"""``pouce campaign levers``."""

from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import out, say, user_errors

if TYPE_CHECKING:
    from nudge.levers.lever import Evidence, Lever, MessageTemplate

CONTROL = {
    True: "avec groupe témoin",
    False: "sans groupe témoin",
    None: "groupe témoin non précisé",
}
STATUS = {"verified": "vérifié", "declared": "déclaré"}


def levers_command(
    name: Annotated[
        str | None, typer.Argument(metavar="LEVIER", help="Levier à détailler.")
    ] = None,
) -> None:
    """Leviers disponibles ; avec LEVIER : preuves, risques, canaux et messages.

    Code 0 : affiché ; 2 : levier inconnu.
    """
    with user_errors():
        from nudge.levers.catalogue import lever_of, levers

        if name is None:
            _list(tuple(levers().values()))
        else:
            _detail(lever_of(name))


def _list(levers: "tuple[Lever, ...]") -> None:
    from nudge.outcomes.outcome import FAMILY_TITLES

    for lever in levers:
        out.print(f"[bold]{lever.identifier}[/] : {lever.title}", soft_wrap=True)
        _say(f"  {lever.what_it_does}")
        _say(f"  Familles : {', '.join(FAMILY_TITLES[one] for one in lever.families)}.")
        if lever.addressed:
            _say("  Messages adressés : un accord préalable est exigé.")
    _say("")
    _say("Détail d'un levier : pouce campaign levers LEVIER")


def _detail(lever: "Lever") -> None:
    from nudge.outcomes.outcome import FAMILY_TITLES

    out.print(f"[bold]{lever.title}[/] ({lever.identifier})", soft_wrap=True)
    _say(lever.what_it_does)
    _say(f"Mécanisme : {lever.mechanism}")
    _say(f"Canaux : {', '.join(lever.channels)}.")
    _say(f"Familles de critères : {', '.join(FAMILY_TITLES[one] for one in lever.families)}.")
    _say(f"Accord préalable : {'exigé' if lever.addressed else 'non exigé, message sans nom'}.")
    out.print("\n[bold]Ce que disent les études[/]")
    for evidence in lever.evidence:
        _evidence(evidence)
    out.print("\n[bold]Effet plausible[/]")
    _plausible(lever)
    out.print("\n[bold]Risques et garde-fous[/]")
    for risk in lever.risks:
        _say(f"- {risk.name} : {risk.description} Garde-fou : {risk.safeguard}")
    out.print("\n[bold]Messages[/]")
    for message in lever.messages:
        _message(message)


def _evidence(evidence: "Evidence") -> None:
    from nudge.outcomes.outcome import FAMILY_TITLES

    family = evidence.outcome_family
    title = "autre domaine" if family == "autre" else FAMILY_TITLES[family]
    control = CONTROL[evidence.controlled]
    _say(f"- {evidence.study} [{title} ; {control} ; {STATUS[evidence.status]}]")
    _say(f"  {evidence.design}. {evidence.result}")
    _say(f"  Source : {evidence.source}")


def _plausible(lever: "Lever") -> None:
    from nudge.french.numbers import NO_BREAK, decimal_comma
    from nudge.levers.anchors import ACADEMIC_JOURNALS, ANCHOR_CAUTION, ANCHOR_SOURCE, NUDGE_UNITS
    from nudge.outcomes.outcome import FAMILY_TITLES

    known = {effect.family for effect in lever.plausible_effects}
    for effect in lever.plausible_effects:
        bounds = " à ".join(
            dict.fromkeys(decimal_comma(bound) for bound in (effect.low, effect.high))
        )
        family = FAMILY_TITLES[effect.family]
        _say(f"- {family} : {bounds}{NO_BREAK}{effect.unit} ({effect.source})")
    unknown = [FAMILY_TITLES[family] for family in lever.families if family not in known]
    if unknown:
        _say(
            f"- {', '.join(unknown)} : aucune taille vérifiée pour ce levier. Repères tous nudges "
            f"confondus : {decimal_comma(NUDGE_UNITS.points)} à "
            f"{decimal_comma(ACADEMIC_JOURNALS.points)}{NO_BREAK}points ({ANCHOR_SOURCE})"
        )
        _say(f"  {ANCHOR_CAUTION}")


def _message(message: "MessageTemplate") -> None:
    _say(f"- {message.identifier} ({message.channel}) : {message.subject}")
    for line in message.body.splitlines():
        _say(f"    {line}")
    for variable in message.variables:
        value = "calculé, jamais tapé" if variable.norm_figure else f"ex. : {variable.example}"
        _say(f"    · {variable.name} : {variable.description} ({value})")


def _say(text: str) -> None:
    from nudge.french.typography import typeset

    say(typeset(text))
