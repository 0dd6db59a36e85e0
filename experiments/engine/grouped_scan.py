"""One scan of the rows, whatever holds them, into counts, sums and cross-products."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from experiments.engine.grouped_rows import complete_rows, grouped_table
from experiments.engine.grouped_table import Floats, GroupedTable
from experiments.engine.nested_keys import may_be_nested, nested_scan
from experiments.engine.open_rows import categorical_columns, open_rows
from experiments.engine.row_columns import RowColumns
from experiments.engine.row_source import RowSource, UnreadableRowsError
from experiments.engine.scan_query import Result, ScanRules, centre_of, first_rows, scan_sql
from experiments.engine.table_validation import check_arms, check_clusters, check_spellings
from experiments.engine.text_numbers import refuse_mostly_numbers
from experiments.engine.text_outcomes import success_values
from experiments.engine.validation import (
    check_kinds,
    check_names,
    check_result,
    check_units,
    refuse_identifiers,
    refuse_unreadable,
)


def grouped_scan(
    data: object,
    *,
    cluster: str,
    arm: str | None,
    outcomes: Sequence[str],
    stratum: str | None = None,
    factors: Sequence[str] = (),
    numeric: Sequence[str] = (),
    numeric_as_keys: bool = False,
    missing: Literal["error", "drop"] = "error",
    success: str | None = None,
    unit: str | None = None,
    binary: bool | None = None,
    outcome_range: tuple[float, float] | None = None,
    max_clusters: int = 2_000_000,
) -> GroupedTable:
    """Group rows by cluster, arm, stratum and factors in one pass, and check them.

    The pass is one SQL query run by DuckDB (files, tables in memory, DuckDB relations) or
    Spark, after a look at the first rows that chooses centres. Further passes run only to say
    what is wrong, to look for repeated units if ``unit`` is given, to list the values of a text
    outcome, and to count clusters if the first rows have a great many.

    Parameters
    ----------
    data
        pandas or Polars frame, lazy Polars frame, PyArrow table or dataset, DuckDB relation,
        PySpark DataFrame, or path or glob of ``.csv``, ``.tsv`` (either also ``.gz``) or
        ``.parquet`` files. In CSV files empty fields, ``NA`` and ``NaN`` are missing, spaces
        around values are left out, and a comma may stand before decimals in files whose
        delimiter is another.
    cluster, arm, stratum, factors
        Columns to group by. ``arm=None`` where there are no arms, as before a trial.
    outcomes, numeric
        Columns to sum: numbers or booleans, and text outcomes with ``success``, or with yes
        and no, oui and non, true and false, vrai and faux or 1 and 0, capitals ignored.
    numeric_as_keys
        Group by the numeric covariates' values too, as likelihood and GEE estimators need.
    missing
        Whether rows with a missing key, or a missing or infinite number in any of the columns
        named here, are an error, or are dropped and counted.
    success
        Value of a two-valued text outcome that counts as 1; the other counts as 0.
    unit
        Identifier of a unit; no unit may occur twice with the same levels of the factors.
    binary
        If true, every outcome must be 0 or 1.
    outcome_range
        Smallest and largest value that an outcome may have.
    max_clusters
        More clusters than this are taken to be units.

    Raises
    ------
    InputError
        If the data cannot be read or fail a check; the message names columns and rows.
    """
    columns = RowColumns(
        cluster=cluster,
        arm=arm,
        stratum=stratum,
        factors=tuple(factors),
        outcomes=tuple(outcomes),
        numeric=tuple(numeric),
        unit=unit,
    )
    rules = ScanRules(
        numeric_as_keys=numeric_as_keys,
        drop_incomplete=missing == "drop",
        binary=bool(binary),
        outcome_range=outcome_range,
        max_clusters=max_clusters,
    )
    source = open_rows(data, columns.used)
    check_names(source, columns.used)
    columns = replace(columns, success_values=success_values(source, columns.outcomes, success))
    check_kinds(source, columns)
    try:
        result, centre = _scan(source, columns, rules)
    except UnreadableRowsError:
        refuse_unreadable(source, columns)
        raise
    result, n_dropped = complete_rows(result)
    check_result(result, source, columns, rules, centre)
    table = grouped_table(result, columns, rules, centre=centre, n_dropped=n_dropped)
    check_clusters(table, max_clusters=max_clusters, max_groups=rules.max_groups)
    check_spellings(table)
    check_arms(table)
    if unit is not None:
        check_units(source, columns, unit)
    return table


def classify_columns(
    data: object, columns: Sequence[str]
) -> dict[str, Literal["numeric", "factor"]]:
    """Kind of covariate each column is, by its type: numbers are numeric, all else is a factor.

    A categorical or dictionary column is a factor even if its categories are numbers.

    Raises
    ------
    InputError
        If the data cannot be read, have no such column, or hold numbers as text in one.
    """
    source = open_rows(data, columns)
    check_names(source, columns)
    categorical = categorical_columns(data)
    factors = {name for name in columns if source.kinds[name] not in {"integer", "float"}}
    for name in factors - categorical:
        if source.kinds[name] == "text":
            refuse_mostly_numbers(source, name)
    factors |= categorical
    return {name: "factor" if name in factors else "numeric" for name in columns}


def _scan(source: RowSource, columns: RowColumns, rules: ScanRules) -> tuple[Result, Floats]:
    by_cluster = may_be_nested(source, columns, rules)
    first = first_rows(source, columns, hashed=by_cluster)
    refuse_identifiers(source, columns, first["k0"], rules)
    centre = np.array([centre_of(first[f"x{j}"]) for j in range(len(columns.measured))])
    if rules.binary:
        centre[: len(columns.outcomes)] = 0.0
    if rules.numeric_as_keys:
        centre[len(columns.outcomes) :] = 0.0
    result = None
    if by_cluster:
        result = nested_scan(source, columns, rules, first=first, centre=centre)
    if result is None:
        result = source.fetch(scan_sql(source, columns, rules, centre=centre))
    return result, centre
