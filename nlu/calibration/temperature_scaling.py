"""Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks")."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

FloatArray = npt.NDArray[np.floating]
IntArray = npt.NDArray[np.int64]


def fit_temperature(logits: FloatArray, labels: IntArray) -> float:
    """Temperature that minimises the negative log-likelihood of held-out rows.

    Parameters
    ----------
    logits : ndarray, shape (n, n_labels)
        Of rows the network was not trained on.
    labels : ndarray of int64, shape (n,)
        Column of the right label.

    Returns
    -------
    float
        In [0.05, 20]; above 1 when the network is over-confident.

    Raises
    ------
    ValueError
        Without rows.
    """
    if len(labels) == 0:
        raise ValueError("temperature scaling needs held-out rows: the dev split is empty")
    rows = np.arange(len(labels))

    def negative_log_likelihood(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[rows, labels].mean())

    found = minimize_scalar(
        negative_log_likelihood, bounds=(np.log(0.05), np.log(20.0)), method="bounded"
    )
    return float(np.exp(found.x))


def calibrated_probabilities(logits: FloatArray, temperature: float) -> npt.NDArray[np.float64]:
    """Softmax of ``logits / temperature``, shape (n, n_labels); rows sum to one."""
    probabilities: npt.NDArray[np.float64] = softmax(
        np.asarray(logits, dtype=np.float64) / temperature, axis=1
    )
    return probabilities
