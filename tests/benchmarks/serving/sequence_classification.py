"""The plain torch pipeline of transformers on a trained classifier's own network.

Mean pooling and standardised features are not a class of transformers, so the network is wrapped
in one; the pipeline, its tokeniser and its batching are those of the library. It covers the
network alone: no n-gram branch, no calibration, no out-of-scope score, no entities.
"""

import os
from pathlib import Path
from typing import Any

import torch
from transformers import PretrainedConfig, PreTrainedModel, pipeline
from transformers.modeling_outputs import SequenceClassifierOutput

from nlu.classifier.artifact import load_artifact
from nlu.text.normalization import normalize


class NetworkForSequenceClassification(PreTrainedModel):
    """Names the network and its labels as the library expects."""

    config_class = PretrainedConfig

    def __init__(self, config: PretrainedConfig, network: torch.nn.Module) -> None:
        super().__init__(config)
        self.network = network

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **_unused: Any
    ) -> SequenceClassifierOutput:
        return SequenceClassifierOutput(logits=self.network(input_ids, attention_mask)["logits"])


def classification_pipeline(folder: Path) -> Any:
    """Build the pipeline of a classifier folder, on all processors of this process."""
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    artifact = load_artifact(folder)
    config = artifact.network.encoder.config
    config.id2label = dict(enumerate(artifact.labels))
    config.label2id = {label: column for column, label in enumerate(artifact.labels)}
    return pipeline(
        "text-classification",
        model=NetworkForSequenceClassification(config, artifact.network).eval(),
        tokenizer=artifact.tokenizer,
        device="cpu",
        top_k=None,
        truncation=True,
        max_length=artifact.max_length,
    )


def classify(pipe: Any, texts: list[str], *, batch_size: int) -> list[dict[str, Any]]:
    """Results in the shape of ``POST /v1/parse``; texts are normalised as in training."""
    found = pipe([normalize(text) or "." for text in texts], batch_size=batch_size)
    return [
        {
            "intent": ranking[0]["label"],
            "confidence": ranking[0]["score"],
            "ranking": [{"intent": one["label"], "confidence": one["score"]} for one in ranking],
        }
        for ranking in found
    ]
