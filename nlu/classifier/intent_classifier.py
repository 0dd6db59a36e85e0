"""Classify messages with a saved artefact."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlu.classifier.artifact import ClassifierArtifact, load_artifact, rules_of
from nlu.classifier.network import run_network
from nlu.classifier.prediction import Prediction
from nlu.classifier.scoring import (
    MOST_CHARACTERS,
    Scores,
    clean_text,
    predictions,
    readable_rows,
    score_outputs,
)
from nlu.encoder.precision import Hardware, choose_hardware


class IntentClassifier:
    """A trained classifier: texts in, predictions out.

    Parameters
    ----------
    artifact : ClassifierArtifact
        From :func:`nlu.classifier.artifact.load_artifact`.
    hardware : Hardware, optional
        Where to run; a GPU when there is one, float32 otherwise, so that a message gets the same
        answer on every machine.

    Examples
    --------
    >>> classifier = IntentClassifier.load("model")            # doctest: +SKIP
    >>> classifier.predict(["cest kan le bac jaune"])[0].intent  # doctest: +SKIP
    'collecte_calendrier'
    """

    def __init__(self, artifact: ClassifierArtifact, hardware: Hardware | None = None) -> None:
        self.artifact = artifact
        self._rules = rules_of(artifact)
        chosen = hardware or choose_hardware()
        if hardware is None and chosen.device == "cpu":
            chosen = Hardware(device="cpu", precision="fp32", name=chosen.name)
        self._hardware = chosen
        self._network = artifact.network.to(chosen.device)

    @classmethod
    def load(cls, path: str | Path, hardware: Hardware | None = None) -> "IntentClassifier":
        """Read an artefact folder; raises ``ArtifactError`` when it is damaged."""
        return cls(load_artifact(Path(path)), hardware)

    @property
    def labels(self) -> tuple[str, ...]:
        """Intents, in the order of the probability columns."""
        return self.artifact.labels

    @property
    def out_of_scope_column(self) -> int | None:
        """Column of the explicit out-of-scope intent."""
        return self._rules.out_of_scope_column

    def score(self, texts: Sequence[str], *, batch_size: int = 64) -> Scores:
        """Calibrated probabilities and out-of-scope probability of readable texts.

        Parameters
        ----------
        texts : sequence of str
            Any messages; they are normalised here.
        batch_size : int
            Texts at once.
        """
        artifact = self.artifact
        output = run_network(
            self._network,
            artifact.tokenizer,
            [clean_text(self._rules, text) for text in texts],
            max_length=artifact.max_length,
            hardware=self._hardware,
            batch_size=batch_size,
        )
        cut = np.fromiter((len(text) > MOST_CHARACTERS for text in texts), np.bool_, len(texts))
        return score_outputs(
            self._rules,
            texts,
            embeddings=output.embeddings,
            logits=output.logits,
            truncated=output.truncated | cut,
        )

    def predict(self, texts: Sequence[str], *, batch_size: int = 64) -> list[Prediction]:
        """Predictions in the order of the texts.

        A message without anything visible gets ``intent=None, decision="clarify"``; one without a
        letter or digit (emoji) likewise; one surely written in another language is classified and
        handed over.

        Parameters
        ----------
        texts : sequence of str
            Any strings.
        batch_size : int
            Texts at once.
        """
        readable = readable_rows(texts)
        scores = self.score([texts[row] for row in readable], batch_size=batch_size)
        return predictions(self._rules, texts, readable, scores)
