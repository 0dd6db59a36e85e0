"""Understanding texts: the model through its queue, or key words where there is no model."""

import asyncio
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nlu.classifier.prediction import Prediction
from nlu.inference.engine import EngineDescription
from nlu.inference.micro_batching import MicroBatcher, QueueFull
from serving.dialogue.keyword_intents import understand_by_keywords
from serving.dialogue.understanding import Understanding
from serving.knowledge.knowledge_base import KnowledgeBase
from serving.security.problem import ProblemError

NO_MODEL = "mots-cles"
# A click needs no understanding.
CLICK = "clic"
CHECKSUMS = "checksums.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """What was understood of the texts of one request.

    Attributes
    ----------
    understandings
        One a text, in order, without entities.
    model_version
        Version that answered; ``mots-cles`` without a model.
    degraded
        Whether no model answered.
    phases
        Seconds of each phase.
    """

    understandings: tuple[Understanding, ...]
    model_version: str
    degraded: bool
    phases: dict[str, float]


async def classify(
    texts: Sequence[str],
    *,
    batcher: MicroBatcher | None,
    knowledge: KnowledgeBase,
    deadline: float,
) -> Classified:
    """Understand texts, all with one version of the model.

    Parameters
    ----------
    texts
        Messages of one request.
    batcher
        Queue of the model; None to go by key words.
    knowledge
        Holds the key words.
    deadline
        Longest wait, in seconds.

    Raises
    ------
    ProblemError
        The queue is full, or the deadline has passed: the client is told when to come back.
    """
    if batcher is None:
        return Classified(
            understandings=tuple(
                understand_by_keywords(text, knowledge.lexicons) for text in texts
            ),
            model_version=NO_MODEL,
            degraded=True,
            phases={},
        )
    try:
        async with asyncio.timeout(deadline):
            answer = await batcher.submit(texts)
    except QueueFull as error:
        raise _overloaded(error.retry_after) from None
    except TimeoutError:
        raise _overloaded(deadline) from None
    phases = answer.phases
    return Classified(
        understandings=tuple(_understanding(one) for one in answer.predictions),
        model_version=version_of(answer.engine),
        degraded=False,
        phases={"queue": phases.queue, "tokenise": phases.tokenise, "model": phases.model},
    )


def version_of(engine: EngineDescription) -> str:
    """Return the name of what serves: its folder and the digest of its files."""
    return f"{Path(engine.folder).name}@{_digest(engine.folder)}"


def uncertainty(ranking: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """Return margin and entropy of a ranking.

    The margin is the difference between the two best probabilities, in [0, 1]; the entropy is in
    nats, divided by its greatest value so that rankings of any length compare: 0 is sure, 1 is
    lost. An empty ranking is lost.
    """
    if not ranking:
        return 0.0, 1.0
    best = [probability for _, probability in ranking]
    margin = best[0] - (best[1] if len(best) > 1 else 0.0)
    if len(best) < 2:
        return margin, 0.0
    entropy = -sum(one * math.log(one) for one in best if one > 0)
    return margin, max(0.0, entropy / math.log(len(best)))


def _understanding(prediction: Prediction) -> Understanding:
    return Understanding(
        intent=prediction.intent,
        confidence=prediction.confidence,
        decision=prediction.decision,
        ranking=prediction.ranking,
        out_of_scope=prediction.out_of_scope,
        reason=prediction.reason,
    )


def _overloaded(seconds: float) -> ProblemError:
    return ProblemError(kind="overloaded", headers={"Retry-After": str(max(1, math.ceil(seconds)))})


@lru_cache(maxsize=16)
def _digest(folder: str) -> str:
    # A version never changes: its folder is written in one rename, under a name of its own.
    try:
        content = (Path(folder) / CHECKSUMS).read_bytes()
    except OSError:
        return "inconnu"
    return hashlib.sha256(content).hexdigest()[:12]
