"""``pouce serve conversations``: conversations of a campaign, as its field file."""

from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import StoreOption, identifier_of, say, user_errors

ALARM = 0.001


def conversations_command(
    campaign: Annotated[
        str, typer.Argument(metavar="CAMPAGNE|DOSSIER", help="Campagne qui tire des conversations.")
    ],
    output: Annotated[
        Path, typer.Option("--output", metavar="FICHIER", help="Fichier CSV à écrire.")
    ],
    store: StoreOption = None,
) -> None:
    """Écrit les conversations d'une campagne, suivies pendant un jour entier, témoins compris.

    Étape suivante : « pouce campaign import », puis « analyse » à la fin de la campagne.

    Code 0 : écrit ; 2 : refusé.
    """
    with user_errors():
        from datetime import UTC, datetime

        from nudge.french.numbers import count
        from nudge.lifecycle.plan_in_force import plan_in_force
        from nudge.simulation.write_field import field_csv
        from serving.engagement.arm_counts import arm_counts
        from serving.engagement.conversation_rows import conversation_rows
        from serving.engagement.field_rows import field_rows
        from serving.store.database import open_serving_store

        opened = open_serving_store(store)
        identifier = identifier_of(campaign)
        plan = plan_in_force(opened, identifier).campaign
        rows = conversation_rows(opened, identifier)
        frame = field_rows(rows, plan, now=datetime.now(UTC))
        _write(output, field_csv(frame))
        counts = arm_counts(rows, plan)
    say(plan.shown_title)
    for arm in counts.arms:
        say(f"  {arm.title} : {count(arm.conversations, 'conversation')}")
    if counts.p_ratio is not None and counts.p_ratio < ALARM:
        say("  Attention : le partage entre groupes n'est pas celui du tirage ; chercher pourquoi.")
    say(f"{output} : {count(len(frame), 'conversation suivie', 'conversations suivies')}.")
    say(f"Ensuite : « pouce campaign import {campaign} {output} ».")


def _write(path: Path, text: str) -> None:
    from nudge.errors import CampaignError, Problem, os_reason

    draft = path.with_name(f".{path.name}.tmp")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        what = f"écriture impossible ({os_reason(error)})"
        raise CampaignError(Problem(place=str(path), what=what)) from None
