"""Scores that say "this message is not for the service", and the choice among them.

Every score is higher for stranger messages. Scores are compared on the dev split by the area
under the ROC curve; the best is kept and mapped to a probability by Platt's logistic.

References
----------
explicit_class
    A class of out-of-scope rows in training (Larson et al. 2019, "An evaluation dataset for
    intent classification and out-of-scope prediction").
max_softmax
    Hendrycks and Gimpel 2017, over the labels in scope.
energy
    Liu et al. 2020, "Energy-based out-of-distribution detection", over the labels in scope.
mahalanobis
    Lee et al. 2018, tied covariance (Ledoit-Wolf shrinkage) of the pooled embeddings.
knn
    Sun et al. 2022, cosine distance to the k-th nearest training row in scope.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logsumexp, softmax

FloatArray = npt.NDArray[np.floating]
IntArray = npt.NDArray[np.int64]

METHODS = ("explicit_class", "max_softmax", "energy", "mahalanobis", "knn")
NEIGHBOURS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What the scores compare a message with; learnt from training rows in scope.

    Attributes
    ----------
    out_of_scope_column : int or None
        Column of the explicit class; None when the corpus has none.
    means : ndarray, shape (n_labels_in_scope, hidden)
        Mean embedding of each label in scope.
    precision : ndarray, shape (hidden, hidden)
        Inverse of the tied covariance.
    bank : ndarray, shape (n_rows, hidden)
        Unit-length embeddings of the training rows in scope.
    """

    out_of_scope_column: int | None
    means: FloatArray
    precision: FloatArray
    bank: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfScopeDetector:
    """The chosen score and its map to a probability.

    Attributes
    ----------
    method : str
        One of :data:`METHODS`.
    reference : Reference
        What the score needs.
    slope, intercept : float
        Platt's logistic; ``slope`` is 0 when no out-of-scope row was there to fit it, and the
        raw score, already in [0, 1], is returned.
    """

    method: str
    reference: Reference
    slope: float
    intercept: float


def fit_reference(
    embeddings: FloatArray, labels: IntArray, out_of_scope_column: int | None
) -> Reference:
    """Learn means, covariance and neighbours from training embeddings.

    Parameters
    ----------
    embeddings : ndarray, shape (n, hidden)
        Of training rows.
    labels : ndarray of int64, shape (n,)
        Their labels.
    out_of_scope_column : int or None
        Rows of this label are left out.
    """
    from sklearn.covariance import LedoitWolf

    kept = (
        np.ones(len(labels), bool) if out_of_scope_column is None else labels != out_of_scope_column
    )
    rows, own = embeddings[kept].astype(np.float64), labels[kept]
    names = np.unique(own)
    means = np.stack([rows[own == name].mean(axis=0) for name in names])
    centred = rows - means[np.searchsorted(names, own)]
    covariance = LedoitWolf(assume_centered=True).fit(centred)
    return Reference(
        out_of_scope_column=out_of_scope_column,
        means=means,
        precision=covariance.precision_,
        bank=_unit(rows),
    )


def out_of_scope_scores(
    method: str, reference: Reference, embeddings: FloatArray, logits: FloatArray
) -> npt.NDArray[np.float64]:
    """Raw score of each row, higher for stranger messages.

    Parameters
    ----------
    method : str
        One of :data:`METHODS`.
    reference : Reference
        From :func:`fit_reference`.
    embeddings : ndarray, shape (n, hidden)
    logits : ndarray, shape (n, n_labels)
        Calibrated (divided by the temperature).

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    ValueError
        Unknown method, or ``explicit_class`` without such a class.
    """
    column = reference.out_of_scope_column
    in_scope = logits if column is None else np.delete(logits, column, axis=1)
    match method:
        case "explicit_class":
            if column is None:
                raise ValueError("explicit_class needs an out-of-scope label in the corpus")
            scores = softmax(logits.astype(np.float64), axis=1)[:, column]
        case "max_softmax":
            scores = 1.0 - softmax(in_scope.astype(np.float64), axis=1).max(axis=1)
        case "energy":
            scores = -logsumexp(in_scope.astype(np.float64), axis=1)
        case "mahalanobis":
            scores = _mahalanobis(embeddings, reference.means, reference.precision)
        case "knn":
            nearest = np.sort(_unit(embeddings) @ reference.bank.T, axis=1)
            scores = 1.0 - nearest[:, -min(NEIGHBOURS, nearest.shape[1])]
        case _:
            raise ValueError(f"unknown score {method!r}: one of {', '.join(METHODS)}")
    return np.asarray(scores, dtype=np.float64)


def choose_detector(
    reference: Reference,
    embeddings: FloatArray,
    logits: FloatArray,
    is_out_of_scope: npt.NDArray[np.bool_],
) -> tuple[OutOfScopeDetector, dict[str, float]]:
    """Keep the score with the best AUROC on held-out rows.

    Parameters
    ----------
    reference : Reference
    embeddings, logits : ndarray
        Of dev rows; logits calibrated.
    is_out_of_scope : ndarray of bool, shape (n,)

    Returns
    -------
    OutOfScopeDetector
        ``max_softmax``, uncalibrated, when no dev row is out of scope.
    dict of str to float
        AUROC of every score; empty in that case.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    if not is_out_of_scope.any() or reference.out_of_scope_column is None:
        fallback = OutOfScopeDetector(
            method="max_softmax", reference=reference, slope=0.0, intercept=0.0
        )
        return fallback, {}
    scores = {
        method: out_of_scope_scores(method, reference, embeddings, logits) for method in METHODS
    }
    areas = {
        method: float(roc_auc_score(is_out_of_scope, values)) for method, values in scores.items()
    }
    best = max(areas, key=areas.__getitem__)
    platt = LogisticRegression(C=1e3).fit(
        _platt_input(best, scores[best])[:, None], is_out_of_scope
    )
    detector = OutOfScopeDetector(
        method=best,
        reference=reference,
        slope=float(platt.coef_[0, 0]),
        intercept=float(platt.intercept_[0]),
    )
    return detector, areas


def out_of_scope_probability(
    detector: OutOfScopeDetector, embeddings: FloatArray, logits: FloatArray
) -> npt.NDArray[np.float64]:
    """Probability that each row is out of scope, shape (n,), in [0, 1]."""
    scores = out_of_scope_scores(detector.method, detector.reference, embeddings, logits)
    if detector.slope == 0.0:
        return scores
    probability: npt.NDArray[np.float64] = expit(
        detector.slope * _platt_input(detector.method, scores) + detector.intercept
    )
    return probability


def _platt_input(method: str, scores: FloatArray) -> FloatArray:
    # Platt's logistic is linear in log-odds; a score that is a probability must become one.
    if method in {"explicit_class", "max_softmax"}:
        clipped = np.clip(scores, 1e-6, 1 - 1e-6)
        return np.asarray(np.log(clipped) - np.log1p(-clipped))
    return scores


def _mahalanobis(
    embeddings: FloatArray, means: FloatArray, precision: FloatArray
) -> npt.NDArray[np.float64]:
    # |x-m|² in the metric P, expanded so that no (rows, labels, hidden) array is made.
    projected = embeddings @ precision
    own = np.einsum("nh,nh->n", projected, embeddings)
    cross = projected @ means.T
    centre = np.einsum("kh,kh->k", means @ precision, means)
    squared = own[:, None] - 2.0 * cross + centre[None, :]
    return np.asarray(np.sqrt(np.clip(squared.min(axis=1), 0.0, None)))


def _unit(rows: FloatArray) -> FloatArray:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12))
