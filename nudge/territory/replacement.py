"""Putting real lists, or newly invented ones, in the place of a territory's files."""

import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from nudge.errors import CampaignError, Problem, os_reason
from nudge.territory.neighbours import neighbours_from_coordinates
from nudge.territory.synthetic_zones import SEED, synthetic_tables
from nudge.territory.table_file import NO, read_text_table, table_text
from nudge.territory.table_schema import (
    NAMES,
    REPOSITORY_FOLDER,
    table_schema,
    territory_folder,
)
from nudge.territory.territory import Territory, load_table, load_territory

FILES = tuple(table_schema(name).file for name in NAMES)
SCHEMAS = tuple(f"{name}.schema.json" for name in NAMES)
ALWAYS_KNOWN = ("communes.csv", "alias.csv")
ROUNDS, ZONES, NEIGHBOURS = map(table_schema, ("tournees", "zones", "voisinages"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What replacing a territory did.

    Attributes
    ----------
    territory
        The territory now in place.
    supplied
        Files that came from the source; the others were kept.
    neighbours_computed
        Whether ``voisinages.csv`` was computed from coordinates, for want of one.
    previous
        Folder where the files that were in place are kept; empty if there were none.
    """

    territory: Territory
    supplied: tuple[str, ...]
    neighbours_computed: bool
    previous: str


def replace_territory(source: Path, destination: Path) -> Replacement:
    """Check the files of a folder completely, then put them in the place of the present ones.

    Parameters
    ----------
    source
        Folder with one or more of the five CSV files. Those it lacks are kept as they are,
        except ``voisinages.csv``, computed from coordinates when ``zones.csv`` is new.
    destination
        Folder of the territory; made when it does not exist, with the communes and aliases
        of the repository unless the source has its own.

    Raises
    ------
    CampaignError
        Every faulty row; or the folder cannot be replaced. The destination is then unchanged.
    """
    destination = destination.resolve()
    supplied = _supplied(source, destination)
    _refuse_other_folder(destination)
    homes = {file: source if file in supplied else _home(destination, file) for file in FILES}
    contents = {file: _content(home, file) for file, home in homes.items()}
    computed = ZONES.file in supplied and NEIGHBOURS.file not in supplied
    if computed:
        contents[NEIGHBOURS.file] = f"{','.join(NEIGHBOURS.columns)}\n".encode()
    previous = destination.with_name(f"{destination.name}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    kept = previous if destination.exists() else None
    _install(contents, destination, previous=kept, compute_neighbours=computed)
    return Replacement(
        territory=load_territory(destination),
        supplied=supplied,
        neighbours_computed=computed,
        previous=str(kept or ""),
    )


def generate_territory(folder: Path | None = None, *, seed: int = SEED) -> Territory:
    """Write invented zones, rounds and neighbours beside the communes of a folder.

    Parameters
    ----------
    folder
        Folder of the territory, the default one if None; communes and aliases that it lacks
        are those of the repository.
    seed
        Seed of every draw; the same gives the same bytes.

    Raises
    ------
    CampaignError
        The folder holds real zones, which are never overwritten; or cannot be written.
    """
    folder = territory_folder(folder).resolve()
    _refuse_other_folder(folder)
    _refuse_real_zones(folder)
    communes = load_table("communes", _home(folder, "communes.csv"))
    tables = synthetic_tables(communes, seed=seed)
    kept = {file: _content(_home(folder, file), file) for file in ALWAYS_KNOWN}
    invented = {
        ROUNDS.file: table_text(tables.rounds, ROUNDS).encode(),
        ZONES.file: table_text(tables.zones, ZONES).encode(),
        NEIGHBOURS.file: table_text(tables.neighbours, NEIGHBOURS).encode(),
    }
    _install(kept | invented, folder)
    return load_territory(folder)


def _supplied(source: Path, destination: Path) -> tuple[str, ...]:
    """Return the territory's files that the source holds; refuse a name that is not one."""
    if not source.is_dir():
        raise CampaignError(
            Problem(what="le dossier n'existe pas", place=str(source), mend="vérifier le chemin")
        )
    if source.resolve() == destination:
        raise CampaignError(
            Problem(
                what="ce dossier est déjà celui du territoire",
                place=str(source),
                mend="préparer les nouveaux fichiers dans un autre dossier",
            )
        )
    present = sorted(path.name for path in source.glob("*.csv"))
    strangers = [
        Problem(
            what="ce fichier n'est pas un fichier du territoire",
            place=name,
            mend=f"le nommer {close[0]}, ou le retirer" if close else f"noms : {', '.join(FILES)}",
        )
        for name in present
        if name not in FILES
        for close in [get_close_matches(name, FILES, 1)]
    ]
    if strangers:
        raise CampaignError(strangers)
    if not present:
        raise CampaignError(
            Problem(
                what="le dossier ne contient aucun fichier du territoire",
                place=str(source),
                mend=f"y mettre l'un au moins de {', '.join(FILES)}",
            )
        )
    return tuple(name for name in FILES if name in present)


def _content(folder: Path, file: str) -> bytes | None:
    """Return the bytes of a file; None where it is missing, which the check will tell."""
    try:
        return (folder / file).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CampaignError(
            Problem(what=f"le fichier ne peut pas être lu ({os_reason(error)})", place=file)
        ) from None


def _home(folder: Path, file: str) -> Path:
    """Return where to take a file from: the repository for communes that the folder lacks."""
    absent = not (folder / file).exists()
    return REPOSITORY_FOLDER if absent and file in ALWAYS_KNOWN else folder


def _install(
    contents: Mapping[str, bytes | None],
    destination: Path,
    *,
    previous: Path | None = None,
    compute_neighbours: bool = False,
) -> None:
    """Write and check a whole new folder beside the destination, then exchange them.

    The present folder is renamed to ``previous``, or removed if that is None.
    """
    stage = destination.with_name(f".{destination.name}-{uuid.uuid4().hex}")
    try:
        if destination.exists():
            shutil.copytree(destination, stage, ignore=shutil.ignore_patterns(*FILES))
        stage.mkdir(parents=True, exist_ok=True)
        for schema in SCHEMAS:
            shutil.copyfile(REPOSITORY_FOLDER / schema, stage / schema)
        for file, content in contents.items():
            if content is not None:
                (stage / file).write_bytes(content)
        territory = load_territory(stage)
        if compute_neighbours:
            pairs = neighbours_from_coordinates(territory.zones)
            (stage / NEIGHBOURS.file).write_bytes(table_text(pairs, NEIGHBOURS).encode())
            load_territory(stage)
        _exchange(stage, destination, previous=previous)
    except OSError as error:
        raise CampaignError(
            Problem(
                what=f"le dossier ne peut pas être remplacé ({os_reason(error)})",
                place=str(destination),
                mend="vérifier les droits d'écriture ; les fichiers en place n'ont pas changé",
            )
        ) from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _exchange(stage: Path, destination: Path, *, previous: Path | None) -> None:
    """Rename the stage to the destination; put the destination back if that fails."""
    if not destination.exists():
        stage.rename(destination)
        return
    aside = previous or destination.with_name(f"{stage.name}-previous")
    destination.rename(aside)
    try:
        stage.rename(destination)
    except OSError:
        aside.rename(destination)
        raise
    if previous is None:
        shutil.rmtree(aside)


def _refuse_other_folder(destination: Path) -> None:
    """Refuse to exchange a folder that holds anything but a territory."""
    own = {*FILES, *SCHEMAS, "README.md"}
    others = (
        [
            path.name
            for path in sorted(destination.iterdir())
            if path.is_dir() or not (path.name in own or path.name.startswith("."))
        ]
        if destination.is_dir()
        else []
    )
    if others:
        raise CampaignError(
            Problem(
                what=f"ce dossier contient autre chose qu'un territoire ({', '.join(others[:3])})",
                place=str(destination),
                mend="choisir un dossier vide, nouveau, ou celui d'un territoire",
            )
        )


def _refuse_real_zones(folder: Path) -> None:
    path = folder / ZONES.file
    if not path.exists():
        return
    frame, _ = read_text_table(path, ZONES)
    if frame is None or (frame["synthetique"] == NO).any():
        raise CampaignError(
            Problem(
                what="ce fichier contient des zones réelles ou illisibles",
                place=ZONES.file,
                mend="générer les zones de test dans un autre dossier",
            )
        )
