"""``pouce campaign sheets``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    folder_of,
    identifier_of,
    say,
    store_of,
    user_errors,
)

if TYPE_CHECKING:
    import pandas as pd

    from nudge.territory.territory import Territory

FOLDER = "fiches"


def sheets_command(
    campaign: CampaignArgument,
    wave: Annotated[
        str | None, typer.Option(metavar="VAGUE", help="Nom de la vague de mesure.")
    ] = None,
    instrument: Annotated[
        str | None,
        typer.Option(metavar="NOM",
                     help="Le fichier vide d'un instrument, sans fiche : distribution, "
                     "consentement, refus_camion… (la vague est alors facultative)."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DOSSIER", file_okay=False,
                     help="Où écrire ; sinon le dossier « fiches » de la campagne."),
    ] = None,
    checks_per_zone: Annotated[
        int | None,
        typer.Option(min=1, max=200, metavar="N",
                     help="Bacs à contrôler par zone ; sinon ceux prévus par la campagne."),
    ] = None,
    csv: Annotated[
        bool, typer.Option("--csv/--no-csv", help="Écrire aussi les CSV à remplir.")
    ] = True,
    xlsx: Annotated[
        bool, typer.Option("--xlsx/--no-xlsx", help="Écrire aussi les classeurs à remplir.")
    ] = False,
    store: StoreOption = None,
) -> None:  # fmt: skip
    """Écrit les fiches de terrain d'une vague : PDF à imprimer et fichiers à remplir.

    Les fiches ne disent rien du tirage : toutes les zones sont contrôlées de la même façon.

    Avec --instrument : seulement le fichier à remplir d'un instrument qui n'a pas de fiche.

    Étape suivante : « pouce campaign import ».

    Code 0 : fiches écrites ; 2 : la vague ou la campagne n'existe pas.
    """
    from nudge.campaign.load import campaign_from_yaml
    from nudge.errors import CampaignError
    from nudge.sheets.write_sheets import write_blank, write_sheets
    from nudge.store.campaigns import campaign_zones, stored_campaign
    from nudge.territory.territory import load_territory

    with user_errors():
        if wave is None and instrument is None:
            raise CampaignError("indiquer la vague (--wave) ou l'instrument (--instrument)")
        identifier = identifier_of(campaign)
        opened = store_of(store)
        stored = stored_campaign(opened, identifier)
        zones = campaign_zones(opened, identifier)
        territory = load_territory()
        rounds = territory.rounds
        plan = campaign_from_yaml(stored.yaml, source=identifier)
        folder = output or folder_of(opened, identifier) / FOLDER
        if instrument is not None:
            written = write_blank(plan, instrument, folder, zones=zones, wave_name=wave,
                                  csv=csv, xlsx=xlsx)  # fmt: skip
        else:
            written = write_sheets(
                plan,
                wave or "",
                folder,
                zones=zones,
                round_names=dict(zip(rounds["tournee_id"], rounds["nom"], strict=True)),
                synthetic=_synthetic(territory, zones),
                checks_per_zone=checks_per_zone,
                csv=csv,
                xlsx=xlsx,
            )
    for path in written:
        say(str(path))


def _synthetic(territory: "Territory", zones: "pd.DataFrame") -> bool:
    """Whether a zone of the campaign is synthetic; rounds and communes follow the territory."""
    listed = territory.zones[territory.zones["zone_id"].isin(zones["zone_id"])]
    if len(listed) < len(zones):
        return territory.synthetic
    return bool(listed["synthetique"].any())
