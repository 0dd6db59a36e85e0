"""Which column plays which part in a trial."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class RowColumns:
    """Names of the columns to group by, to sum and to check.

    Attributes
    ----------
    cluster, arm, stratum, factors
        Columns to group by; ``arm`` and ``stratum`` may be absent.
    outcomes, numeric
        Columns to sum.
    unit
        Identifier of a unit; with the factors it names a row.
    success_values
        Texts that count as 1, for each outcome that is text.
    """

    cluster: str
    arm: str | None
    stratum: str | None
    factors: tuple[str, ...]
    outcomes: tuple[str, ...]
    numeric: tuple[str, ...]
    unit: str | None
    success_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        uses = Counter(self.used)
        repeated = [name for name, count in uses.items() if count > 1]
        if repeated:
            raise InputError(
                f"Column '{repeated[0]}' is given two roles. Each column can be the cluster, the "
                "arm, the stratum, the unit, an outcome or a covariate, and only one of them."
            )
        if not self.outcomes:
            raise InputError("No outcome column was named.")

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns to group by."""
        optional = (self.arm, self.stratum)
        return (self.cluster, *(name for name in optional if name is not None), *self.factors)

    @property
    def measured(self) -> tuple[str, ...]:
        """Columns to sum: outcomes, then numeric covariates."""
        return self.outcomes + self.numeric

    @property
    def used(self) -> tuple[str, ...]:
        """Every column."""
        return self.keys + self.measured + (() if self.unit is None else (self.unit,))
