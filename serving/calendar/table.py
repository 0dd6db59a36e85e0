"""Rows of a CSV file as validated models, with every fault told in French by line and column."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from nudge.campaign.french_validation import french_problem
from nudge.errors import CampaignError, Problem

Row = TypeVar("Row", bound=BaseModel)


def read_table(path: Path, model: type[Row]) -> list[tuple[int, Row]]:
    """Read a table whose columns are the fields of a model.

    Parameters
    ----------
    path : Path
        CSV in UTF-8, comma, with a header.
    model : type of BaseModel
        What a row must be; the aliases of its fields are the columns.

    Returns
    -------
    list of (int, model)
        Line of the file and row.

    Raises
    ------
    CampaignError
        With every faulty cell: file, line, column, what is wrong, mend.
    """
    columns = [field.alias or name for name, field in model.model_fields.items()]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CampaignError(
            Problem(place=path.name, what=f"fichier illisible ({error.strerror})",
                    mend="vérifier le dossier")
        ) from None  # fmt: skip
    except UnicodeDecodeError:
        raise CampaignError(
            Problem(place=path.name, what="le fichier n'est pas en UTF-8",
                    mend="l'enregistrer au format « CSV UTF-8 »")
        ) from None  # fmt: skip
    try:
        reader = csv.DictReader(text.splitlines(), strict=True)
        _check_header(path, list(reader.fieldnames or ()), columns)
        read = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise CampaignError(
            Problem(
                place=path.name, what=f"CSV illisible ({error})", mend="vérifier les guillemets"
            )
        ) from None
    rows: list[tuple[int, Row]] = []
    problems: list[Problem] = []
    for line, cells in read:
        if None in cells or None in cells.values():
            problems.append(
                Problem(place=path.name, row=line, what="nombre de cellules inattendu",
                        mend="mettre entre guillemets les textes qui contiennent une virgule")
            )  # fmt: skip
            continue
        try:
            rows.append((line, model.model_validate(cells)))
        except ValidationError as error:
            problems += [_located(fault, path.name, line) for fault in error.errors()]
    if problems:
        raise CampaignError(problems)
    return rows


def _located(fault: Mapping[str, Any], place: str, line: int) -> Problem:
    told = french_problem(fault, source=place)
    return Problem(what=told.what, mend=told.mend, place=place, row=line, column=told.column)


def _check_header(path: Path, header: list[str], columns: list[str]) -> None:
    problems = [
        Problem(place=path.name, row=1, column=name, what="la colonne manque", mend="l'ajouter")
        for name in columns
        if name not in header
    ]
    problems += [
        Problem(place=path.name, row=1, column=name, what="colonne inconnue",
                mend=f"colonnes admises : {', '.join(columns)}")
        for name in header
        if name not in columns
    ]  # fmt: skip
    if problems:
        raise CampaignError(problems)
