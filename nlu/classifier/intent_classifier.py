"""Classify messages with a saved artefact."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlu.calibration.decision import decide
from nlu.calibration.out_of_scope import out_of_scope_probability
from nlu.calibration.temperature_scaling import calibrated_probabilities
from nlu.classifier.artifact import ClassifierArtifact, load_artifact
from nlu.classifier.lexical_branch import lexical_scores
from nlu.classifier.network import run_network
from nlu.classifier.prediction import Prediction
from nlu.encoder.precision import Hardware, choose_hardware
from nlu.text.language import foreign_language
from nlu.text.normalization import has_words, normalize

# Characters after which a message is cut before tokenisation: far more than the tokens read, and
# a bound on the work that one message can ask for.
MOST_CHARACTERS = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Calibrated numbers for texts, before any decision.

    Attributes
    ----------
    probabilities : ndarray of float64, shape (n, n_labels)
    out_of_scope : ndarray of float64, shape (n,)
    embeddings : ndarray of float32, shape (n, hidden)
    logits : ndarray of float32, shape (n, n_labels)
        Network and lexical branch together, divided by the temperature.
    truncated : ndarray of bool, shape (n,)
    """

    probabilities: npt.NDArray[np.float64]
    out_of_scope: npt.NDArray[np.float64]
    embeddings: npt.NDArray[np.float32]
    logits: npt.NDArray[np.float32]
    truncated: npt.NDArray[np.bool_]


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
        label = self.artifact.out_of_scope_label
        return None if label is None else self.artifact.labels.index(label)

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
        clean = [artifact.prefix + normalize(text[:MOST_CHARACTERS]) for text in texts]
        output = run_network(
            self._network,
            artifact.tokenizer,
            clean,
            max_length=artifact.max_length,
            hardware=self._hardware,
            batch_size=batch_size,
        )
        pooled = output.logits
        if artifact.lexical is not None:
            pooled = pooled + np.float32(artifact.lexical_weight) * lexical_scores(
                artifact.lexical, [text[:MOST_CHARACTERS] for text in texts]
            )
        logits = pooled / np.float32(artifact.temperature)
        cut = np.fromiter((len(text) > MOST_CHARACTERS for text in texts), np.bool_, len(texts))
        return Scores(
            probabilities=calibrated_probabilities(logits, 1.0),
            out_of_scope=out_of_scope_probability(artifact.detector, output.embeddings, logits),
            embeddings=output.embeddings,
            logits=logits,
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
        readable = [row for row, text in enumerate(texts) if has_words(normalize(text))]
        scores = self.score([texts[row] for row in readable], batch_size=batch_size)
        decisions = decide(
            scores.probabilities,
            scores.out_of_scope,
            self.artifact.thresholds,
            out_of_scope_column=self.out_of_scope_column,
        )
        predictions = [_unreadable(text) for text in texts]
        for place, row in enumerate(readable):
            probabilities = scores.probabilities[place]
            order = np.argsort(-probabilities, kind="stable")
            decision, reason = decisions[place]
            if foreign_language(texts[row][:MOST_CHARACTERS]):
                decision, reason = "hand_over", "foreign_language"
            predictions[row] = Prediction(
                text=texts[row],
                intent=self.labels[order[0]],
                confidence=float(probabilities[order[0]]),
                ranking=tuple(
                    (self.labels[column], float(probabilities[column])) for column in order
                ),
                out_of_scope=float(scores.out_of_scope[place]),
                decision=decision,
                reason=reason,
                truncated=bool(scores.truncated[place]),
            )
        return predictions


def _unreadable(text: str) -> Prediction:
    return Prediction(
        text=text,
        intent=None,
        confidence=0.0,
        ranking=(),
        out_of_scope=0.0,
        decision="clarify",
        reason="no_words" if normalize(text) else "empty",
        truncated=False,
    )
