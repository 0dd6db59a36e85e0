"""Are two classifiers different on the same rows? McNemar's test and non-inferiority."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlu.evaluation.bootstrap import Interval, bootstrap_interval

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedComparison:
    """Two classifiers on the same rows.

    Attributes
    ----------
    only_first, only_second : int
        Rows that one alone has right.
    difference : Interval
        Accuracy of the first minus that of the second, interval by family bootstrap.
    p_value : float
        Two-sided exact McNemar test (McNemar 1947; Edwards 1948 for the exact binomial form).
    """

    only_first: int
    only_second: int
    difference: Interval
    p_value: float


def compare_paired(
    first: BoolArray, second: BoolArray, families: Sequence[str], *, level: float = 0.95
) -> PairedComparison:
    """Compare which rows two classifiers have right.

    Parameters
    ----------
    first, second : ndarray of bool, shape (n,)
        Right answers of each.
    families : sequence of str
        Family of each row, for the interval.
    level : float
        Coverage of the interval.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    only_first = int((first & ~second).sum())
    only_second = int((~first & second).sum())
    table = [
        [int((first & second).sum()), only_first],
        [only_second, int((~first & ~second).sum())],
    ]
    gap = first.astype(float) - second.astype(float)
    return PairedComparison(
        only_first=only_first,
        only_second=only_second,
        difference=bootstrap_interval(lambda rows: float(gap[rows].mean()), families, level=level),
        p_value=float(mcnemar(table, exact=True).pvalue),
    )
