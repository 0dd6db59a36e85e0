"""The answer of a power calculation, with every input that led to it."""

from dataclasses import dataclass
from typing import Literal

from experiments.power.contrast import Contrast, PowerDesign

SolveFor = Literal["power", "effect", "clusters", "units", "waves"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerResult:
    """What was solved for and what the trial then detects.

    Attributes
    ----------
    design
        All inputs. Where something was solved for, it is set to the solution, whole numbers
        rounded up; where there is no solution, the design is as it was given.
    solved_for
        Quantity that was looked for.
    solution
        Its exact value, before rounding up; None where no value reaches the target.
    target
        Power asked for; None when power itself was computed.
    power
        Power of ``design``.
    contrast
        Standard error, degrees of freedom, level and design effect of ``design``.
    limit
        Power that can at most be reached by the quantity solved for, where it was looked for in
        vain; None otherwise.
    warnings
        What a reader must know before using the number.
    """

    design: PowerDesign
    solved_for: SolveFor
    solution: float | None
    target: float | None
    power: float
    contrast: Contrast
    limit: float | None = None
    warnings: tuple[str, ...] = ()
