"""What can be wrong with the rows, said by column and row with the way to mend it."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np

from experiments.engine.bad_rows import refuse_rows, rows_where
from experiments.engine.grouped_table import Floats
from experiments.engine.name_list import listed
from experiments.engine.row_columns import RowColumns
from experiments.engine.row_conditions import is_indicator, is_success, usable
from experiments.engine.row_source import Column, RowSource, select
from experiments.engine.scan_query import Result, ScanRules
from experiments.engine.text_numbers import refuse_texts
from experiments.errors import InputError


def check_names(source: RowSource, names: Sequence[str]) -> None:
    """Refuse columns that do not exist, naming those that are spelt almost so, or exist twice."""
    for name in names:
        if name in source.columns:
            # SQL does not tell capitals from small letters in names.
            alike = [other for other in source.columns if other.lower() == name.lower()]
            if len(alike) == 1:
                continue
            raise InputError(
                f"Columns {listed(alike)} of {source.label} have the same name, capitals aside. "
                "Rename one of them."
            )
        close = get_close_matches(name, source.columns, n=3, cutoff=0.5)
        meant = f" Did you mean {listed(close, last=' or ')}?" if close else ""
        raise InputError(
            f"Column '{name}' does not occur in {source.label}.{meant} "
            f"Its columns are {listed(source.columns)}."
        )


def check_kinds(source: RowSource, columns: RowColumns) -> None:
    """Refuse to sum a column that holds no numbers and is no text outcome."""
    for name in columns.measured:
        if source.kinds[name] in {"text", "other"} and not is_success(columns, name):
            _refuse_text(source, columns, name)
            stored = "numbers as text" if source.kinds[name] == "text" else "no numbers"
            raise InputError(
                f"Column '{name}' of {source.label} holds {stored}. Store it as numbers."
            )


def refuse_identifiers(
    source: RowSource, columns: RowColumns, first_ids: Column, rules: ScanRules
) -> None:
    """Refuse a cluster column with far too many values, before a scan that would hold them all.

    They are counted (approximately, in little memory) only if the first rows have many.
    """
    if len(set(first_ids.tolist())) <= min(0.1 * len(first_ids), rules.max_clusters):
        return
    clusters = f"approx_count_distinct({source.name(columns.cluster)}) AS clusters"
    counted = source.fetch(select(["count(*) AS n", clusters], source.relation))
    # The approximate count may be wrong by a tenth.
    if counted["clusters"][0] > 1.2 * rules.max_clusters:
        raise InputError(
            f"Column '{columns.cluster}' of {source.label} has more than {rules.max_clusters:,} "
            f"different values in {int(counted['n'][0]):,} rows, so it identifies units, not "
            "clusters. Name the column of the group that was randomised, such as a zone, a "
            "school or a practice."
        )


def check_result(
    result: Result, source: RowSource, columns: RowColumns, rules: ScanRules, centre: Floats
) -> None:
    """Look for signs of bad values in the groups, and only if there are any, at the rows.

    ``result`` are the groups of complete rows, summed about ``centre``.
    """
    if len(result["n"]) == 0:
        if rules.drop_incomplete:
            refuse_unusable(source, columns, mend="No row is complete: fill them in.")
        raise InputError(f"There are no data rows in {source.label}.")
    if _has_missing(result, columns):
        refuse_unusable(
            source,
            columns,
            mend='Fill them in, or drop these rows with missing="drop" (--missing drop), which '
            "counts what it dropped.",
        )
        raise InputError(
            f"Squares of {listed(columns.measured)} in {source.label} are too large for a "
            "floating-point number. Store them in a larger unit."
        )
    for j, name in enumerate(columns.outcomes):
        _check_outcome(result, source, rules, name, j, centre[j])
    ids = result["k0"]
    if ids.dtype.kind == "f" and np.any(ids != np.rint(ids)):
        raise InputError(
            f"Column '{columns.cluster}' of {source.label} has values such as "
            f"{ids[ids != np.rint(ids)][0]:g}. Clusters are named by whole numbers or by text; "
            "is this a measurement?"
        )


def check_units(source: RowSource, columns: RowColumns, unit: str) -> None:
    """Refuse a unit that is missing, or occurs twice with the same levels of the factors."""
    refuse_rows(
        source,
        unit,
        f"{source.name(unit)} IS NULL",
        problem="have no unit identifier",
        mend="Fill them in, or leave the unit column out.",
    )
    keys = [source.as_text(name) for name in (unit, *columns.factors)]
    selected = [f"{key} AS k{i}" for i, key in enumerate(keys)]
    tail = f"GROUP BY {', '.join(keys)} HAVING count(*) > 1"
    repeated = select(selected, source.relation, tail)
    count = int(source.fetch(select(["count(*) AS n"], f"({repeated}) AS repeated"))["n"][0])
    if count == 0:
        return
    first = source.fetch(f"{repeated} ORDER BY {', '.join(keys)} LIMIT 1")
    same = (f"{key} = {source.text(str(first[f'k{i}'][0]))}" for i, key in enumerate(keys))
    within = f" with the same {listed(columns.factors)}" if columns.factors else ""
    raise InputError(
        f"Column '{unit}' of {source.label}: {count:,} "
        f"{'unit occurs' if count == 1 else 'units occur'} more than once{within}, for example "
        f"{rows_where(source, unit, ' AND '.join(same))}. Keep one row for each unit. If "
        "identifiers are numbered within clusters, join the cluster to them; if rows are visits, "
        "make the period a factor."
    )


def refuse_unusable(source: RowSource, columns: RowColumns, *, mend: str) -> None:
    """Refuse rows with a missing key, or a missing or infinite number."""
    for name in columns.keys + columns.measured:
        is_number = name in columns.measured and not is_indicator(source, columns, name)
        refuse_rows(
            source,
            name,
            f"NOT ({usable(source, columns, name)})",
            problem="are missing or not finite" if is_number else "are missing",
            mend=mend,
        )


def refuse_unreadable(source: RowSource, columns: RowColumns) -> None:
    """Refuse rows that hold text where the first rows hold numbers."""
    for name in columns.measured:
        if not is_success(columns, name):
            _refuse_text(source, columns, name)


def _has_missing(result: Result, columns: RowColumns) -> bool:
    """Whether a key or a measured value is missing or infinite in any row."""
    for i in range(len(columns.keys)):
        key = result[f"k{i}"]
        if key.dtype.kind == "O" and any(value is None for value in key):
            return True
        if key.dtype.kind == "f" and np.isnan(key).any():
            return True
    for j in range(len(columns.measured)):
        summed = f"s{j}" in result
        values = result[f"s{j}" if summed else f"x{j}"].astype(np.float64)
        squares = result.get(f"p{j}_{j}", values).astype(np.float64)
        if not (np.all(np.isfinite(values)) and np.all(np.isfinite(squares))):
            return True
        if summed and np.any(result[f"c{j}"] != result["n"]):
            return True
    return False


def _check_outcome(
    result: Result, source: RowSource, rules: ScanRules, name: str, j: int, centre: float
) -> None:
    number = source.number(name)
    if rules.binary and np.any(result.get(f"d{j}", np.zeros(1)) != 0):
        refuse_rows(
            source,
            name,
            f"{number} NOT IN (0, 1)",
            problem="are neither 0 nor 1",
            mend="Correct them, or do not declare the outcome binary.",
        )
    if rules.outcome_range is None:
        return
    lowest, highest = rules.outcome_range
    if np.any(result[f"lo{j}"] + centre < lowest) or np.any(result[f"hi{j}"] + centre > highest):
        refuse_rows(
            source,
            name,
            f"{number} < {lowest!r} OR {number} > {highest!r}",
            problem=f"are outside [{lowest:g}, {highest:g}]",
            mend="Correct them, or widen the range.",
        )


def _refuse_text(source: RowSource, columns: RowColumns, name: str) -> None:
    otherwise = (
        "if the outcome has two values, name the one that counts as success (success, --success)"
        if name in columns.outcomes
        else "make the column a factor"
    )
    mend = f"Write them as numbers, with a point before decimals; or {otherwise}."
    if source.kinds[name] != "boolean":
        refuse_texts(source, name, mend=mend)
        return
    text = source.as_text(name)
    refuse_rows(
        source,
        name,
        f"{text} IS NOT NULL AND TRY_CAST({text} AS BOOLEAN) IS NULL",
        problem="are not numbers",
        mend=mend,
    )
