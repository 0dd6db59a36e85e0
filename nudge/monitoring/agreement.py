"""Agreement between two assessors who rate the same bins: confusion and weighted kappa."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

from nudge.errors import CampaignError

Weights = Literal["linear", "quadratic"] | None
COLOURS = ("vert", "orange", "rouge")
SAME_BIN = ("zone_id", "foyer_id", "vague", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Agreement beyond chance between two ratings of the same bins.

    Attributes
    ----------
    estimate
        1 for full agreement, 0 for what chance gives.
    std_error
        Large-sample standard error of Fleiss, Cohen & Everitt (1969).
    ci_low, ci_high
        Normal interval at ``level``, cut at -1 and 1.
    level
        Coverage.
    agreement
        Plain share of bins with the same rating.
    n
        Bins rated twice.
    """

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    level: float
    agreement: float
    n: int


def weighted_kappa(
    table: npt.ArrayLike,
    *,
    weights: Weights | npt.NDArray[np.float64] = "linear",
    level: float = 0.95,
) -> Kappa | None:
    """Weighted kappa (Cohen 1968) of a square table of two ratings.

    Parameters
    ----------
    table : array, shape (K, K)
        Numbers of bins by first (row) and second (column) rating.
    weights
        Weight of disagreements: ``"linear"`` or ``"quadratic"`` in the distance of ordered
        levels, None for plain kappa (Cohen 1960), or an array of disagreement weights in [0, 1].
    level
        Coverage of the interval.

    Returns
    -------
    Kappa or None
        None where kappa is not defined: no bins, or every rating at the same level.

    Notes
    -----
    Bins are taken as independent; bins of one street are a little alike, so that the interval is
    somewhat narrow.
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or (counts < 0).any():
        raise CampaignError("l'accord se calcule sur un tableau carré d'effectifs")
    total = counts.sum()
    used = counts.sum(axis=0) + counts.sum(axis=1)
    if total == 0 or (used > 0).sum() < 2:
        return None
    if isinstance(weights, np.ndarray):
        found = cohens_kappa(counts, weights=weights)
    else:
        found = cohens_kappa(counts, wt=weights)
    error = float(np.sqrt(max(found.var_kappa, 0.0)))
    half = float(stats.norm.isf((1 - level) / 2)) * error
    return Kappa(
        estimate=float(found.kappa),
        std_error=error,
        ci_low=max(-1.0, float(found.kappa) - half),
        ci_high=min(1.0, float(found.kappa) + half),
        level=level,
        agreement=float(np.trace(counts) / total),
        n=int(total),
    )


def double_ratings(checks: pd.DataFrame) -> pd.DataFrame:
    """Return bins rated twice on one visit, one row a bin.

    Parameters
    ----------
    checks
        Rows of ``controle_bac``.

    Returns
    -------
    DataFrame
        ``zone_id``, ``foyer_id``, ``vague``, ``date``, ``couleur_1``, ``couleur_2``,
        ``controleur_1``, ``controleur_2``.
    """
    seen = checks[checks["presente"].astype(bool) & checks["couleur"].notna()]
    columns = [*SAME_BIN, "couleur", "controleur"]
    first, second = (seen.loc[seen["rang"] == rank, columns] for rank in (1, 2))
    return first.merge(second, on=list(SAME_BIN), suffixes=("_1", "_2"))


def confusion(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of first (row) by second (column) colour, in the order of severity."""
    return (
        pd.crosstab(pairs["couleur_1"], pairs["couleur_2"])
        .reindex(index=list(COLOURS), columns=list(COLOURS), fill_value=0)
        .astype("int64")
    )
