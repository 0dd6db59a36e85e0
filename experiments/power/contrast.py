"""What every trial design tells a power calculation: the precision of its effect estimate."""

from dataclasses import dataclass
from typing import Protocol, Self

from experiments.power.outcome import Outcome
from experiments.power.wald_power import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Estimate of one arm against the control, as a test sees it.

    Attributes
    ----------
    std_error
        At the design's effect, in the effect's unit.
    df
        Degrees of freedom of the reference distribution.
    level
        One minus the level of significance of this contrast, after any correction.
    design_effect
        Variance over that of a parallel trial of as many independent units in as many arms.
    """

    std_error: float
    df: float
    level: float
    design_effect: float


class PowerDesign(Protocol):
    """A design whose power is asked for; immutable, its variants are new objects.

    ``clusters`` counts clusters per treated arm of a parallel trial and per sequence of a
    stepped wedge; ``waves`` counts waves after the start, respectively extra periods after the
    last step.
    """

    @property
    def outcome(self) -> Outcome:
        """Outcome with its control level."""
        ...

    @property
    def effect(self) -> float:
        """Effect of the treatment, signed, in the outcome's unit."""
        ...

    @property
    def icc(self) -> float:
        """Intraclass correlation of units in one wave."""
        ...

    @property
    def clusters(self) -> float:
        """Clusters per arm or per sequence."""
        ...

    @property
    def units(self) -> float:
        """Mean number of units per cluster and wave."""
        ...

    @property
    def waves(self) -> int:
        """Waves after the start, or extra periods."""
        ...

    @property
    def most_waves(self) -> int:
        """Largest number of waves that a search may try."""
        ...

    @property
    def fewest_clusters(self) -> float:
        """Least ``clusters`` that leave a degree of freedom."""
        ...

    @property
    def reference(self) -> Reference:
        """Reference distribution of the test."""
        ...

    def total_clusters(self) -> float:
        """Clusters in the whole trial."""
        ...

    def contrast(self) -> Contrast:
        """Precision of the estimate at the design's effect."""
        ...

    def largest_effect(self, sign: int) -> float:
        """Largest effect in that direction that leaves the outcome in its range, unsigned."""
        ...

    def vary(
        self,
        *,
        effect: float | None = None,
        icc: float | None = None,
        clusters: float | None = None,
        units: float | None = None,
        waves: int | None = None,
    ) -> Self:
        """Return the same design with the given values changed."""
        ...

    def caveats(self) -> tuple[str, ...]:
        """What a reader must know before using the power of this design."""
        ...
