"""Start the head from a linear probe of the frozen encoder.

A random head sends large, meaningless gradients through the encoder in the first steps and
distorts good features; a head fitted first does not (Kumar et al. 2022, "Fine-tuning can distort
pretrained features and underperform out-of-distribution").
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from nlu.classifier.network import MeanPoolingClassifier, run_network
from nlu.encoder.precision import Hardware

IntArray = npt.NDArray[np.int64]
# Weak features call for shrinkage; the fine-tuning that follows forgives the exact value.
INVERSE_REGULARISATION = 0.02


def start_from_linear_probe(
    network: MeanPoolingClassifier,
    tokenizer: Any,
    texts: Sequence[str],
    labels: IntArray,
    *,
    max_length: int,
    hardware: Hardware,
    seed: int,
) -> None:
    """Set the feature standardisation and the head from training rows, in place.

    Parameters
    ----------
    network : MeanPoolingClassifier
        Encoder as pre-trained; its buffers and head are changed.
    tokenizer : PreTrainedTokenizerBase
        Its tokeniser.
    texts : sequence of str
        Normalised training texts.
    labels : ndarray of int64, shape (n,)
        Column of each row.
    max_length : int
        Tokens read.
    hardware : Hardware
        Where to run.
    seed : int
        Of the solver.
    """
    from sklearn.linear_model import LogisticRegression

    network.to(hardware.device)
    features = run_network(
        network, tokenizer, texts, max_length=max_length, hardware=hardware
    ).embeddings
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    standardised = (features - mean) / scale
    network.feature_mean.copy_(torch.from_numpy(mean))
    network.feature_scale.copy_(torch.from_numpy(scale))
    probe = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=200, random_state=seed)
    probe.fit(standardised, labels)
    weight, bias = probe.coef_, probe.intercept_
    if len(weight) == 1:
        # Two labels: scikit-learn keeps the second one's row only.
        weight, bias = np.vstack([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    with torch.no_grad():
        network.head.weight.copy_(torch.from_numpy(weight.astype(np.float32)))
        network.head.bias.copy_(torch.from_numpy(bias.astype(np.float32)))
