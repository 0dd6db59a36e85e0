"""``pouce campaign territory``: communes, zones and rounds, checked and replaced."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import out, say, user_errors

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from nudge.territory.territory import Territory

HEADINGS = {
    "rue": "rues",
    "sous_secteur": "secteurs",
    "pav": "PAV",
    "cendrier": "cendriers",
}

app = typer.Typer(
    help="Communes, zones, tournées et voisinages : voir, vérifier, remplacer.",
    no_args_is_help=True,
)

FolderArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="DOSSIER",
        help="Dossier du territoire ; sinon $POUCE_TERRITORY, sinon celui du dépôt.",
    ),
]


@app.command("show")
def show_command(folder: FolderArgument = None) -> None:
    """Montrer les zones par commune et par type."""
    with user_errors():
        from nudge.territory.territory import load_territory

        territory = load_territory(folder)
    out.print(_table(territory))
    say(_origin(territory))
    say(f"Communes : {_credit(territory)}")
    say(f"Dossier : {territory.folder}")


@app.command("check")
def check_command(folder: FolderArgument = None) -> None:
    """Vérifier tous les fichiers, et dire chaque ligne fautive."""
    with user_errors():
        from nudge.territory.territory import load_territory

        territory = load_territory(folder)
    say(f"Territoire valide : {_sizes(territory)}.")
    say(_origin(territory))
    say(f"Empreinte {territory.fingerprint[:12]}, dossier {territory.folder}")


@app.command("replace")
def replace_command(
    source: Annotated[
        Path, typer.Argument(metavar="DOSSIER", help="Dossier des fichiers CSV réels.")
    ],
    destination: Annotated[
        Path | None,
        typer.Option(
            metavar="DOSSIER",
            help="Territoire à remplacer ; sinon $POUCE_TERRITORY, sinon celui du dépôt.",
        ),
    ] = None,
) -> None:
    """Vérifier les listes réelles, puis les mettre à la place de celles du territoire.

    Rien n'est changé si une seule ligne est fautive. Les fichiers absents du dossier sont
    conservés ; les voisinages sont recalculés si seules les zones sont fournies.
    """
    with user_errors():
        from nudge.territory.replacement import replace_territory
        from nudge.territory.table_schema import territory_folder

        done = replace_territory(source, territory_folder(destination))
    say(f"Territoire remplacé : {_sizes(done.territory)}.")
    say(f"Fichiers repris : {', '.join(done.supplied)}")
    if done.neighbours_computed:
        say("Voisinages calculés d'après les coordonnées des zones.")
    say(_origin(done.territory))
    if done.previous:
        say(f"Fichiers précédents conservés dans {done.previous}")


@app.command("generate")
def generate_command(
    folder: FolderArgument = None,
    seed: Annotated[
        int | None, typer.Option(help="Graine des tirages ; sinon celle des fichiers du dépôt.")
    ] = None,
) -> None:
    """Écrire des zones de test synthétiques à côté des communes."""
    with user_errors():
        from nudge.territory.replacement import generate_territory
        from nudge.territory.synthetic_zones import SEED

        territory = generate_territory(folder, seed=SEED if seed is None else seed)
    say(f"Zones de test écrites : {_sizes(territory)}.")
    say(_origin(territory))
    say(f"Dossier : {territory.folder}")


def _table(territory: "Territory") -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from nudge.french.numbers import whole

    numbers = _numbers(territory)
    table = Table(
        title="Zones par commune" + (" (SYNTHÉTIQUE)" if territory.synthetic else ""),
        title_justify="left",
        box=SIMPLE_HEAD,
        show_footer=True,
        collapse_padding=True,
        pad_edge=False,
    )
    total = numbers.sum()
    table.add_column("commune", "total", no_wrap=True)
    for name in numbers.columns.drop("secondaires"):
        table.add_column(name, whole(total[name]), justify="right", no_wrap=True)
    table.add_column("rés. sec.", _second_homes(total), justify="right")
    names = territory.communes.set_index("code_insee")["nom"]
    for code, row in numbers.iterrows():
        cells = row.drop("secondaires").map(whole)
        table.add_row(names[code], *cells, _second_homes(row))
    return table


def _numbers(territory: "Territory") -> "pd.DataFrame":
    """Count the zones of each type and the dwellings of streets, one row a commune."""
    import pandas as pd

    zones = territory.zones
    kinds = pd.crosstab(zones["code_insee"], zones["type_zone"])
    streets = zones[zones["type_zone"] == "rue"].groupby("code_insee")
    columns = {
        "hab.": territory.communes.set_index("code_insee")["population_municipale"],
        **{heading: kinds[kind] for kind, heading in HEADINGS.items() if kind in kinds},
        "logements": streets["n_logements"].sum(),
        "secondaires": streets["n_residences_secondaires"].sum(),
    }
    numbers = territory.communes[["code_insee"]].set_index("code_insee").assign(**columns)
    return numbers.fillna(0).sort_values("hab.", ascending=False)


def _second_homes(row: "pd.Series") -> str:
    from nudge.french.numbers import percent

    return percent(row["secondaires"] / row["logements"]) if row["logements"] else "–"


def _sizes(territory: "Territory") -> str:
    from nudge.french.numbers import and_list, count

    return and_list(
        [
            count(len(territory.communes), "commune"),
            count(len(territory.zones), "zone"),
            count(len(territory.rounds), "tournée"),
        ]
    )


def _origin(territory: "Territory") -> str:
    """Say how many zones are invented: never leave a synthetic territory pass for a real one."""
    from nudge.french.numbers import count

    zones = territory.zones
    invented = int(zones["synthetique"].sum())
    if not invented:
        return "Zones réelles : aucune n'est synthétique."
    return (
        f"SYNTHÉTIQUE : {count(invented, 'zone inventée', 'zones inventées')} pour les tests, "
        f"sur {count(len(zones), 'zone')}. Aucune conclusion réelle ne peut en être tirée."
    )


def _credit(territory: "Territory") -> str:
    """Name the sources of the communes with date and licence, as the Licence Ouverte asks."""
    sources = territory.communes[["source", "date_maj", "licence"]].drop_duplicates()
    return " ; ".join(
        f"{row.source}, {row.date_maj:%d/%m/%Y}, {row.licence}"
        for row in sources.itertuples(index=False)
    )
