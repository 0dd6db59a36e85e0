"""Checks of the export that its Table Schema cannot say: pseudonyms, dates, taxonomy, communes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from nlu.corpus.taxonomy import Taxonomy
from nudge.imports.cell_checks import IDENTIFIER, NOBODY, PERSONAL, proposals
from nudge.imports.columns import plain
from nudge.imports.faults import faults

OUTSIDE = "hors_territoire"
_HIDDEN = "(non recopié)"
_PHONE = r"^(?:(?:\+|00)?33|0)[.-]?[1-9](?:[.-]?\d{2}){4}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What themes, intents and communes there are.

    Attributes
    ----------
    taxonomy
        Intents of Sophie.
    communes
        Name of each commune by INSEE code.
    """

    taxonomy: Taxonomy
    communes: Mapping[str, str]

    @property
    def commune_codes(self) -> dict[str, str]:
        """INSEE code, or ``hors_territoire``, by code and by name without accents."""
        named = {plain(name): code for code, name in self.communes.items()}
        return {OUTSIDE: OUTSIDE} | named | {code: code for code in self.communes}

    @property
    def nature_of(self) -> dict[str, str]:
        """Nature of each intent."""
        return {intent.name: intent.nature for intent in self.taxonomy.intents}


def pseudonym_faults(chunk: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the faults of pseudonyms, never copying one: it may be a name."""
    text = pl.col("pseudonyme")
    hidden = chunk.with_columns(hidden=pl.lit(_HIDDEN))
    column = {"column": "pseudonyme", "shown": "hidden"}
    phone = text.str.contains(_PHONE)
    yield faults(hidden, text.is_null(), what="cellule vide", mend=NOBODY, **column)
    yield faults(hidden, phone, what=PERSONAL, mend=NOBODY, **column)
    ill_formed = ~text.str.contains(f"^(?:{IDENTIFIER})$")
    mend = "écrire 64 signes au plus : lettres sans accent, chiffres, point, tirets, deux-points"
    yield faults(hidden, ill_formed & ~phone, what="n'a pas la forme voulue", mend=mend, **column)


def meaning_faults(
    values: pl.DataFrame, vocabulary: Vocabulary, *, today: date
) -> Iterator[pl.DataFrame]:
    """Yield the faults of typed values that contradict the calendar, the taxonomy or themselves."""
    yield faults(values, pl.col("date") > today, column="date", what="date à venir",
                 mend="écrire le jour du contact")  # fmt: skip
    taxonomy = vocabulary.taxonomy
    known = (
        ("theme", list(taxonomy.themes)),
        ("sous_theme", list(taxonomy.names)),
    )
    for column, names in known:
        yield from _unknown(values, column, names)
    yield from _unknown_communes(values, vocabulary)
    theme = _looked_up("sous_theme", taxonomy.theme_of)
    yield faults(values, theme != pl.col("theme"), column="sous_theme",
                 what="n'est pas de ce thème",
                 mend=pl.format("changer le sous-thème, ou écrire le thème « {} »", theme),
                 )  # fmt: skip
    nature = _looked_up("sous_theme", vocabulary.nature_of)
    yield faults(values, nature != pl.col("nature"), column="nature",
                 what="n'est pas la nature de ce sous-thème",
                 mend=pl.format("écrire « {} », ou vider la cellule", nature),
                 )  # fmt: skip


def commune_code(vocabulary: Vocabulary) -> pl.Expr:
    """Return the expression of the INSEE code of column ``commune``, null where unknown."""
    return _looked_up_text(_folded(), vocabulary.commune_codes)


def looked_up(column: str, known: Mapping[str, str]) -> pl.Expr:
    """Return the expression of what a column's texts stand for, null where they are unknown."""
    return _looked_up(column, known)


def _unknown(values: pl.DataFrame, column: str, names: list[str]) -> Iterator[pl.DataFrame]:
    wrong = ~pl.col(column).is_in(names)
    chunk = values.with_columns(value=pl.col(column))
    yield faults(chunk, wrong, column=column, what="inconnu de la taxonomie",
                 mend=proposals(values.filter(wrong)[column], names))  # fmt: skip


def _unknown_communes(values: pl.DataFrame, vocabulary: Vocabulary) -> Iterator[pl.DataFrame]:
    wrong = pl.col("commune").is_not_null() & commune_code(vocabulary).is_null()
    chunk = values.with_columns(value=pl.col("commune"))
    names = [*vocabulary.communes.values(), OUTSIDE]
    yield faults(chunk, wrong, column="commune", what="n'est pas une commune du territoire",
                 mend=proposals(values.filter(wrong)["commune"], names))  # fmt: skip


def _folded() -> pl.Expr:
    letters = pl.col("commune").str.normalize("NFKD").str.to_lowercase()
    ascii_only = letters.str.replace_all(r"[^\x00-\x7f]", "")
    return ascii_only.str.replace_all("[^a-z0-9]+", "_").str.strip_chars("_")


def _looked_up(column: str, known: Mapping[str, str]) -> pl.Expr:
    return _looked_up_text(pl.col(column), known)


def _looked_up_text(text: pl.Expr, known: Mapping[str, str]) -> pl.Expr:
    return text.replace_strict(dict(known), default=None, return_dtype=pl.String)
