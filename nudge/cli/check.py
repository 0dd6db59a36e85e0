"""``pouce campaign check``."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    out,
    plan_file_of,
    say,
    store_of,
    user_errors,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nudge.gates.gate import GateResult

SHUT = 1


def check_command(
    campaign: CampaignArgument,
    brief: Annotated[
        bool, typer.Option("--brief", help="Ne montre que ce qui est refusé ou à surveiller.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Examine une campagne : toutes les portes, avec la raison et le remède de chaque refus.

    Étape suivante : quand tout passe, « pouce campaign lock ».

    Code 0 : tout passe ; 1 : une porte refuse ; 2 : le fichier ne se lit pas.
    """
    with user_errors():
        from nudge.campaign.load import load_campaign
        from nudge.french.numbers import count
        from nudge.lifecycle.validation import check_campaign
        from nudge.territory.territory import load_territory

        opened = store_of(store)
        path = plan_file_of(opened, campaign)
        plan = load_campaign(path)
        examination = check_campaign(
            plan,
            folder=path.parent,
            store=opened,
            territory=load_territory(),
            today=date.today(),
        )
    say(plan.shown_title)
    show_gates(examination.gates, brief=brief)
    say("")
    say(examination.grade)
    shut = [gate for gate in examination.gates if not gate.passed]
    if shut:
        told = count(len(shut), "porte refuse", "portes refusent")
        say(f"{told}. Corriger {path}, puis relancer cette commande.")
        raise typer.Exit(SHUT)
    say(f"Tout passe. Ensuite : « pouce campaign lock {campaign} ».")


def show_gates(gates: "Iterable[GateResult]", *, brief: bool = False) -> None:
    """Print each gate: open or shut, reasons with their mends, warnings, facts."""
    for gate in gates:
        if brief and gate.passed and not gate.warnings:
            continue
        mark = "[green]passe [/]" if gate.passed else "[bold red]REFUSE[/]"
        out.print(f"{mark} {gate.title}", soft_wrap=True)
        for problem in gate.reasons:
            say(f"       – {problem}")
        for warning in gate.warnings:
            say(f"       Attention : {warning}")
        for fact in () if brief else gate.facts:
            say(f"       {fact}")
