"""Checks of one cell: required, kind, personal data, levels, range, pattern."""

import difflib
import re
from collections.abc import Iterable, Iterator

import polars as pl

from nudge.french.numbers import and_list, decimal_comma
from nudge.imports.columns import plain
from nudge.imports.dates import date_fault
from nudge.imports.faults import LINE, faults
from nudge.imports.typed_cells import KIND_FAULTS, typed
from nudge.instruments.instrument import Column, Instrument

PSEUDONYMS = ("foyer_id", "controleur")
IDENTIFIER = "[A-Za-z0-9._:-]{1,64}"
PERSONAL = "ressemble à une donnée personnelle (téléphone, courriel ou nom)"
NOBODY = "mettre un pseudonyme, par exemple un numéro, qui ne dise rien de la personne"
_PHONE = r"^(?:(?:\+|00)33|0)[ .-]?[1-9](?:[ .-]?\d{2}){4}$"
_NAME = r"^\p{L}[\p{L}'’.-]*(?:[ ,]+\p{L}[\p{L}'’.-]*)+$"
_PROPOSALS = 200


def typed_chunk(text: pl.DataFrame, instrument: Instrument, *, french: bool) -> pl.DataFrame:
    """Return the typed values of a chunk, null where a cell is empty or not of its kind.

    Parameters
    ----------
    text
        ``LINE`` and, as text, the columns of the instrument.
    french
        Whether decimal commas are read.
    """
    return text.with_columns(
        typed(column, french=french).alias(column.name) for column in instrument.columns
    )


def cell_faults(
    text: pl.DataFrame, values: pl.DataFrame, instrument: Instrument
) -> Iterator[pl.DataFrame]:
    """Yield the faults of single cells; a cell is faulted once, by its first failed check."""
    for column in instrument.columns:
        chunk = text.select(LINE, pl.col(column.name).alias("text"))
        chunk = chunk.with_columns(values[column.name].alias("value"))
        yield from _column_faults(chunk, column)


def _column_faults(chunk: pl.DataFrame, column: Column) -> Iterator[pl.DataFrame]:
    filled = pl.col("text").is_not_null()
    if column.required:
        mend = f"remplir la cellule : {column.description[:1].lower()}{column.description[1:]}"
        yield faults(chunk, ~filled, column=column.name, shown="text", what="cellule vide",
                     mend=mend)  # fmt: skip
    if column.name in PSEUDONYMS:
        personal = _personal(pl.col("text"))
        yield faults(chunk.with_columns(hidden=pl.lit("(non recopié)")), personal,
                     column=column.name, shown="hidden", what=PERSONAL, mend=NOBODY)  # fmt: skip
        filled &= ~personal
    fits = pl.col("value").is_not_null()
    what, mend = date_fault(pl.col("text")) if column.kind == "date" else KIND_FAULTS[column.kind]
    yield faults(chunk, filled & ~fits, column=column.name, shown="text",
                 what=_quoted(what), mend=mend)  # fmt: skip
    yield from _constraint_faults(chunk.filter(filled & fits), column)


def _constraint_faults(chunk: pl.DataFrame, column: Column) -> Iterator[pl.DataFrame]:
    value = pl.col("value")
    if column.levels:
        wrong = ~value.is_in(list(column.levels))
        yield faults(chunk, wrong, column=column.name, shown="text",
                     what=_quoted("n'est pas admis"),
                     mend=proposals(chunk.filter(wrong)["value"], column.levels))  # fmt: skip
    if column.minimum is not None or column.maximum is not None:
        low = value < column.minimum if column.minimum is not None else pl.lit(value=False)
        high = value > column.maximum if column.maximum is not None else pl.lit(value=False)
        yield faults(chunk, low | high, column=column.name, shown="text",
                     what=_quoted("est hors limites"), mend=_limits(column))  # fmt: skip
    if column.pattern is not None:
        mend = (
            "écrire 64 signes au plus : lettres sans accent, chiffres, point, tirets, deux-points"
            if column.pattern == IDENTIFIER
            else column.description
        )
        yield faults(chunk.with_columns(fits=_matching(chunk["value"], column.pattern)),
                     ~pl.col("fits"), column=column.name, shown="text",
                     what=_quoted("n'a pas la forme voulue"), mend=mend)  # fmt: skip


def proposals(wrong: pl.Series, known: Iterable[str], *, lead: str = "écrire") -> pl.Expr:
    """Return the expression of a mend for unknown texts in column ``value``.

    Each is answered by the nearest known text, after ``lead``, else by the list of those known.
    """
    spelt = {plain(one): one for one in known}
    every = list(spelt.values())
    shown = and_list(every[:15], "ou") + (" …" if len(every) > 15 else "")
    mends = {}
    for text in wrong.unique().head(_PROPOSALS).to_list():
        near = difflib.get_close_matches(plain(text), spelt, n=1, cutoff=0.7)
        mends[text] = f"{lead} « {spelt[near[0]]} »" if near else f"écrire {shown}"
    if not mends:
        return pl.lit("")
    return pl.col("value").replace_strict(mends, default=f"écrire {shown}", return_dtype=pl.String)


def _personal(text: pl.Expr) -> pl.Expr:
    doubtful = text.str.contains("@", literal=True) | text.str.contains(_PHONE)
    return (doubtful | text.str.contains(_NAME)).fill_null(value=False)


def _quoted(what: str | pl.Expr) -> pl.Expr:
    told = pl.lit(what) if isinstance(what, str) else what
    return pl.format("« {} » {}", pl.col("text").str.slice(0, 80), told)


def _limits(column: Column) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    low, high = (
        None if bound is None else decimal_comma(bound, 0 if float(bound).is_integer() else 2)
        for bound in (column.minimum, column.maximum)
    )
    if high is None:
        return f"écrire un nombre d'au moins {low}{unit}"
    return f"écrire un nombre entre {low} et {high}{unit}"


def _matching(texts: pl.Series, pattern: str) -> pl.Series:
    try:
        return texts.str.contains(f"^(?:{pattern})$")
    except pl.exceptions.ComputeError:
        # Polars has no look-around; such columns hold few different texts.
        known = texts.unique().to_list()
        return texts.is_in([text for text in known if re.fullmatch(pattern, text)])
