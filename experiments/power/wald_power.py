"""Power of a two-sided Wald test with few-cluster degrees of freedom."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
Reference = Literal["noncentral t", "central t", "normal"]


def wald_power(
    *,
    ratio: npt.ArrayLike,
    df: npt.ArrayLike,
    level: npt.ArrayLike = 0.95,
    reference: Reference = "noncentral t",
    both_tails: bool = False,
) -> Floats:
    """Probability that a two-sided test rejects; its arguments broadcast.

    Parameters
    ----------
    ratio
        True effect over the standard error of its estimate; only its size matters.
    df
        Degrees of freedom, at least 1; unused by ``"normal"``.
    level
        One minus the level of significance.
    reference
        ``"noncentral t"``: exact for a t test on normal cluster means. ``"central t"``: a t
        distribution shifted by ``ratio`` (Bloom 1995; Murray 1998), whose detectable effect is
        the familiar sum of two t quantiles. ``"normal"``: known variance.
    both_tails
        False: only rejections with the effect's own sign count, as in ``clusterPower``. True:
        those with the wrong sign count too, as in ``swCRTdesign``.

    Raises
    ------
    InputError
        Degrees of freedom below 1.
    """
    shift, freedom = np.abs(np.asarray(ratio, float)), np.asarray(df, float)
    quantile = (1 + np.asarray(level, float)) / 2
    if reference == "normal":
        critical = stats.norm.ppf(quantile)
        near, far = stats.norm.sf(critical - shift), stats.norm.cdf(-critical - shift)
        return np.asarray(near + far * both_tails)
    if np.any(freedom < 1):
        message = "fewer than 1 degree of freedom is left: more clusters or fewer covariates"
        raise InputError(message)
    critical = stats.t.ppf(quantile, freedom)
    if reference == "central t":
        near, far = stats.t.sf(critical - shift, freedom), stats.t.cdf(-critical - shift, freedom)
    else:
        # scipy gives NaN in the far tails, where both probabilities are below 1e-12.
        near = 1 - np.nan_to_num(special.nctdtr(freedom, shift, critical))
        far = np.nan_to_num(special.nctdtr(freedom, shift, -critical))
    return np.asarray(near + far * both_tails)
