"""Where an increasing power function first reaches its target."""

from collections.abc import Callable

from scipy import optimize


def increasing_root(
    function: Callable[[float], float],
    *,
    target: float,
    low: float,
    start: float,
    high: float,
) -> float | None:
    """Least argument at which an increasing function reaches a target.

    Parameters
    ----------
    low
        Least argument allowed; returned if the target is already met there.
    start
        First argument tried above ``low``; it doubles until the target is met.
    high
        Largest argument allowed.

    Returns
    -------
    float or None
        The root to a relative 1e-10, or None if the target is not met at ``high``.
    """
    if function(low) >= target:
        return low
    below, above = low, min(max(start, low), high)
    while function(above) < target:
        if above >= high:
            return None
        below, above = above, min(2 * above, high)
    root = optimize.brentq(lambda x: function(x) - target, below, above, xtol=1e-12, rtol=1e-10)
    return float(root)


def least_integer(
    function: Callable[[int], float], *, target: float, low: int, high: int
) -> int | None:
    """Least whole number in [low, high] at which an increasing function reaches a target."""
    if function(high) < target:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if function(middle) >= target else (middle + 1, high)
    return low
