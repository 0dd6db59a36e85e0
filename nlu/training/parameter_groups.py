"""Learning rates by depth: the head fastest, each layer below the top slower.

Layer-wise learning-rate decay (Howard and Ruder 2018, "discriminative fine-tuning").
"""

import re
from typing import TYPE_CHECKING, Any

from nlu.classifier.network import MeanPoolingClassifier

if TYPE_CHECKING:
    from torch import nn

LAYER = re.compile(r"\.layers?\.(\d+)\.")
UNDECAYED = ("bias", "LayerNorm.weight", "layer_norm.weight", "norm.weight")


def freeze(network: MeanPoolingClassifier, *, word_embeddings: bool, layers: int) -> None:
    """Stop training the word-embedding table and the lowest layers.

    Parameters
    ----------
    network : MeanPoolingClassifier
        Changed in place.
    word_embeddings : bool
        Freeze the table of word embeddings.
    layers : int
        Number of lowest layers to freeze; any also freezes every embedding.
    """
    if word_embeddings or layers:
        network.encoder.get_input_embeddings().weight.requires_grad_(False)
    for name, parameter in network.encoder.named_parameters():
        depth = LAYER.search("." + name)
        is_embedding = depth is None and "embeddings" in name
        if layers and (is_embedding or (depth and int(depth[1]) < layers)):
            parameter.requires_grad_(False)


def parameter_groups(
    network: MeanPoolingClassifier,
    *,
    learning_rate: float,
    head_learning_rate: float,
    layer_decay: float,
    weight_decay: float,
) -> list[dict[str, Any]]:
    """Groups for AdamW: one rate for each layer, weight decay on matrices only.

    Parameters
    ----------
    network : MeanPoolingClassifier
        Frozen parameters are left out.
    learning_rate : float
        Of the top layer; a layer ``k`` below it gets ``learning_rate * layer_decay ** k``.
    head_learning_rate : float
        Of the head.
    layer_decay : float
        In (0, 1].
    weight_decay : float
        Of matrices.
    """
    depth = int(getattr(network.encoder.config, "num_hidden_layers", 1))
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith("head."):
            rate = head_learning_rate
        else:
            found = LAYER.search("." + name)
            below = depth - 1 - int(found[1]) if found else depth
            rate = learning_rate * layer_decay**below
        decay = 0.0 if name.endswith(UNDECAYED) or parameter.ndim < 2 else weight_decay
        groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]
