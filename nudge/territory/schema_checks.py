"""Check of one table against its schema, and conversion of its text to types."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pandas as pd

from nudge.errors import Problem
from nudge.territory.table_file import YES
from nudge.territory.table_schema import Field, TableSchema

Test = Callable[[pd.Series], pd.Series]

PATTERNS = {"integer": r"-?[0-9]+", "number": r"-?[0-9]+(?:\.[0-9]+)?"}
KIND_TEXTS = {
    "integer": ("n'est pas un nombre entier", "écrire des chiffres seulement"),
    "number": ("n'est pas un nombre", "écrire un nombre avec un point décimal, sans unité"),
    "date": ("n'est pas une date", "écrire AAAA-MM-JJ"),
}


def schema_problems(
    frame: pd.DataFrame, schema: TableSchema, *, skipped: Iterable[int | None] = ()
) -> list[Problem]:
    """Return what is wrong in a text table, one problem a faulty cell or repeated row.

    Parameters
    ----------
    frame
        Text table of :func:`nudge.territory.table_file.read_text_table`.
    schema
        What the table must look like.
    skipped
        Lines already known to be faulty; their cells are not checked.
    """
    kept = frame.drop(index=[line for line in skipped if line in frame.index])
    problems = [
        problem
        for field in schema.fields
        for problem in _field_problems(kept[field.name], field, schema.file)
    ]
    return problems + _repeated_rows(kept, schema)


def typed_table(frame: pd.DataFrame, schema: TableSchema) -> pd.DataFrame:
    """Return a checked text table with the types of its schema.

    Texts are strings with missing values where empty, booleans bool, integers int64, numbers
    float64 with NaN where empty, dates datetime64.
    """
    columns = {field.name: _typed(frame[field.name], field.kind) for field in schema.fields}
    return pd.DataFrame(columns).reset_index(drop=True)


def as_numbers(values: pd.Series) -> pd.Series:
    """Return text cells as floats, NaN where empty or not a number."""
    return pd.to_numeric(values, errors="coerce").astype("float64")


def _typed(values: pd.Series, kind: str) -> pd.Series:
    if kind == "boolean":
        return values == YES
    if kind == "integer":
        return values.astype("int64")
    if kind == "number":
        return as_numbers(values)
    if kind == "date":
        return pd.to_datetime(values, format="%Y-%m-%d")
    return values.mask(values == "")


def _field_problems(values: pd.Series, field: Field, file: str) -> list[Problem]:
    empty = values == ""
    missing = values[empty] if field.required else values[:0]
    problems = [
        Problem(
            what="la cellule est vide",
            mend="la remplir",
            place=file,
            row=int(line),
            column=field.name,
        )
        for line in missing.index
    ]
    filled = values[~empty]
    for is_faulty, what, mend in _rules(field):
        faulty = is_faulty(filled)
        problems += [
            Problem(
                what=f"« {value} » {what}",
                mend=mend,
                place=file,
                row=int(line),
                column=field.name,
            )
            for line, value in filled[faulty].items()
        ]
        filled = filled[~faulty]
    return problems


def _rules(field: Field) -> Iterator[tuple[Test, str, str]]:
    """Yield tests in order; each is put to the cells that passed those before it."""
    if field.kind in KIND_TEXTS:
        yield partial(_not_of_kind, kind=field.kind), *KIND_TEXTS[field.kind]
    if field.levels:
        yield (
            lambda cells: ~cells.isin(field.levels),
            "n'est pas une valeur admise",
            f"écrire {' ou '.join(field.levels)}",
        )
    if field.pattern is not None:
        pattern = field.pattern
        yield (
            lambda cells: ~cells.str.fullmatch(pattern),
            "n'a pas la forme attendue",
            f"forme attendue : {pattern}",
        )
    if field.minimum is not None:
        least = field.minimum
        yield (
            lambda cells: as_numbers(cells) < least,
            "est trop petit",
            f"valeur minimale : {least:g}",
        )
    if field.maximum is not None:
        most = field.maximum
        yield (
            lambda cells: as_numbers(cells) > most,
            "est trop grand",
            f"valeur maximale : {most:g}",
        )


def _not_of_kind(filled: pd.Series, kind: str) -> pd.Series:
    if kind == "date":
        days = pd.to_datetime(filled, format="%Y-%m-%d", errors="coerce")
        return days.isna() | ~filled.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
    return ~filled.str.fullmatch(PATTERNS[kind])


def _repeated_rows(frame: pd.DataFrame, schema: TableSchema) -> list[Problem]:
    key = list(schema.key)
    complete = frame[key[0]] != ""
    repeated = frame.loc[complete & frame.duplicated(key), key]
    return [
        Problem(
            what=f"« {' | '.join(row)} » figure déjà plus haut",
            mend="supprimer la ligne en double",
            place=schema.file,
            row=int(line),
            column=", ".join(key),
        )
        for line, row in zip(repeated.index, repeated.itertuples(index=False), strict=True)
    ]
