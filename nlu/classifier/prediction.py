"""What the classifier says of one message."""

from dataclasses import dataclass
from typing import Any

from nlu.calibration.decision import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Answer for one message.

    Attributes
    ----------
    text : str
        The message as received.
    intent : str or None
        Most probable intent; None when the message has no letter or digit to read.
    confidence : float
        Its calibrated probability, in [0, 1]; 0 when ``intent`` is None.
    ranking : tuple of (str, float)
        Every label with its probability, best first; they sum to one. Empty when ``intent`` is
        None.
    out_of_scope : float
        Probability that the message is not for the service, in [0, 1].
    decision : str
        ``answer``, ``clarify`` or ``hand_over``.
    reason : str
        ``confident``, ``between_two``, ``low_confidence``, ``out_of_scope``, ``empty`` (nothing
        visible), ``no_words`` (emoji or punctuation only), ``foreign_language``.
    truncated : bool
        True when the message is longer than the model reads and its end was ignored.
    """

    text: str
    intent: str | None
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    out_of_scope: float
    decision: Decision
    reason: str
    truncated: bool

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types; ranking entries are ``{"intent", "confidence"}``."""
        return {
            "text": self.text,
            "intent": self.intent,
            "confidence": round(self.confidence, 6),
            "decision": self.decision,
            "reason": self.reason,
            "out_of_scope": round(self.out_of_scope, 6),
            "truncated": self.truncated,
            "ranking": [
                {"intent": intent, "confidence": round(probability, 6)}
                for intent, probability in self.ranking
            ],
        }
