"""SQL of the grouped scan, and the few first rows that choose its centres."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.engine.grouped_table import Floats
from experiments.engine.row_columns import RowColumns
from experiments.engine.row_conditions import is_indicator, usable, value
from experiments.engine.row_source import FIRST_ROWS, Column, RowSource, select

Result = Mapping[str, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRules:
    """How to group, and what to demand of the rows.

    Attributes
    ----------
    numeric_as_keys
        Whether to group by the numeric covariates' values too.
    drop_incomplete
        Whether rows with a missing or infinite value are dropped; otherwise they are an error.
    binary
        Whether every outcome must be 0 or 1.
    outcome_range
        Smallest and largest value that an outcome may have.
    max_clusters
        More clusters than this are taken to be units.
    """

    numeric_as_keys: bool
    drop_incomplete: bool
    binary: bool
    outcome_range: tuple[float, float] | None
    max_clusters: int

    @property
    def groups_by_keys_alone(self) -> bool:
        """Whether neither covariates nor completeness are grouped by."""
        return not (self.numeric_as_keys or self.drop_incomplete)

    @property
    def max_groups(self) -> int:
        """More groups than this are not brought into memory."""
        return 4 * self.max_clusters


def first_rows(source: RowSource, columns: RowColumns, *, hashed: bool = False) -> Result:
    """Keys (``k0`` ...) and measured values (``x0``, ``x1`` ...) of a few rows.

    Only the cluster of the keys, unless their hashes (``h1`` ...) are asked for too.
    """
    keys = columns.keys if hashed else columns.keys[:1]
    selected = [f"{key(source, name)} AS k{i}" for i, name in enumerate(keys)]
    selected += [
        f"{value(source, columns, name)} AS x{j}" for j, name in enumerate(columns.measured)
    ]
    selected += [f"hash({key(source, name)}) AS h{i}" for i, name in enumerate(keys) if i > 0]
    first = source.fetch(select(selected, source.head, f"LIMIT {FIRST_ROWS}"))
    if len(first["k0"]) or source.head == source.relation:
        return first
    # The first of several files may be empty.
    return source.fetch(select(selected, source.relation, f"LIMIT {FIRST_ROWS}"))


def centre_of(values: Column) -> float:
    """Cheap shift for sums of squares: 0 unless the mean is ten times the spread or more.

    Otherwise the mean, rounded to the spread, so that a shifted value has few new digits.
    Small whole numbers keep 0: their sums are exact.
    """
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) == 0:
        return 0.0
    with np.errstate(over="ignore"):
        mean, spread = float(numbers.mean()), float(numbers.std())
    is_small_count = bool(np.all(numbers == np.rint(numbers))) and abs(mean) < 1000
    if is_small_count or abs(mean) < 10 * spread:
        return 0.0
    step = 2.0 ** np.floor(np.log2(max(spread, abs(mean) * 2.0**-40)))
    return float(np.rint(mean / step) * step)


def scan_sql(
    source: RowSource,
    columns: RowColumns,
    rules: ScanRules,
    *,
    centre: Floats,
    by_cluster: Sequence[str] | None = None,
) -> str:
    """Text of the one grouped query.

    Its columns: keys ``k0`` ..., covariates ``x0`` ... if they are keys, ``complete`` if
    incomplete rows are dropped, ``n``; of measured column j the count of values ``c``, the sum
    ``s``, if asked the smallest and largest value ``lo`` and ``hi``; of columns i and j the sum
    of products ``p{i}_{j}``, but of an outcome declared binary the sum ``d`` of its distances
    from 0 or 1 in place of its squares. Given ``by_cluster``, the cluster is the only key and
    these expressions of the other keys are added.
    """
    read = [f"{key(source, name)} AS k{i}" for i, name in enumerate(columns.keys)]
    read += [
        f"{_shifted(value(source, columns, name), float(centre[j]))} AS x{j}"
        for j, name in enumerate(columns.measured)
    ]
    groups = [f"k{i}" for i in range(len(columns.keys) if by_cluster is None else 1)]
    if rules.numeric_as_keys:
        groups += [f"x{j}" for j in range(len(columns.outcomes), len(columns.measured))]
    if rules.drop_incomplete:
        complete = (usable(source, columns, name) for name in columns.keys + columns.measured)
        read.append(f"{' AND '.join(complete)} AS complete")
        groups.append("complete")
    sums = [*_sums(source, columns, rules)]
    if rules.outcome_range is not None:
        for j in range(len(columns.outcomes)):
            sums += [f"min(x{j}) AS lo{j}", f"max(x{j}) AS hi{j}"]
    return select(
        [*groups, "count(*) AS n", *sums, *(by_cluster or ())],
        f"({select(read, source.relation)}) AS rows_read",
        f"GROUP BY {', '.join(groups)} LIMIT {rules.max_groups + 1}",
    )


def _sums(source: RowSource, columns: RowColumns, rules: ScanRules) -> Iterator[str]:
    """Counts, sums and products; covariates that are keys need none."""
    n_outcomes = len(columns.outcomes)
    n_summed = n_outcomes if rules.numeric_as_keys else len(columns.measured)
    indicator = [is_indicator(source, columns, name) for name in columns.measured]
    declared = [rules.binary and j < n_outcomes for j in range(len(columns.measured))]
    for i in range(n_summed):
        yield f"count(x{i}) AS c{i}"
        yield f"sum(x{i}) AS s{i}"
        # What is 0 or 1 is its own square.
        if declared[i] and not indicator[i]:
            yield f"sum(abs(x{i} * (x{i} - 1))) AS d{i}"
        elif not indicator[i]:
            yield f"sum(x{i} * x{i}) AS p{i}_{i}"
        for j in range(max(i + 1, n_outcomes), n_summed):
            yield f"sum(x{i} * x{j}) AS p{i}_{j}"


def key(source: RowSource, name: str) -> str:
    """Column to group by, as text where it is of no kind of its own."""
    return source.as_text(name) if source.kinds[name] == "other" else source.name(name)


def _shifted(expression: str, centre: float) -> str:
    return expression if centre == 0 else f"{expression} - CAST('{centre!r}' AS DOUBLE)"
