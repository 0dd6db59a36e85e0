"""Rows summed within cluster, arm, stratum and covariate levels: all the data a trial keeps."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Labels = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedTable:
    """Counts, sums and cross-products of the rows that share cluster, arm, stratum and factors.

    Grouped rows are sorted by cluster, then arm, stratum, factors in the order given and, if
    they are keys, the numeric covariates' values. Labels are text: whole numbers lose a
    trailing ``.0`` and sort as numbers, all else sorts as text.

    Attributes
    ----------
    cluster, arm
        Codes into ``cluster_labels`` and ``arm_labels``, shape (R,). Without an arm column
        every code is 0 and the one label is ``""``.
    stratum
        Codes into ``stratum_labels``, shape (R,), or None without a stratum column.
    factors
        Codes of each factor into ``factor_levels[name]``, shape (R,).
    cluster_labels, arm_labels, stratum_labels, factor_levels
        Sorted text labels; ``stratum_labels`` is empty without a stratum column.
    numeric
        Names of the m summed columns: outcomes first, then numeric covariates.
    n_outcomes
        How many of ``numeric`` are outcomes.
    numeric_as_keys
        Whether rows were also grouped by the numeric covariates' values, so that a covariate
        is constant within a grouped row.
    centre
        What was subtracted from each numeric column before summing, shape (m,), so that sums
        of squares do not cancel. 0 unless the mean dwarfs the spread: binary and small count
        outcomes are summed as they are, exactly.
    n
        Units in each grouped row, shape (R,).
    sums
        Sums about ``centre``, shape (R, m).
    products
        Sums of cross-products about ``centre``, shape (R, m, m), symmetric. Products of two
        different outcomes are not computed: NaN.
    n_rows, n_dropped
        Rows read, and how many of them were dropped as incomplete.
    cluster_column, arm_column, stratum_column
        Names of the key columns, for messages; None where there is none.
    """

    cluster: Codes
    arm: Codes
    stratum: Codes | None
    factors: Mapping[str, Codes]
    cluster_labels: Labels
    arm_labels: Labels
    stratum_labels: Labels
    factor_levels: Mapping[str, Labels]
    numeric: tuple[str, ...]
    n_outcomes: int
    numeric_as_keys: bool
    centre: Floats
    n: Floats
    sums: Floats
    products: Floats
    n_rows: int
    n_dropped: int
    cluster_column: str = "cluster"
    arm_column: str | None = "arm"
    stratum_column: str | None = None

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return len(self.cluster_labels)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes."""
        return self.numeric[: self.n_outcomes]

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of the numeric covariates."""
        return self.numeric[self.n_outcomes :]


def fingerprint(table: GroupedTable) -> str:
    """SHA-256 of the data, the same whatever the row order, file format or engine.

    Labels and counts enter as they are, and so do the sums of whole-number columns. Of any
    other numeric column enter its mean, its standard deviation and two weighted totals over
    the grouped rows (of sums and of squares), rounded to nine digits of the column's own scale:
    sums of doubles depend on the order of addition in their last digits, and the fewer numbers
    are rounded, the less likely one of them lies on the edge between two roundings. So a change
    that moves such a total by less than a billionth of its scale goes unseen.
    """
    keys = [table.cluster, table.arm, *table.factors.values()]
    if table.stratum is not None:
        keys.append(table.stratum)
    labels = [table.cluster_labels, table.arm_labels, table.stratum_labels]
    content = {
        "labels": [list(texts) for texts in [*labels, *table.factor_levels.values()]],
        "columns": [*table.factors, *table.numeric],
        "numeric": [_digest(table, j) for j in range(len(table.numeric))],
    }
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode())
    for codes in keys:
        digest.update(np.ascontiguousarray(codes, dtype="<i8").tobytes())
    digest.update(np.ascontiguousarray(table.n, dtype="<f8").tobytes())
    return digest.hexdigest()


def _digest(table: GroupedTable, j: int) -> list[str]:
    """What the fingerprint keeps of numeric column j."""
    centre, sums, squares = table.centre[j], table.sums[:, j], table.products[:, j, j]
    raw = np.stack([sums + table.n * centre, squares + centre * (2 * sums + table.n * centre)])
    if np.all(np.abs(raw) < 2.0**53) and np.all(raw == np.rint(raw)):
        return [hashlib.sha256(raw.astype("<i8").tobytes()).hexdigest()]
    total = table.n.sum()
    shift = sums.sum() / total
    squares = squares - 2 * shift * sums + table.n * shift**2
    sums = sums - table.n * shift
    mean = float(centre + shift)
    deviation = float(np.sqrt(max(squares.sum() / total, 0.0)))
    if deviation <= 1e-9 * abs(mean):
        return [f"{mean:.8e}"]
    # Weights spread over (0, 1) by the golden ratio see a swap of two groups' values too.
    weights = np.arange(1, len(sums) + 1) * 0.6180339887498949 % 1.0
    scale = 10.0 ** np.ceil(np.log10(max(abs(mean), deviation)))
    totals = (
        mean / scale,
        float(weights @ sums) / (total * deviation),
        float(weights @ squares) / (total * deviation**2),
    )
    return [f"{deviation:.8e}", f"{scale:.0e}", *(str(round(1e9 * x)) for x in totals)]
