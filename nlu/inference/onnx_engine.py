"""Serve a folder with ONNX Runtime on the processor."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import onnxruntime
from tokenizers import Tokenizer

from nlu.classifier.prediction import Prediction
from nlu.classifier.scoring import Float32Array
from nlu.inference.encoded_texts import EncodedTexts, encode_texts, pad
from nlu.inference.engine import (
    EngineDescription,
    ScoreArray,
    classify_with,
    run_batches,
    scores_with,
)
from nlu.inference.serving_artifact import (
    GRAPH_FILE,
    TOKENIZER_FILE,
    ServingArtifact,
    ServingArtifactError,
    read_serving_artifact,
)

WARM_UP = "Bonjour, quand passe le bac jaune ?"


def available_threads() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_session(graph: Path, threads: int) -> onnxruntime.InferenceSession:
    """Session on the processor with a fixed number of threads.

    Raises
    ------
    ServingArtifactError
        When the graph cannot be read by this ONNX Runtime.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that spin between calls would take the processor from tokenisation and HTTP.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises classes of its own, without a public base.
        raise ServingArtifactError(f"{graph}: ONNX Runtime refuses it: {error}") from None


class OnnxEngine:
    """ONNX Runtime on the processor.

    Parameters
    ----------
    artifact : ServingArtifact
        From :func:`nlu.inference.serving_artifact.read_serving_artifact`.
    threads : int, optional
        Threads of one call; the processors of this process when omitted.
    """

    def __init__(self, artifact: ServingArtifact, *, threads: int | None = None) -> None:
        started = time.perf_counter()
        self.artifact = artifact
        self._threads = threads or available_threads()
        self._session = open_session(artifact.folder / GRAPH_FILE, self._threads)
        # Read for this engine alone: a copy would hold its vocabulary in memory twice.
        self._tokenizer = Tokenizer.from_file(str(artifact.folder / TOKENIZER_FILE))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.classify(self.encode([WARM_UP]))
        self._load_seconds = time.perf_counter() - started

    @classmethod
    def load(cls, folder: str | Path, *, threads: int | None = None) -> "OnnxEngine":
        """Verify and open a serving folder; raises ``ServingArtifactError`` when damaged."""
        return cls(read_serving_artifact(Path(folder)), threads=threads)

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Tokens of messages."""
        return encode_texts(self._tokenizer, self.artifact.rules, texts)

    def classify(self, encoded: EncodedTexts) -> list[Prediction]:
        """Predictions of messages that make one batch, in order."""
        return classify_with(self.network, self.artifact.rules, encoded)

    def scores(self, texts: Sequence[str]) -> ScoreArray:
        """Calibrated probabilities, shape (n, intents); readable messages only."""
        return scores_with(self.network, self.artifact.rules, self.encode(texts))

    def outputs(self, texts: Sequence[str]) -> tuple[Float32Array, Float32Array]:
        """Embeddings and uncalibrated logits of readable messages."""
        return run_batches(self.network, self.encode(texts))

    def network(self, token_ids: Sequence[Sequence[int]], /) -> tuple[Float32Array, Float32Array]:
        """Embeddings and logits of one padded call."""
        ids, mask = pad(token_ids, self.artifact.pad_id)
        embeddings, logits = self._session.run(
            ["embeddings", "logits"], {"input_ids": ids, "attention_mask": mask}
        )
        return embeddings, logits

    def describe(self) -> EngineDescription:
        """What serves."""
        return EngineDescription(
            runtime=f"onnxruntime {onnxruntime.__version__}",
            device=f"cpu, {self._threads} threads",
            precision=self.artifact.precision,
            folder=str(self.artifact.folder),
            taxonomy_digest=self.artifact.provenance.get("taxonomy_digest"),
            load_seconds=self._load_seconds,
        )
