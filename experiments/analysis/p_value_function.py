"""Randomisation p as a function of the effect supposed, and the interval that inverts it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Statistics closer than this, relatively or in standard errors, count as tied.
TIE = 1e-9
# Ends of intervals are found to this fraction of the standard error.
INTERVAL_TOLERANCE = 1e-7
# Variances below this fraction of the one under no effect are rounding.
ROUNDING = 1e-12
# Distances from the estimate, in standard errors, at which p is computed to bracket an end.
STEPS = (*(step / 8 for step in range(1, 64)), *(8 * 2 ** (power / 4) for power in range(81)))
# The upper bound of p is computed at every so many of these distances, from two standard errors.
BOUND_EVERY, FIRST_BOUND = 4, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PValueFunction:
    """p of every constant additive effect, from the coefficients of each allocation.

    Under the effect ``estimate + shift``, an allocation's difference in means less that effect is
    ``gap - shift * slope``, and its variance ``constant - 2 * shift * linear + shift^2 * square``;
    the observed allocation has gap 0, slope 1 and variance ``std_error^2``.

    Attributes
    ----------
    gap, slope, constant, linear, square
        Coefficients, shape (A,).
    std_error
        Of the observed difference; 0 where it does not vary within arms.
    scale
        What the standard error would be if the arms did not differ, positive.
    enumerated
        True when the allocations are all the admissible ones, the observed one included.
    n_extreme, n_left_out
        Of allocations without coefficients here: how many count as extreme at every effect asked
        about, and how many there are; see :meth:`between`.
    """

    gap: Floats
    slope: Floats
    constant: Floats
    linear: Floats
    square: Floats
    std_error: float
    scale: float
    enumerated: bool
    n_extreme: int = 0
    n_left_out: int = 0

    @property
    def unit(self) -> float:
        """Length in which distances from the estimate are measured."""
        return self.std_error or self.scale

    @property
    def smallest_p(self) -> float:
        """The p that an effect without bound would have.

        Only the observed allocation, and its mirror image where that is admissible, are then as
        extreme as what was observed.
        """
        return self._share(np.abs(self.slope) >= 1 - TIE)

    def p_value(self, shift: float, *, studentised: bool) -> float:
        """Share of allocations at least as far from the effect as the observed one.

        An allocation without variance within arms has an infinite statistic.
        """
        return self._share(self._extreme(shift, studentised=studentised))

    def _extreme(self, shift: float, *, studentised: bool) -> Bools:
        # In place: at thousands of allocations, arrays made anew cost more than their numbers.
        distance = shift * self.slope
        np.subtract(self.gap, distance, out=distance)
        bar = max(0.0, abs(shift) * (1 - TIE) - TIE * self.unit)
        if not studentised:
            return np.abs(distance, out=distance) >= bar
        variance = shift * self.square
        variance -= 2 * self.linear
        variance *= shift
        variance += self.constant
        variance -= ROUNDING * self.scale**2
        variance *= bar**2
        np.square(distance, out=distance)
        distance *= self.std_error**2
        return distance >= variance

    def between(self, near: float, far: float, *, studentised: bool) -> "PValueFunction":
        """The same function for effects between two shifts, from fewer allocations.

        Those on one side at both shifts are only counted; one that changes sides twice in between
        is missed, so the caller checks what it found against the whole function.
        """
        begins, ends = (self._extreme(shift, studentised=studentised) for shift in (near, far))
        turns = begins != ends
        return replace(
            self,
            gap=self.gap[turns],
            slope=self.slope[turns],
            constant=self.constant[turns],
            linear=self.linear[turns],
            square=self.square[turns],
            n_extreme=self.n_extreme + int(np.count_nonzero(begins & ends)),
            n_left_out=self.n_left_out + len(turns) - int(np.count_nonzero(turns)),
        )

    def highest_p(self, distance: float, *, side: int, studentised: bool) -> float:
        """Upper bound of p at every effect at least ``distance`` away on one side.

        Divided by the shift, an allocation's difference is at most ``|slope| + |gap| / distance``
        and its variance at least the minimum of a parabola beyond ``distance``.
        """
        most = np.abs(self.slope) + np.abs(self.gap) / distance
        bar = 1 - TIE * (1 + self.unit / distance)
        if not studentised:
            return self._share(most >= bar)
        linear = side * self.linear
        vertex = np.divide(linear, self.square, out=np.zeros_like(linear), where=self.square > 0)
        nearest = np.maximum(vertex, distance)
        least = self.constant + nearest * (nearest * self.square - 2 * linear)
        least -= ROUNDING * self.scale**2
        return self._share(most**2 * self.std_error**2 >= bar**2 * least)

    def _share(self, extreme: Bools) -> float:
        sampled = not self.enumerated
        count = np.count_nonzero(extreme) + self.n_extreme
        return float((count + sampled) / (len(extreme) + self.n_left_out + sampled))


def reach(function: PValueFunction, *, side: int, alpha: float, studentised: bool) -> float:
    """Distance from the estimate to the farthest effect on one side with p above ``alpha``.

    For the plain difference p falls with distance; the studentised one may rise again, and the
    farthest crossing of ``alpha`` is taken, see `last_kept`.

    Parameters
    ----------
    function : PValueFunction
        p of every effect.
    side : {-1, 1}
        Below or above the estimate.
    alpha : float
        Level of the test.
    studentised : bool
        Which statistic.

    Returns
    -------
    float
        Infinite when no effect on that side could be rejected.
    """
    if function.smallest_p > alpha * (1 + TIE):
        return math.inf
    return last_kept(function, side=side, alpha=alpha, studentised=studentised)


def last_kept(
    function: PValueFunction, *, side: int, alpha: float, studentised: bool = True
) -> float:
    """Farthest distance with p above ``alpha``, bracketed on a widening grid and then bisected.

    The grid runs from an eighth of a standard error to millions. It is read from afar, starting
    where even the upper bound of p is below ``alpha``, so that p that rises again beyond a gap
    does not cut the interval short; only a stretch narrower than the grid can be missed.

    Parameters
    ----------
    function, side, alpha, studentised
        As in :func:`reach`.

    Returns
    -------
    float
        Infinite when p is above ``alpha`` at the farthest point of the grid.
    """

    def kept(distance: float, p_function: PValueFunction = function) -> bool:
        p_value = p_function.p_value(side * distance, studentised=studentised)
        return p_value > alpha * (1 + TIE)

    unit = function.unit
    steps: tuple[float, ...] = (0.0, *STEPS)
    tried = next(
        (
            place
            for place in range(FIRST_BOUND, len(steps), BOUND_EVERY)
            if function.highest_p(steps[place] * unit, side=side, studentised=studentised)
            <= alpha * (1 - TIE)
        ),
        len(steps),
    )
    last = next((place for place in range(tried - 1, 0, -1) if kept(steps[place] * unit)), 0)
    if last == len(STEPS):
        return math.inf
    low, high = steps[last] * unit, steps[last + 1] * unit
    few = function.between(side * low, side * high, studentised=studentised)
    ends = _bisected(lambda distance: kept(distance, few), low, high, unit=unit)
    if (ends[0] > low and not kept(ends[0])) or (ends[1] < high and kept(ends[1])):
        ends = _bisected(kept, low, high, unit=unit)
    return ends[1]


def _bisected(
    kept: Callable[[float], bool], low: float, high: float, *, unit: float
) -> tuple[float, float]:
    """Neighbouring distances, the first kept and the second not."""
    while high - low > INTERVAL_TOLERANCE * unit:
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) else (low, middle)
    return low, high
