"""Serve a classifier folder with torch: bfloat16 and CUDA graphs on a GPU, float32 elsewhere."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nlu.classifier.artifact import ClassifierArtifact, load_artifact, rules_of
from nlu.classifier.prediction import Prediction
from nlu.classifier.scoring import Float32Array
from nlu.encoder.precision import Hardware, autocast, choose_hardware
from nlu.inference.encoded_texts import EncodedTexts, encode_texts, pad, plain_tokenizer
from nlu.inference.engine import (
    EngineDescription,
    ScoreArray,
    classify_with,
    run_batches,
    scores_with,
)

WARM_UP = "Bonjour, quand passe le bac jaune ?"
# A CUDA graph holds one shape: messages are padded up to the next of these sizes.
TOKEN_STEPS = (16, 32, 64, 128, 256, 512)


class TorchEngine:
    """The trained network under torch.

    Parameters
    ----------
    artifact : ClassifierArtifact
        From :func:`nlu.classifier.artifact.load_artifact`.
    hardware : Hardware, optional
        A GPU in its fast format when there is one; float32 on the processor otherwise.
    folder : Path, optional
        Where the artefact was read, for the description.
    """

    def __init__(
        self,
        artifact: ClassifierArtifact,
        *,
        hardware: Hardware | None = None,
        folder: Path | None = None,
    ) -> None:
        started = time.perf_counter()
        chosen = hardware or choose_hardware()
        if hardware is None and chosen.device == "cpu":
            chosen = Hardware(device="cpu", precision="fp32", name=chosen.name)
        self._hardware = chosen
        self._folder = folder
        self._digest = artifact.provenance.get("taxonomy_digest")
        self.rules = rules_of(artifact)
        self._tokenizer = plain_tokenizer(artifact.tokenizer.backend_tokenizer)
        self._pad_id = int(artifact.tokenizer.pad_token_id)
        self._module = artifact.network.to(chosen.device).eval()
        self._embed: Any = self._module.embed
        if chosen.device == "cuda":
            # "reduce-overhead" records a CUDA graph for each padded shape.
            self._embed = torch.compile(self._module.embed, mode="reduce-overhead")
        self.classify(self.encode([WARM_UP]))
        self._load_seconds = time.perf_counter() - started

    @classmethod
    def load(cls, folder: str | Path, *, hardware: Hardware | None = None) -> "TorchEngine":
        """Read a classifier folder; raises ``ArtifactError`` when it is damaged."""
        return cls(load_artifact(Path(folder)), hardware=hardware, folder=Path(folder))

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Tokens of messages."""
        return encode_texts(self._tokenizer, self.rules, texts)

    def classify(self, encoded: EncodedTexts) -> list[Prediction]:
        """Predictions of messages that make one batch, in order."""
        return classify_with(self.network, self.rules, encoded)

    def scores(self, texts: Sequence[str]) -> ScoreArray:
        """Calibrated probabilities, shape (n, intents); readable messages only."""
        return scores_with(self.network, self.rules, self.encode(texts))

    def outputs(self, texts: Sequence[str]) -> tuple[Float32Array, Float32Array]:
        """Embeddings and uncalibrated logits of readable messages."""
        return run_batches(self.network, self.encode(texts))

    @torch.inference_mode()
    def network(self, token_ids: Sequence[Sequence[int]], /) -> tuple[Float32Array, Float32Array]:
        """Embeddings and logits of one padded call."""
        ids, mask = pad(token_ids, self._pad_id)
        if self._hardware.device == "cuda":
            ids, mask = (_to_step(array, fill) for array, fill in ((ids, self._pad_id), (mask, 0)))
        device = self._hardware.device
        with autocast(self._hardware):
            pooled = self._embed(
                torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
            )
        pooled = pooled[: len(token_ids)].float()
        logits = self._module.head(pooled)
        return pooled.cpu().numpy(), logits.cpu().numpy()

    def describe(self) -> EngineDescription:
        """What serves."""
        return EngineDescription(
            runtime=f"torch {torch.__version__}",
            device=self._hardware.name,
            precision=self._hardware.precision,
            folder=str(self._folder or ""),
            taxonomy_digest=self._digest,
            load_seconds=self._load_seconds,
        )


def _to_step(array: "np.typing.NDArray[np.int64]", fill: int) -> "np.typing.NDArray[np.int64]":
    rows, tokens = array.shape
    wide = next((step for step in TOKEN_STEPS if step >= tokens), tokens)
    tall = 1 << (rows - 1).bit_length()
    stepped = np.full((tall, wide), fill, np.int64)
    stepped[:rows, :tokens] = array
    return stepped
