"""Balance scores of allocations and the share of allocations that they keep."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from experiments.design.randomisation import Codes
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
BalanceScore = Literal["l2", "l1", "mahalanobis", "max_difference"]
BALANCE_SCORES: tuple[BalanceScore, ...] = get_args(BalanceScore)

# Mirror images have equal scores up to rounding; they are admitted or refused together, on every
# processor.
RELATIVE_TIE = 1e-9
ROWS_PER_BATCH = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRestriction:
    """Allocations whose balance score is at most a threshold.

    Attributes
    ----------
    covariates
        Centred covariates of the clusters, scaled by :func:`scaled_covariates`, shape (G, p).
    score
        Which distance between arms is bounded.
    threshold
        Largest admissible score.
    """

    covariates: Floats
    score: BalanceScore
    threshold: float

    def admits(self, allocations: Codes, *, n_arms: int) -> npt.NDArray[np.bool_]:
        """Mask of the admissible rows of ``allocations``, shape (n, G)."""
        scores = balance_scores(allocations, self.covariates, score=self.score, n_arms=n_arms)
        return within(scores, self.threshold)


def within(scores: Floats, threshold: float) -> npt.NDArray[np.bool_]:
    """Scores at most the threshold, ties by rounding included."""
    return scores <= threshold + RELATIVE_TIE * max(1.0, abs(threshold))


def scaled_covariates(
    covariates: Floats, *, score: BalanceScore, weights: Floats | None = None
) -> Floats:
    """Covariates prepared for :func:`balance_scores`: centred, then scaled as the score needs.

    For ``"l2"``, ``"l1"`` and ``"max_difference"`` each column is divided by its standard
    deviation over clusters (denominator G - 1) and multiplied by its weight (by the square root
    of its weight for ``"l2"``). For ``"mahalanobis"`` columns are whitened by the covariance over
    clusters; directions without variance, such as the last of a full set of indicators, are left
    out.

    Parameters
    ----------
    covariates : array, shape (G, p)
        One row a cluster; factors as indicators.
    score : {"l2", "l1", "mahalanobis", "max_difference"}
        Which score the columns are for.
    weights : array, shape (p,), optional
        Relative importance of columns; 1 when absent. Mahalanobis distance takes none.

    Raises
    ------
    InputError
        A constant column; with Mahalanobis distance, weights or as many covariates as clusters.
    """
    centred = covariates - covariates.mean(axis=0)
    spread = centred.std(axis=0, ddof=1)
    if np.any(spread <= 1e-12 * np.maximum(1.0, np.abs(covariates).max(axis=0))):
        raise InputError("a covariate is constant over clusters: leave it out")
    standard: Floats = centred / spread
    if score == "mahalanobis":
        if weights is not None and np.any(weights != 1):
            raise InputError("Mahalanobis distance takes no weights: use the score l2")
        left, singular, _ = np.linalg.svd(standard, full_matrices=False)
        kept = singular > 1e-8 * singular[0]
        if kept.sum() >= len(covariates) - 1:
            raise InputError(
                f"{len(covariates)} clusters cannot be told apart on {kept.sum()} covariates: "
                "Mahalanobis distance needs fewer covariates"
            )
        return np.asarray(left[:, kept] * np.sqrt(len(covariates) - 1), dtype=np.float64)
    if weights is None:
        return standard
    return standard * (np.sqrt(weights) if score == "l2" else weights)


def balance_scores(
    allocations: Codes, covariates: Floats, *, score: BalanceScore, n_arms: int
) -> Floats:
    """Balance score of each allocation; 0 is perfect balance.

    With S_ak the sum of scaled covariate k over the clusters of arm a, and n_a their number:

    - ``"l2"``: half the sum over arms and covariates of S_ak squared, which for two arms is the
      score of Raab and Butcher (2001, Statistics in Medicine 20:351) with inverse-variance
      weights, as in Li et al. (2016, Statistics in Medicine 35:1565).
    - ``"l1"``: half the sum over arms and covariates of the absolute S_ak (Li et al. 2017).
    - ``"mahalanobis"``: sum over arms of S_a' S_a / n_a on whitened covariates, which for two
      arms is the M of Morgan and Rubin (2012, Annals of Statistics 40:1263, eq. 2) and is about
      chi-squared with p (arms - 1) degrees of freedom.
    - ``"max_difference"``: largest absolute difference between two arms' means of a covariate,
      in standard deviations over clusters.

    Parameters
    ----------
    allocations : array of int8, shape (n, G)
        Arm codes.
    covariates : array, shape (G, p)
        From :func:`scaled_covariates` with the same score.
    score : {"l2", "l1", "mahalanobis", "max_difference"}
        Which score.
    n_arms : int
        Number of arms.

    Returns
    -------
    array, shape (n,)
    """
    scores = np.empty(len(allocations))
    for start in range(0, len(allocations), ROWS_PER_BATCH):
        batch = allocations[start : start + ROWS_PER_BATCH]
        member = [(batch == arm).astype(np.float64) for arm in range(n_arms)]
        sums = np.stack([rows @ covariates for rows in member], axis=1)
        sizes = np.stack([rows.sum(axis=1) for rows in member], axis=1)
        scores[start : start + ROWS_PER_BATCH] = _SCORES[score](sums, sizes)
    return scores


def _l2(sums: Floats, _sizes: Floats) -> Floats:
    return np.asarray((sums**2).sum(axis=(1, 2)) / 2)


def _l1(sums: Floats, _sizes: Floats) -> Floats:
    return np.asarray(np.abs(sums).sum(axis=(1, 2)) / 2)


def _mahalanobis(sums: Floats, sizes: Floats) -> Floats:
    return np.asarray(((sums**2).sum(axis=2) / np.maximum(sizes, 1)).sum(axis=1))


def _max_difference(sums: Floats, sizes: Floats) -> Floats:
    means = sums / np.maximum(sizes, 1)[:, :, None]
    return np.asarray((means.max(axis=1) - means.min(axis=1)).max(axis=1))


_SCORES = {
    "l2": _l2,
    "l1": _l1,
    "mahalanobis": _mahalanobis,
    "max_difference": _max_difference,
}


def kept_threshold(scores: Floats, *, keep: float) -> float:
    """Score below which lies the share ``keep`` of the candidate allocations.

    The quantile is interpolated linearly. Allocations that tie with it are all kept, so that an
    allocation and its mirror image stay together: the kept share may exceed ``keep`` by the ties.
    """
    return float(np.quantile(scores, keep))
