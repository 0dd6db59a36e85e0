"""The network: any encoder, mean pooling over real tokens, standardised features, linear head."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from nlu.encoder.precision import Hardware, autocast

Float32Array = npt.NDArray[np.float32]


class MeanPoolingClassifier(nn.Module):
    """Encoder, mean pooling, fixed standardisation and a linear head.

    Contrastive encoders put all texts in a narrow cone: features share a large mean and differ
    little. Subtracting that mean and dividing by the spread (constants, set once from training
    rows) lets the head and its dropout work on what differs.

    Parameters
    ----------
    encoder : transformers.PreTrainedModel
        Returns ``last_hidden_state`` of shape (batch, tokens, hidden).
    n_labels : int
        Rows of the head.
    dropout : float
        On the pooled embedding, at training.
    label_smoothing : float
        Of the cross-entropy (Szegedy et al. 2016), in [0, 1).
    """

    def __init__(
        self, encoder: Any, n_labels: int, *, dropout: float = 0.1, label_smoothing: float = 0.0
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        hidden = encoder.config.hidden_size
        self.feature_mean = nn.Buffer(torch.zeros(hidden))
        self.feature_scale = nn.Buffer(torch.ones(hidden))
        self.head = nn.Linear(hidden, n_labels)
        self.label_smoothing = label_smoothing

    def embed(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Standardised mean of the last hidden states, float32, shape (batch, hidden)."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state.float()
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        features: torch.Tensor = (pooled - self.feature_mean) / self.feature_scale
        return features

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        labels: torch.Tensor | None = None,
    ) -> dict[str, torch.Tensor]:
        """Logits of shape (batch, n_labels), and the loss when labels are given."""
        logits = self.head(self.dropout(self.embed(input_ids, attention_mask))).float()
        if labels is None:
            return {"logits": logits}
        loss = nn.functional.cross_entropy(logits, labels, label_smoothing=self.label_smoothing)
        return {"loss": loss, "logits": logits}


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOutput:
    """What the network says of texts, in their order.

    Attributes
    ----------
    embeddings : ndarray of float32, shape (n, hidden)
        Pooled embeddings.
    logits : ndarray of float32, shape (n, n_labels)
        Before temperature.
    truncated : ndarray of bool, shape (n,)
        Texts longer than the model reads; the rest of them was ignored.
    """

    embeddings: Float32Array
    logits: Float32Array
    truncated: npt.NDArray[np.bool_]


@torch.inference_mode()
def run_network(
    network: MeanPoolingClassifier,
    tokenizer: Any,
    texts: Sequence[str],
    *,
    max_length: int,
    hardware: Hardware,
    batch_size: int = 64,
) -> NetworkOutput:
    """Embeddings and logits of texts, batched by length to pad little.

    Parameters
    ----------
    network, tokenizer : MeanPoolingClassifier, PreTrainedTokenizerBase
        A pair.
    texts : sequence of str
        Normalised texts.
    max_length : int
        Tokens read, specials included.
    hardware : Hardware
        Where to run.
    batch_size : int
        Texts at once.
    """
    hidden, n_labels = network.encoder.config.hidden_size, network.head.out_features
    if not texts:
        return NetworkOutput(
            embeddings=np.empty((0, hidden), np.float32),
            logits=np.empty((0, n_labels), np.float32),
            truncated=np.empty(0, np.bool_),
        )
    # One token more than is read, so that truncation shows.
    encoded = tokenizer(list(texts), truncation=True, max_length=max_length + 1)["input_ids"]
    lengths = np.fromiter((len(ids) for ids in encoded), np.int64, len(encoded))
    closing = encoded[0][-1]
    embeddings = np.empty((len(texts), hidden), np.float32)
    logits = np.empty((len(texts), n_labels), np.float32)
    network.eval()
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        kept = [
            encoded[row]
            if lengths[row] <= max_length
            else [*encoded[row][: max_length - 1], closing]
            for row in rows
        ]
        batch = tokenizer.pad({"input_ids": kept}, return_tensors="pt")
        mask = batch["attention_mask"].to(hardware.device)
        with autocast(hardware):
            pooled = network.embed(batch["input_ids"].to(hardware.device), mask)
        embeddings[rows] = pooled.float().cpu().numpy()
        logits[rows] = network.head(pooled.float()).cpu().numpy()
    return NetworkOutput(
        embeddings=embeddings, logits=logits, truncated=np.asarray(lengths > max_length)
    )
