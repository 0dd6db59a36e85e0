"""How much accuracy falls when the same messages are written less carefully."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlu.evaluation.bootstrap import Interval, bootstrap_interval
from nlu.text.normalization import normalize
from nlu.text.perturbation import PERTURBATIONS

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerturbationDrop:
    """Effect of one perturbation.

    Attributes
    ----------
    perturbation : str
        Name in :data:`nlu.text.perturbation.PERTURBATIONS`.
    accuracy : float
        On the perturbed rows.
    drop : Interval
        Accuracy lost, in [−1, 1].
    unchanged : float
        Share of rows whose predicted label stays the same.
    """

    perturbation: str
    accuracy: float
    drop: Interval
    unchanged: float


def perturbation_drops(
    predict: Callable[[Sequence[str]], Sequence[str]],
    texts: Sequence[str],
    truth: Sequence[str],
    families: Sequence[str],
    *,
    seed: int = 13,
    on_perturbation: Callable[[str], None] | None = None,
) -> tuple[PerturbationDrop, ...]:
    """Drop of accuracy under each perturbation, worst first.

    Parameters
    ----------
    predict : callable
        From texts to labels.
    texts, truth, families : sequence of str
        Clean rows, right labels, families.
    seed : int
        Of the perturbations.
    on_perturbation : callable, optional
        Called with each name before it runs.
    """
    right_labels = np.asarray(truth)
    clean_labels = np.asarray(predict(texts))
    clean = clean_labels == right_labels
    drops = []
    for name, change in PERTURBATIONS.items():
        if on_perturbation is not None:
            on_perturbation(name)
        rng = random.Random(seed)  # noqa: S311
        noisy_labels = np.asarray(predict([normalize(change(text, rng)) or text for text in texts]))
        noisy = noisy_labels == right_labels
        lost = clean.astype(float) - noisy.astype(float)
        drops.append(
            PerturbationDrop(
                perturbation=name,
                accuracy=float(noisy.mean()),
                drop=bootstrap_interval(_mean_of(lost), families),
                unchanged=float((noisy_labels == clean_labels).mean()),
            )
        )
    return tuple(sorted(drops, key=lambda drop: -drop.drop.estimate))


def _mean_of(values: npt.NDArray[np.float64]) -> Callable[[npt.NDArray[np.int64]], float]:
    return lambda rows: float(values[rows].mean())
