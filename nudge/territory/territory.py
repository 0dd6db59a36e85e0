"""The territory: its communes, zones, rounds and neighbours, read and checked as a whole."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nudge.errors import CampaignError, Problem
from nudge.territory.schema_checks import schema_problems, typed_table
from nudge.territory.table_file import read_text_table
from nudge.territory.table_schema import FOLDER_VARIABLE, NAMES, table_schema, territory_folder
from nudge.territory.territory_checks import cross_problems

MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """The tables of ``datasets/territory``, checked, with the types of their schemas.

    Attributes
    ----------
    communes, aliases, zones, rounds, neighbours
        Tables ``communes``, ``alias``, ``zones``, ``tournees`` and ``voisinages``: codes are
        text, ``synthetique`` and ``ambigu`` are booleans, empty texts are missing values.
    folder
        Where they were read.
    fingerprint
        SHA-256 of the files.
    synthetic
        Whether any zone is invented.
    """

    communes: pd.DataFrame
    aliases: pd.DataFrame
    zones: pd.DataFrame
    rounds: pd.DataFrame
    neighbours: pd.DataFrame
    folder: str
    fingerprint: str
    synthetic: bool


def load_territory(folder: Path | None = None) -> Territory:
    """Read the territory and check it as a whole.

    Parameters
    ----------
    folder
        Folder of the five CSV files; by default ``$POUCE_TERRITORY``, else the repository's.

    Raises
    ------
    CampaignError
        With every faulty row, file by file; beyond 50, the number of others.
    """
    place = territory_folder(folder)
    if not place.is_dir():
        raise CampaignError(
            Problem(
                what="le dossier du territoire n'existe pas",
                place=str(place),
                mend=f"vérifier le chemin, ou la variable {FOLDER_VARIABLE}",
            )
        )
    paths = {name: place / table_schema(name).file for name in NAMES}
    tables = _checked(paths)
    zones = tables["zones"]
    return Territory(
        communes=tables["communes"],
        aliases=tables["alias"],
        zones=zones,
        rounds=tables["tournees"],
        neighbours=tables["voisinages"],
        folder=str(place),
        fingerprint=_fingerprint(paths),
        synthetic=bool(zones["synthetique"].any()),
    )


def load_table(name: str, folder: Path) -> pd.DataFrame:
    """Read and check one table by itself, such as ``communes``; CampaignError as above."""
    return _checked({name: folder / table_schema(name).file})[name]


def _checked(paths: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    texts: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    misread: set[tuple[str, int | None]] = set()
    for name, path in paths.items():
        schema = table_schema(name)
        frame, found = read_text_table(path, schema)
        problems += found
        if frame is not None:
            texts[name] = frame
            lines = {problem.row for problem in found}
            problems += schema_problems(frame, schema, skipped=lines)
            misread |= {(schema.file, line) for line in lines}
    crossed = cross_problems(texts)
    problems += [one for one in crossed if (one.place, one.row) not in misread]
    if problems:
        raise CampaignError(_shown(problems))
    return {name: typed_table(frame, table_schema(name)) for name, frame in texts.items()}


def _shown(problems: Sequence[Problem]) -> list[Problem]:
    files = [table_schema(name).file for name in NAMES]
    ordered = sorted(problems, key=lambda one: (files.index(one.place), one.row or 0))
    others = len(ordered) - MOST_PROBLEMS
    if others <= 0:
        return ordered
    rest = f"et {others} autre{'s' if others > 1 else ''} anomalie{'s' if others > 1 else ''}"
    return [
        *ordered[:MOST_PROBLEMS],
        Problem(what=rest, mend="corriger celles-ci, puis vérifier de nouveau"),
    ]


def _fingerprint(paths: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in paths.items():
        content = path.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
