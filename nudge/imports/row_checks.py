"""Checks between the cells of one row, by instrument."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from nudge.imports.faults import faults


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """What must never hold in a row.

    Attributes
    ----------
    column
        Column to correct.
    broken
        True where the row is faulty; null, hence sound, where a cell is empty.
    what, mend
        French texts.
    """

    column: str
    broken: pl.Expr
    what: str
    mend: str


_SEEN = pl.col("n_non_presentes") + pl.col("n_vert") + pl.col("n_orange") + pl.col("n_rouge")

RULES: MappingProxyType[str, tuple[RowRule, ...]] = MappingProxyType(
    {
        "controle_bac": (
            RowRule(
                column="couleur",
                broken=pl.col("presente") & pl.col("couleur").is_null(),
                what="bac présenté sans couleur",
                mend="écrire vert, orange ou rouge ; si le bac n'est pas sorti, écrire non dans "
                "« presente »",
            ),
            RowRule(
                column="couleur",
                broken=~pl.col("presente") & pl.col("couleur").is_not_null(),
                what="couleur notée pour un bac non présenté",
                mend="vider la couleur ; si le bac est sorti, écrire oui dans « presente »",
            ),
        ),
        "refus_camion": (
            RowRule(
                column="masse_refusee_kg",
                broken=pl.col("masse_refusee_kg") > pl.col("masse_recue_kg"),
                what="masse refusée plus grande que la masse reçue",
                mend="vérifier les deux masses sur le bon de pesée",
            ),
        ),
        "comptage_bacs": (
            RowRule(
                column="n_controles",
                # Some addresses may be left without a colour; none has two.
                broken=pl.col("n_controles") < _SEEN,
                what="le total est dépassé par la somme des bacs non présentés, verts, orange et "
                "rouges",
                mend="recompter, puis corriger le total ou l'un des quatre nombres",
            ),
        ),
        "consentement": (
            RowRule(
                column="retire_le",
                broken=pl.col("retire_le") < pl.col("donne_le"),
                what="retrait antérieur à l'accord",
                mend="vérifier les deux dates",
            ),
        ),
    }
)


def row_faults(text: pl.DataFrame, values: pl.DataFrame, instrument: str) -> Iterator[pl.DataFrame]:
    """Yield the faults between cells of a row.

    Parameters
    ----------
    text, values
        The same rows as written, for the report, and as typed, for the rules.
    """
    for rule in RULES.get(instrument, ()):
        broken = values.select(rule.broken.fill_null(value=False).alias("broken"))
        yield faults(
            text.with_columns(broken), pl.col("broken"),
            column=rule.column, what=rule.what, mend=rule.mend,
        )  # fmt: skip
