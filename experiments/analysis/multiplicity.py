"""Several tests at once: adjusted p-values and intervals, family by family."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.stats.multitest import multipletests

from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Correction = Literal["bonferroni", "holm", "hochberg", "benjamini-hochberg", "benjamini-yekutieli"]

STATSMODELS_NAMES = {
    "bonferroni": "bonferroni",
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "benjamini-hochberg": "fdr_bh",
    "benjamini-yekutieli": "fdr_by",
}
REFERENCES = {
    "bonferroni": "Dunn 1961",
    "holm": "Holm 1979",
    "hochberg": "Hochberg 1988",
    "benjamini-hochberg": "Benjamini & Hochberg 1995",
    "benjamini-yekutieli": "Benjamini & Yekutieli 2001",
}
FALSE_DISCOVERY = {"benjamini-hochberg", "benjamini-yekutieli"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedPValues:
    """P-values adjusted within families, in the given order.

    Attributes
    ----------
    family
        Label of each test's family, length m.
    family_size
        Number of tests in that family, shape (m,).
    p_values, adjusted
        Raw and adjusted, shape (m,).
    rejected
        Adjusted p-value at most ``alpha``, shape (m,).
    alpha
        Error rate of each family; families are not corrected for one another.
    controls
        ``"familywise error"`` or ``"false discovery rate"``.
    method, reference
        Correction and its paper.
    warnings
        Caveats for the reader.
    """

    family: tuple[str, ...]
    family_size: npt.NDArray[np.int64]
    p_values: Floats
    adjusted: Floats
    rejected: Bools
    alpha: float
    controls: Literal["familywise error", "false discovery rate"]
    method: Correction
    reference: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedIntervals:
    """Intervals that allow for the number of comparisons in each family.

    Attributes
    ----------
    family
        Label of each comparison's family, length m.
    ci_low, ci_high
        Bounds, shape (m,); NaN where the method gives no interval (not selected).
    level
        Joint coverage of a family (Bonferroni), or one minus the expected share of selected
        intervals that miss (false coverage rate).
    method, reference
        Correction and its paper.
    note
        What the level means.
    """

    family: tuple[str, ...]
    ci_low: Floats
    ci_high: Floats
    level: float
    method: Correction
    reference: str
    note: str


def adjust_p_values(
    p_values: npt.ArrayLike, *, family: Sequence[str], method: Correction, alpha: float = 0.05
) -> AdjustedPValues:
    """Adjust p-values within each family, by statsmodels ``multipletests``.

    Parameters
    ----------
    p_values
        Shape (m,).
    family
        Label of each test's family, length m: one family for each claim that the tests could
        support. Tests of different families are never pooled.
    alpha
        Error rate within each family, between 0 and 1.

    Raises
    ------
    InputError
        A p-value outside [0, 1] or missing, lengths that differ, an unknown method.
    """
    raw = np.asarray(p_values, dtype=np.float64)
    _check(family, raw.shape, method, alpha)
    wrong = np.flatnonzero(~((raw >= 0) & (raw <= 1)))
    if len(wrong):
        message = f"p_values: value {raw[wrong[0]]} at place {wrong[0] + 1} is not in [0, 1]"
        raise InputError(message)
    adjusted, size = np.empty_like(raw), np.empty(len(raw), dtype=np.int64)
    for rows in _families(family):
        name = STATSMODELS_NAMES[method]
        adjusted[rows] = multipletests(raw[rows], alpha=alpha, method=name)[1]
        size[rows] = len(rows)
    return AdjustedPValues(
        family=tuple(family),
        family_size=size,
        p_values=raw,
        adjusted=adjusted,
        rejected=adjusted <= alpha,
        alpha=alpha,
        controls="false discovery rate" if method in FALSE_DISCOVERY else "familywise error",
        method=method,
        reference=REFERENCES[method],
        warnings=_warnings(method, size),
    )


def adjust_intervals(
    *,
    estimates: npt.ArrayLike,
    std_errors: npt.ArrayLike,
    df: npt.ArrayLike,
    family: Sequence[str],
    method: Correction,
    level: float = 0.95,
) -> AdjustedIntervals:
    """Two-sided t intervals that allow for the size of each family.

    Bonferroni intervals hold jointly. After a Benjamini-Hochberg or Benjamini-Yekutieli
    selection at rate 1 - ``level``, the intervals of the selected comparisons control the
    expected share that misses (Benjamini & Yekutieli 2005, theorems 1 and 4).

    Parameters
    ----------
    estimates, std_errors
        Shape (m,).
    df
        Degrees of freedom, shape (m,) or one number; infinite for the normal.

    Raises
    ------
    InputError
        Shapes that differ, a standard error or df that is not positive.
    AssumptionError
        Holm or Hochberg: the two-sided regions that agree with their decisions are not
        intervals that a reader can use (Strassburger & Bretz 2008).
    """
    effects, errors = (np.asarray(values, dtype=np.float64) for values in (estimates, std_errors))
    _check(family, effects.shape, method, 1 - level)
    if errors.shape != effects.shape or not (errors > 0).all():
        message = "std_errors: one positive number for each estimate is expected"
        raise InputError(message)
    freedom = np.broadcast_to(np.asarray(df, dtype=np.float64), effects.shape)
    if not (freedom > 0).all():
        message = "df: must be positive"
        raise InputError(message)
    if method in {"holm", "hochberg"}:
        message = (
            f"{method}: no two-sided intervals agree with its step-wise decisions; use "
            "method 'bonferroni', or Dunnett's simultaneous intervals for arms against one control"
        )
        raise AssumptionError(message)
    tail = np.full(len(effects), np.nan)
    p_values = 2 * stats.t.sf(np.abs(effects / errors), freedom)
    for rows in _families(family):
        tail[rows] = _tail_probability(p_values[rows], method, 1 - level)
    half = stats.t.isf(tail / 2, freedom) * errors
    selected = method in FALSE_DISCOVERY
    return AdjustedIntervals(
        family=tuple(family),
        ci_low=effects - half,
        ci_high=effects + half,
        level=level,
        method=method,
        reference="Benjamini & Yekutieli 2005" if selected else REFERENCES[method],
        note=(
            "selected comparisons only; on average this share of their intervals holds"
            if selected
            else "all intervals of a family hold together with this probability"
        ),
    )


def _tail_probability(p_values: Floats, method: Correction, rate: float) -> Floats:
    """Error left to each interval of one family; NaN for a comparison that is not selected."""
    m = len(p_values)
    if method == "bonferroni":
        return np.full(m, rate / m)
    chosen = multipletests(p_values, alpha=rate, method=STATSMODELS_NAMES[method])[0]
    share = chosen.sum() / m
    if method == "benjamini-yekutieli":
        share /= (1 / np.arange(1, m + 1)).sum()
    return np.where(chosen, share * rate, np.nan)


def _families(family: Sequence[str]) -> Iterator[npt.NDArray[np.int64]]:
    labels = np.asarray(family, dtype=object)
    for label in dict.fromkeys(family):
        yield np.flatnonzero(labels == label)


def _check(family: Sequence[str], shape: tuple[int, ...], method: str, alpha: float) -> None:
    if isinstance(family, str) or shape != (len(family),) or not len(family):
        message = f"family: one label for each comparison is expected, values have shape {shape}"
        raise InputError(message)
    if method not in STATSMODELS_NAMES:
        message = f"method '{method}': known are {', '.join(STATSMODELS_NAMES)}"
        raise InputError(message)
    if not 0 < alpha < 1:
        message = f"error rate {alpha:.3g}: must lie between 0 and 1"
        raise InputError(message)


def _warnings(method: Correction, size: npt.NDArray[np.int64]) -> tuple[str, ...]:
    if (size == 1).all():
        return ("every family holds one test: nothing was adjusted",)
    if method in {"hochberg", "benjamini-hochberg"}:
        return (
            f"{method} needs independent or positively dependent tests: arms against one control "
            "are so in one direction, outcomes that move against each other are not",
        )
    return ()
