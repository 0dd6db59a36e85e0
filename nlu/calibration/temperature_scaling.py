"""Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks").

With a second set of scores, the temperature and the weight of those scores in a logarithmic
opinion pool (Genest and Zidek 1986) are fitted together.
"""

import numpy as np
import numpy.typing as npt
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
    # What serves never fits: it does without 20 MB of optimisers.
    from scipy.optimize import minimize_scalar

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


def fit_pool(logits: FloatArray, scores: FloatArray, labels: IntArray) -> tuple[float, float]:
    """Temperature and weight of a second scorer that minimise the negative log-likelihood.

    The pool is ``softmax((logits + weight * scores) / temperature)``.

    Parameters
    ----------
    logits, scores : ndarray, shape (n, n_labels)
        Of rows that neither scorer was trained on.
    labels : ndarray of int64, shape (n,)
        Column of the right label.

    Returns
    -------
    temperature : float
        In [0.05, 20].
    weight : float
        At least 0: a scorer that does not help is left out, never turned round.

    Raises
    ------
    ValueError
        Without rows.
    """
    from scipy.optimize import minimize

    if len(labels) == 0:
        raise ValueError("the pool needs held-out rows: the dev split is empty")
    rows = np.arange(len(labels))

    def negative_log_likelihood(parameters: FloatArray) -> float:
        sharpness, weight = parameters
        pooled = log_softmax((logits + weight * scores) * np.exp(sharpness), axis=1)
        return float(-pooled[rows, labels].mean())

    limits = (-np.log(20.0), np.log(20.0))
    start = np.array([-np.log(fit_temperature(logits, labels)), 1.0])
    found = minimize(
        negative_log_likelihood, start, method="L-BFGS-B", bounds=(limits, (0.0, 100.0))
    )
    return float(np.exp(-found.x[0])), float(found.x[1])


def calibrated_probabilities(logits: FloatArray, temperature: float) -> npt.NDArray[np.float64]:
    """Softmax of ``logits / temperature``, shape (n, n_labels); rows sum to one."""
    probabilities: npt.NDArray[np.float64] = softmax(
        np.asarray(logits, dtype=np.float64) / temperature, axis=1
    )
    return probabilities
