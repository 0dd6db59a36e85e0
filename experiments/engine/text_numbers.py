"""Columns of text that were meant as numbers, told by their values."""

from experiments.engine.bad_rows import refuse_rows
from experiments.engine.row_source import RowSource, select
from experiments.errors import InputError

_SAMPLE_ROWS = 20_000
_MOST_LEVELS = 10
_MOSTLY = 0.9
# Marks that other programs write for a missing value.
_MISSING_MARKS = ("", ".", "..", "-", "?", "na", "n/a", "#n/a", "null", "none", "nan", "nd")


def refuse_mostly_numbers(source: RowSource, name: str) -> None:
    """Refuse a text covariate whose values are numbers, but for a few at most.

    A factor is made of all other texts. Of the first rows' distinct values, more than ten and
    nine tenths of them must be numbers, or all but marks such as ``.`` or ``N/A``; codes such as
    ``01`` are no numbers.
    """
    text = source.as_text(name)
    tail = f"WHERE {source.name(name)} IS NOT NULL LIMIT {_SAMPLE_ROWS}"
    read = select([f"{text} AS written"], source.relation, tail)
    levels = select(["written"], f"({read}) AS first_rows", "GROUP BY written")
    is_code = (
        "written LIKE '0%' AND NOT (written = '0' OR written LIKE '0.%' OR written LIKE '0,%')"
    )
    number = f"CASE WHEN {_number('written')} IS NOT NULL AND NOT ({is_code}) THEN 1 ELSE 0 END"
    marks = ", ".join(map(source.text, _MISSING_MARKS))
    mark = f"CASE WHEN lower(trim(written)) IN ({marks}) THEN 1 ELSE 0 END"
    counted = source.fetch(
        select(
            ["count(*) AS n", f"sum({number}) AS numbers", f"sum({mark}) AS marks"],
            f"({levels}) AS levels",
        )
    )
    n = int(counted["n"][0])
    if n == 0:
        return
    numbers, n_marks = int(counted["numbers"][0]), int(counted["marks"][0])
    all_but_marks = n_marks > 0 and numbers > 1 and numbers + n_marks >= n
    if all_but_marks or (n > _MOST_LEVELS and numbers >= _MOSTLY * n):
        codes = "if they are codes, begin each with a letter, or store the column as categories"
        refuse_texts(
            source,
            name,
            mend="Write them as numbers, with a point before decimals, and leave cells without a "
            f"value empty; or, {codes}.",
        )
        raise InputError(
            f"Column '{name}' of {source.label} holds numbers as text. Store it as numbers; or, "
            f"{codes}."
        )


def refuse_texts(source: RowSource, name: str, *, mend: str) -> None:
    """Refuse rows whose text is no number, those that no comma for a point explains first."""
    text = source.as_text(name)
    for number in (_number(text), f"TRY_CAST({text} AS DOUBLE)"):
        refuse_rows(
            source,
            name,
            f"{text} IS NOT NULL AND {number} IS NULL",
            problem="are not numbers",
            mend=mend,
        )


def _number(text: str) -> str:
    """Text as a double, whether a point or a comma stands before decimals."""
    return f"TRY_CAST(replace({text}, ',', '.') AS DOUBLE)"
