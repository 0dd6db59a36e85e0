"""When the phases of a request began and ended."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase, in seconds of ``time.perf_counter``.

    Attributes
    ----------
    name
        Such as ``model``.
    start, end
        Its ends.
    told
        Whether only its length was measured, elsewhere, and told afterwards.
    """

    name: str
    start: float
    end: float
    told: bool = False


def in_a_row(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return phases in which those told together follow each other.

    Their lengths are told at one moment, the end of the last: each ends where the next begins.
    """
    placed: list[Phase] = []
    limit = float("inf")
    for phase in reversed(phases):
        if not phase.told:
            placed.append(phase)
            continue
        end = min(phase.end, limit)
        limit = end - (phase.end - phase.start)
        placed.append(Phase(name=phase.name, start=limit, end=end, told=True))
    return tuple(reversed(placed))
