"""``pouce campaign report``."""

from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    folder_of,
    identifier_of,
    say,
    say_error,
    store_of,
    user_errors,
)


def report_command(
    campaign: CampaignArgument,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DOSSIER", help="Où écrire ; par défaut « rapport » de la campagne."),
    ] = None,
    html: Annotated[bool, typer.Option(help="Écrire la page rapport.html.")] = True,
    pdf: Annotated[bool, typer.Option(help="Écrire rapport.pdf (accessible, PDF/UA).")] = True,
    store: StoreOption = None,
) -> None:
    """Écrit le rapport pour les élus à partir du résultat de « pouce campaign analyse »."""
    with user_errors():
        from nudge.analysis.result_file import load_result
        from nudge.report.answer import answer
        from nudge.report.consort import (
            COMPLEMENTS_FILE,
            final_blockers,
            items_to_write,
            read_complements,
        )
        from nudge.report.report_folder import write_report

        folder = folder_of(store_of(store), identifier_of(campaign))
        result = load_result(folder / "analyse" / "resultat.json")
        complements = read_complements(folder)
        written = write_report(
            result, output or folder / "rapport", html=html, pdf=pdf, complements=complements
        )
    for sentence in answer(result).sentences:
        say(f"SIMULATION – {sentence}" if result.campaign.simulation else sentence)
    for path in written:
        say(str(path))
    for blocker in final_blockers(result, complements=complements):
        say_error(f"Version provisoire : {blocker}")
    for number in items_to_write(result, complements=complements)[:1]:
        say_error(
            f"Ces textes CONSORT s'écrivent dans {folder / COMPLEMENTS_FILE}, une ligne par "
            f"élément, par exemple « {number}: … » ; puis relancer « pouce campaign report »."
        )
