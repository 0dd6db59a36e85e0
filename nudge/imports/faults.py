"""Faulty cells of a field file: gathered as frames, counted all, kept up to a limit."""

from dataclasses import dataclass, field

import polars as pl

from nudge.errors import Problem

LINE = "ligne du fichier"
KEPT = 10_000
SCHEMA = {
    "line": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "what": pl.String,
    "mend": pl.String,
}


@dataclass(slots=True)
class FaultLog:
    """Faulty cells found so far.

    Attributes
    ----------
    n
        All of them.
    kept
        The first of them in the order of the file, at most 10,000; columns ``line``, ``column``,
        ``value``, ``what``, ``mend``.
    """

    n: int = 0
    kept: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))

    def add(self, *found: pl.DataFrame) -> None:
        """Take in the faults of a chunk."""
        new = pl.concat([pl.DataFrame(schema=SCHEMA), *found])
        self.n += new.height
        if new.height:
            self.kept = pl.concat([self.kept, new]).sort("line", maintain_order=True).head(KEPT)

    def problems(self, place: str) -> tuple[Problem, ...]:
        """Return the kept faults as problems of that file."""
        rows = self.kept.iter_rows(named=True)
        return tuple(
            Problem(place=place, row=row["line"], column=row["column"], what=row["what"],
                    mend=row["mend"])
            for row in rows
        )  # fmt: skip


def faults(
    chunk: pl.DataFrame,
    faulty: pl.Expr,
    *,
    column: str,
    what: str | pl.Expr,
    mend: str | pl.Expr = "",
    shown: str | None = None,
) -> pl.DataFrame:
    """Return the faults of the rows for which an expression holds.

    Parameters
    ----------
    chunk
        Rows with ``LINE`` and the columns that the expressions read.
    faulty
        Truth value of each row; null counts as sound.
    column
        Column at fault.
    what, mend
        French texts, or expressions that give one for each faulty row.
    shown
        Column whose text is shown as the faulty value; ``column`` by default.
    """
    rows = chunk.filter(faulty.fill_null(value=False))
    if rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    value = shown or column
    return rows.select(
        line=pl.col(LINE).cast(pl.Int64),
        column=pl.lit(column),
        value=pl.col(value).cast(pl.String) if value in rows.columns else pl.lit(""),
        what=pl.lit(what) if isinstance(what, str) else what,
        mend=pl.lit(mend) if isinstance(mend, str) else mend,
    )
