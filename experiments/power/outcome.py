"""Variance of one unit's outcome in each arm, for four kinds of outcome."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from experiments.errors import InputError
from experiments.power.design_effect import Components

Floats = npt.NDArray[np.float64]
OutcomeKind = Literal["binary", "continuous", "count", "ordinal"]
VarianceAt = Literal["each arm", "pooled", "control"]


class Outcome(Protocol):
    """What a power formula asks of an outcome.

    The effect is a difference in the outcome's unit (0.05 is five points of a share); for
    ordinal outcomes it is a log odds ratio.
    """

    @property
    def kind(self) -> OutcomeKind:
        """Kind of outcome."""
        ...

    def components(
        self, *, effect: float, icc: float, variance_at: VarianceAt
    ) -> tuple[Components, Components]:
        """Variance components of one unit in the control and in the treated arm.

        Parameters
        ----------
        effect
            Effect of the treatment.
        icc
            Intraclass correlation in the control arm.
        variance_at
            Arm levels that set the variances: each arm's own, the mean of both for both, or the
            control's for both.
        """
        ...

    def largest_effect(self, sign: int) -> float:
        """Largest effect in that direction that leaves the outcome in its range, unsigned."""
        ...


def _arm_effects(effect: float, variance_at: VarianceAt) -> tuple[float, float]:
    effects = {"each arm": (0.0, effect), "pooled": (effect / 2, effect / 2), "control": (0.0, 0.0)}
    if variance_at not in effects:
        message = f"variance_at: {variance_at!r} is none of each arm, pooled, control"
        raise InputError(message)
    return effects[variance_at]


def _split(total: float, icc: float) -> Components:
    return Components(between=icc * total, within=(1 - icc) * total)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuousOutcome:
    """A measure with total standard deviation ``sd``, the same in all arms."""

    sd: float = 1.0

    def __post_init__(self) -> None:
        if not self.sd > 0:
            message = f"sd: {self.sd} is not positive"
            raise InputError(message)

    @property
    def kind(self) -> OutcomeKind:
        """Kind of outcome."""
        return "continuous"

    def components(
        self, *, effect: float, icc: float, variance_at: VarianceAt
    ) -> tuple[Components, Components]:
        """See :class:`Outcome`."""
        both = _split(self.sd**2, icc)
        return both, both

    def largest_effect(self, sign: int) -> float:
        """See :class:`Outcome`."""
        return np.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryOutcome:
    """A share, ``level`` in the control arm, with one ICC on the scale of shares in all arms.

    The variance of a unit is ``p (1 - p)`` (Donner & Klar 2000, with ``"each arm"``).
    """

    level: float

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            message = f"baseline level: a share lies between 0 and 1, not at {self.level}"
            raise InputError(message)

    @property
    def kind(self) -> OutcomeKind:
        """Kind of outcome."""
        return "binary"

    def components(
        self, *, effect: float, icc: float, variance_at: VarianceAt
    ) -> tuple[Components, Components]:
        """See :class:`Outcome`."""
        if not 0 <= self.level + effect <= 1:
            message = f"effect: {effect:+g} on a share of {self.level:g} leaves the range 0 to 1"
            raise InputError(message)
        shares = [self.level + shift for shift in _arm_effects(effect, variance_at)]
        control, treated = (_split(share * (1 - share), icc) for share in shares)
        return control, treated

    def largest_effect(self, sign: int) -> float:
        """See :class:`Outcome`."""
        return 1 - self.level if sign > 0 else self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOutcome:
    """Events per unit of person-time, ``level`` in the control arm.

    Within a cluster the variance of a unit's rate is ``dispersion x rate / exposure``; between
    clusters the coefficient of variation of the true rates is the same in all arms (Hayes &
    Bennett 1999), set by the ICC of units in the control arm.

    Attributes
    ----------
    exposure
        Person-time of one unit in one wave.
    dispersion
        Variance over mean of counts within a cluster; 1 for Poisson counts.
    """

    level: float
    exposure: float = 1.0
    dispersion: float = 1.0

    def __post_init__(self) -> None:
        for name in ("level", "exposure", "dispersion"):
            if not getattr(self, name) > 0:
                message = f"{name}: {getattr(self, name)} is not positive"
                raise InputError(message)

    @property
    def kind(self) -> OutcomeKind:
        """Kind of outcome."""
        return "count"

    def icc_from_between_cv(self, between_cv: float) -> float:
        """ICC of units in the control arm from the coefficient of variation between clusters."""
        between = (between_cv * self.level) ** 2
        return between / (between + self.dispersion * self.level / self.exposure)

    def components(
        self, *, effect: float, icc: float, variance_at: VarianceAt
    ) -> tuple[Components, Components]:
        """See :class:`Outcome`."""
        if self.level + effect < 0:
            message = f"effect: {effect:+g} on a rate of {self.level:g} makes it negative"
            raise InputError(message)
        scale = self.dispersion / self.exposure
        cv_squared = icc / (1 - icc) * scale / self.level
        control, treated = (
            Components(
                between=cv_squared * (self.level + shift) ** 2, within=scale * (self.level + shift)
            )
            for shift in _arm_effects(effect, variance_at)
        )
        return control, treated

    def largest_effect(self, sign: int) -> float:
        """See :class:`Outcome`."""
        return np.inf if sign > 0 else self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalOutcome:
    """Ordered categories, such as red, orange and green, under proportional odds.

    The log odds ratio of two arms of independent units has variance ``v (1/n1 + 1/n0)`` with
    ``v = 3 / (1 - sum of cubed mean shares)`` (Whitehead 1993); clustering inflates it as it
    does a mean's, with the ICC of the categories' scores.

    Attributes
    ----------
    probabilities
        Share of each category in the control arm, lowest first. A positive effect moves units
        towards the last.
    """

    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        shares = np.asarray(self.probabilities, dtype=float)
        if len(shares) < 2 or np.any(shares < 0) or not np.isclose(shares.sum(), 1):
            message = (
                f"categories: {self.probabilities} are not two or more shares that add up to 1"
            )
            raise InputError(message)

    @property
    def kind(self) -> OutcomeKind:
        """Kind of outcome."""
        return "ordinal"

    def shares(self, effect: float) -> Floats:
        """Shares of the categories after a log odds ratio of ``effect``, shape (C,)."""
        above = 1 - np.cumsum(self.probabilities)[:-1]
        odds = np.exp(effect)
        moved = odds * above / (1 - above + odds * above)
        return -np.diff(np.concatenate([[1.0], moved, [0.0]]))

    def components(
        self, *, effect: float, icc: float, variance_at: VarianceAt
    ) -> tuple[Components, Components]:
        """See :class:`Outcome`; ``"each arm"`` and ``"pooled"`` are both the mean shares."""
        control, treated = _arm_effects(effect, variance_at)
        if variance_at != "control":
            control, treated = 0.0, effect
        mean = (self.shares(control) + self.shares(treated)) / 2
        both = _split(3 / (1 - float(np.sum(mean**3))), icc)
        return both, both

    def largest_effect(self, sign: int) -> float:
        """See :class:`Outcome`."""
        # An odds ratio of 22,000: beyond it shares are 0 or 1 to machine precision.
        return 10.0
