"""``pouce campaign analyse``: exactly the locked plan."""

from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.console import quiet_libraries
from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    err,
    folder_of,
    identifier_of,
    say,
    say_error,
    store_of,
    user_errors,
)

if TYPE_CHECKING:
    from nudge.analysis.run import Analysed


def analyse_command(
    campaign: CampaignArgument,
    early: Annotated[
        bool,
        typer.Option(
            "--early", help="Analyser avant la fin : inscrit au rapport comme un écart sérieux."
        ),
    ] = False,
    track: Annotated[
        bool, typer.Option("--track/--no-track", help="Garder la trace dans MLflow.")
    ] = True,
    store: StoreOption = None,
) -> None:
    """Analyse la campagne selon le plan verrouillé, puis la clôt.

    Étape suivante : pouce campaign report CAMPAGNE.

    Code 0 : analysé ; 2 : refusé.
    """
    quiet_libraries()
    with user_errors():
        from datetime import date

        from nudge.analysis.run import analyse_stored
        from nudge.lifecycle.plan_in_force import plan_in_force

        opened = store_of(store)
        identifier = identifier_of(campaign)
        for warning in plan_in_force(opened, identifier).warnings:
            say_error(warning)
        with err.status("analyse en cours"):
            found = analyse_stored(
                opened,
                identifier,
                folder=folder_of(opened, identifier),
                today=date.today(),
                early=early,
                tracked=track,
            )
        _show(found, campaign)


def _show(found: "Analysed", campaign: str) -> None:
    from nudge.report.answer import answer

    result = found.result
    said = answer(result)
    say(result.campaign.shown_title)
    for sentence in (*said.sentences, *said.details):
        say(f"- {sentence}")
    say(f"Niveau de preuve : {result.grade}")
    for reason in result.grade_reasons:
        say(f"- {reason}")
    for deviation in result.deviations:
        say(f"Écart : {deviation.text}")
    say(f"Résultat : {found.file}")
    if result.run_id:
        say(f"MLflow : {result.run_id}")
    if found.closed:
        say("La campagne est close : plus rien ne s'y ajoute.")
    say(f"Étape suivante : pouce campaign report {campaign}")
