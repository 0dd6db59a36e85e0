"""Result of the grouped query as a GroupedTable: codes, sorted rows, symmetric products."""

import numpy as np

from experiments.engine.grouped_table import Codes, Floats, GroupedTable, Labels
from experiments.engine.labels import label_codes
from experiments.engine.row_columns import RowColumns
from experiments.engine.scan_query import Result, ScanRules, centre_of


def complete_rows(result: Result) -> tuple[Result, int]:
    """Groups of complete rows, and how many rows the other groups hold."""
    if "complete" not in result:
        return result, 0
    complete = result["complete"].astype(bool)
    n_dropped = int(result["n"][~complete].sum())
    return {name: column[complete] for name, column in result.items()}, n_dropped


def grouped_table(
    result: Result,
    columns: RowColumns,
    rules: ScanRules,
    *,
    centre: Floats,
    n_dropped: int,
) -> GroupedTable:
    """Grouped rows in their lasting form, sorted by cluster and then the other keys.

    Parameters
    ----------
    result
        Columns of the grouped query, complete rows only.
    centre
        What the query subtracted from each measured column, shape (m,): 0 for covariates that
        were grouped by, which are centred here.
    """
    if rules.numeric_as_keys:
        result, centre = _sums_of_keys(result, columns, centre)
    n = result["n"].astype(np.float64)
    coded = {name: label_codes(result[f"k{i}"]) for i, name in enumerate(columns.keys)}
    covariates = [result[f"s{j}"] / n for j in range(len(columns.outcomes), len(columns.measured))]
    order = np.lexsort(
        [*covariates[::-1], *(codes for _, codes in reversed(coded.values()))]
        if rules.numeric_as_keys
        else [codes for _, codes in reversed(coded.values())]
    )
    labels: dict[str, Labels] = {name: texts for name, (texts, _) in coded.items()}
    codes: dict[str, Codes] = {name: unsorted[order] for name, (_, unsorted) in coded.items()}
    arm, stratum = columns.arm, columns.stratum
    return GroupedTable(
        cluster_column=columns.cluster,
        arm_column=arm,
        stratum_column=stratum,
        cluster=codes[columns.cluster],
        arm=np.zeros(len(n), np.int64) if arm is None else codes[arm],
        stratum=None if stratum is None else codes[stratum],
        factors={name: codes[name] for name in columns.factors},
        cluster_labels=labels[columns.cluster],
        arm_labels=np.array([""], object) if arm is None else labels[arm],
        stratum_labels=np.array([], object) if stratum is None else labels[stratum],
        factor_levels={name: labels[name] for name in columns.factors},
        numeric=columns.measured,
        n_outcomes=len(columns.outcomes),
        numeric_as_keys=rules.numeric_as_keys,
        centre=centre,
        n=n[order],
        sums=_sums(result, columns)[order],
        products=_products(result, columns)[order],
        n_rows=int(n.sum()) + n_dropped,
        n_dropped=n_dropped,
    )


def _sums_of_keys(result: Result, columns: RowColumns, centre: Floats) -> tuple[Result, Floats]:
    """Sums and products of covariates that are constant within each group."""
    n = result["n"].astype(np.float64)
    outcomes, covariates = range(len(columns.outcomes)), range(len(columns.outcomes), len(centre))
    centre = centre.copy()
    deviation: dict[int, Floats] = {}
    for j in covariates:
        centre[j] = centre_of(result[f"x{j}"])
        deviation[j] = result[f"x{j}"].astype(np.float64) - centre[j]
    sums = {f"s{j}": n * deviation[j] for j in covariates}
    crosses = {f"p{i}_{j}": result[f"s{i}"] * deviation[j] for i in outcomes for j in covariates}
    squares = {
        f"p{i}_{j}": n * deviation[i] * deviation[j]
        for i in covariates
        for j in covariates
        if i <= j
    }
    return {**result, **sums, **crosses, **squares}, centre


def _sums(result: Result, columns: RowColumns) -> Floats:
    return np.column_stack([result[f"s{j}"] for j in range(len(columns.measured))]).astype(
        np.float64
    )


def _products(result: Result, columns: RowColumns) -> Floats:
    m = len(columns.measured)
    products = np.full((len(result["n"]), m, m), np.nan)
    for i in range(m):
        for j in range(i, m):
            if f"p{i}_{j}" in result:
                products[:, i, j] = products[:, j, i] = result[f"p{i}_{j}"]
            elif i == j:
                # What is 0 or 1 is its own square.
                products[:, i, i] = result[f"s{i}"]
    return products
