"""Rows for which a condition holds, counted and named in an error."""

from experiments.engine.row_source import RowSource, select
from experiments.errors import InputError

_SHOWN = 5


def refuse_rows(source: RowSource, name: str, condition: str, *, problem: str, mend: str) -> None:
    """Raise an error that counts and names the rows for which an SQL condition is true, if any.

    Rows are numbered from 1 within each file or table, a CSV header not counted. Spark's rows
    have no order: their values stand for them.
    """
    flagged = f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS bad"
    counted = source.fetch(select(["count(*) AS n", flagged], source.relation))
    n_rows = int(counted["n"][0])
    bad = int(counted["bad"][0]) if n_rows else 0
    if bad:
        more = " ..." if bad > _SHOWN else "."
        raise InputError(
            f"Column '{name}' of {source.label}: {bad:,} of {n_rows:,} rows {problem}: "
            f"{rows_where(source, name, condition)}{more} {mend}"
        )


def rows_where(source: RowSource, name: str, condition: str) -> str:
    """First rows for which an SQL condition is true, with a column's value in each."""
    shown = f"{source.as_text(name)} AS shown"
    if not source.parts:
        tail = f"WHERE {condition} LIMIT {_SHOWN}"
        found = source.fetch(select([shown], source.relation, tail))
        return "values " + ", ".join(map(_value, found["shown"]))
    rows: list[str] = []
    for file, relation in source.parts:
        numbered = select(
            ["row_number() OVER () AS place", shown, f"({condition}) AS bad"], relation
        )
        tail = f"WHERE bad ORDER BY place LIMIT {_SHOWN - len(rows)}"
        found = source.fetch(select(["place", "shown"], f"({numbered}) AS numbered", tail))
        of_file = f" of {file}" if file else ""
        rows += [
            f"row {place}{of_file} ({_value(shown)})"
            for place, shown in zip(found["place"], found["shown"], strict=True)
        ]
        if len(rows) == _SHOWN:
            break
    return ", ".join(rows)


def _value(shown: object) -> str:
    return "missing" if shown is None else f"'{shown}'"
