"""What was understood of a message, whoever understood it."""

from dataclasses import dataclass

from nlu.calibration.decision import Decision
from nlu.entities.entity import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What was understood of a message.

    Attributes
    ----------
    intent : str or None
        Most probable intent; None when there is nothing to read, or for a click on a choice.
    confidence : float
        Its calibrated probability, in [0, 1].
    decision : str
        ``answer``, ``clarify`` or ``hand_over``, by the classifier's thresholds.
    ranking : tuple of (str, float)
        Intents with their probabilities, best first.
    out_of_scope : float
        Probability of being out of scope, in [0, 1].
    entities : tuple of Entity
        Entities of the message, in order.
    degraded : bool
        Whether it was understood by key words, without the model.
    reason : str
        Why the decision, as in :class:`nlu.classifier.prediction.Prediction`; empty if unknown.
    """

    intent: str | None
    confidence: float
    decision: Decision
    ranking: tuple[tuple[str, float], ...] = ()
    out_of_scope: float = 0.0
    entities: tuple[Entity, ...] = ()
    degraded: bool = False
    reason: str = ""

    def entity(self, name: str) -> Entity | None:
        """First entity of a slot, one with a value before one without; None without any."""
        found = [one for one in self.entities if one.name == name]
        return next((one for one in found if one.value), found[0] if found else None)

    def value(self, name: str) -> str:
        """Value of the first entity of a slot; empty without one."""
        found = self.entity(name)
        return found.value if found is not None else ""
