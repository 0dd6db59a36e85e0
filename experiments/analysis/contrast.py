"""A linear combination of coefficients: its weights, and whether the clusters identify it."""

import numpy as np
import numpy.typing as npt

from experiments.analysis.cluster_leverage import ClusterLeverage, identifying_clusters
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]

FEWEST_CLUSTERS = 3
# A variance below this share of the one with the whole outcome as residual is rounding.
ROUNDING = 1e-22


def contrast_weights(
    contrast: str | npt.ArrayLike, *, columns: tuple[str, ...], dropped: tuple[str, ...] = ()
) -> Floats:
    """Weights of a contrast given by column name or as numbers, shape (p,).

    Raises
    ------
    InputError
        The column is unknown, or the weights are too many, too few, all 0 or not finite.
    AssumptionError
        The column was dropped as collinear.
    """
    if isinstance(contrast, str):
        if contrast in dropped:
            message = (
                f"'{contrast}' is collinear with earlier columns ({', '.join(columns)}) and "
                "has no effect of its own: leave out the covariates or strata that determine it"
            )
            raise AssumptionError(message)
        if contrast not in columns:
            message = f"'{contrast}' is not a fitted column; choose among {', '.join(columns)}"
            raise InputError(message)
        return np.array([float(name == contrast) for name in columns])
    weights = np.asarray(contrast, dtype=np.float64)
    if weights.shape != (len(columns),) or not np.isfinite(weights).all() or not weights.any():
        message = (
            f"contrast: {len(columns)} finite weights, not all 0, are needed, one for each "
            f"of {', '.join(columns)}"
        )
        raise InputError(message)
    return weights


def check_identified(
    leverage: ClusterLeverage, direction: Floats, *, clusters: npt.NDArray[np.object_]
) -> tuple[str, ...]:
    """Refuse a contrast that one cluster carries; warn of one that a pair carries.

    Parameters
    ----------
    leverage : ClusterLeverage
    direction : array, shape (p,)
        ``L' c`` of the contrast.
    clusters : array, shape (G,)
        Labels.

    Raises
    ------
    AssumptionError
        Two clusters or fewer, or one cluster alone on a side of the contrast.
    """
    if len(clusters) < FEWEST_CLUSTERS:
        message = (
            f"{len(clusters)} clusters: the variance between clusters cannot be estimated; draw "
            "more clusters, or use randomisation inference on smaller units"
        )
        raise AssumptionError(message)
    carriers = [str(clusters[place]) for place in identifying_clusters(leverage, direction)]
    if len(carriers) == 1:
        message = (
            f"cluster {carriers[0]} alone carries the contrast (the only one of its arm or level): "
            "no variance can be estimated there; use randomisation inference, or an arm with at "
            "least two clusters"
        )
        raise AssumptionError(message)
    if carriers:
        text = (
            f"Clusters {' and '.join(carriers)} alone carry the contrast: the variance rests on "
            "two clusters; use randomisation inference."
        )
        return (text,)
    return ()


def check_variation(std_error: float, direction: Floats, *, outcome_square: float) -> None:
    """Refuse a standard error of zero, up to rounding.

    Parameters
    ----------
    std_error : float
        Of the contrast.
    direction : array, shape (p,)
        ``L' c`` of the contrast.
    outcome_square : float
        Sum of squares of the outcome.

    Raises
    ------
    AssumptionError
        The outcome does not vary about the fit inside arms.
    """
    if not std_error**2 > ROUNDING * outcome_square * float(direction @ direction):
        message = (
            "the standard error is zero: the outcome does not vary about the fit inside arms, so "
            "nothing can be tested; check the outcome column, or report the arm means alone"
        )
        raise AssumptionError(message)
