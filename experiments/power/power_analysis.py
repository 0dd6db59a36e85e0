"""Power of a trial, and the effect, clusters, units or waves that reach a target power."""

import math
from typing import Literal

import numpy as np

from experiments.errors import InputError
from experiments.power.contrast import PowerDesign
from experiments.power.power_result import PowerResult, SolveFor
from experiments.power.root_finding import increasing_root, least_integer
from experiments.power.wald_power import wald_power

MOST_CLUSTERS = 1e7
MOST_UNITS = 1e12


def power_of(design: PowerDesign) -> float:
    """Power of one design, as a number: rejections in the direction of the effect only."""
    contrast = design.contrast()
    ratio = abs(design.effect) / contrast.std_error if contrast.std_error > 0 else math.inf
    if not math.isfinite(ratio):
        return 1.0
    power = wald_power(
        ratio=ratio, df=contrast.df, level=contrast.level, reference=design.reference
    )
    return float(power)


def power(design: PowerDesign) -> PowerResult:
    """Power of a design to show its effect.

    Raises
    ------
    InputError
        The design leaves no degree of freedom or its effect leaves the outcome's range.
    """
    return _result(design, solved_for="power", solution=power_of(design), target=None)


def minimum_detectable_effect(
    design: PowerDesign,
    *,
    target: float = 0.8,
    direction: Literal["increase", "decrease"] = "increase",
) -> PowerResult:
    """Smallest effect that the design shows with the target power.

    ``design.effect`` is ignored. ``solution`` is signed and is None where not even the largest
    possible effect is detectable.
    """
    _check_target(target)
    sign = 1 if direction == "increase" else -1
    bound = design.largest_effect(sign)
    start = design.vary(effect=0.0).contrast().std_error
    # An unbounded effect is looked for up to a million standard errors.
    high = min(bound, max(1.0, start) * 1e6)

    def at(effect: float) -> float:
        return power_of(design.vary(effect=sign * effect))

    found = increasing_root(at, target=target, low=0.0, start=start, high=high)
    if found is None:
        return _result(design, solved_for="effect", solution=None, target=target, limit=at(high))
    solved = design.vary(effect=sign * found)
    return _result(solved, solved_for="effect", solution=sign * found, target=target)


def clusters_needed(design: PowerDesign, *, target: float = 0.8) -> PowerResult:
    """Fewest clusters per arm (per sequence of a stepped wedge) with the target power.

    The control arm keeps its ratio to the others.
    """
    _check_target(target)
    fewest = design.fewest_clusters

    def at(clusters: float) -> float:
        return power_of(design.vary(clusters=clusters))

    found = increasing_root(at, target=target, low=fewest, start=2 * fewest, high=MOST_CLUSTERS)
    if found is None:
        limit = at(MOST_CLUSTERS)
        return _result(design, solved_for="clusters", solution=None, target=target, limit=limit)
    solved = design.vary(clusters=_whole(found))
    return _result(solved, solved_for="clusters", solution=found, target=target)


def units_needed(design: PowerDesign, *, target: float = 0.8) -> PowerResult:
    """Fewest units per cluster and wave with the target power.

    More units cannot make up for too few clusters: power levels off, ``solution`` is then None
    and ``limit`` is the level.
    """
    _check_target(target)

    def at(units: float) -> float:
        return power_of(design.vary(units=units))

    found = increasing_root(at, target=target, low=1.0, start=2.0, high=MOST_UNITS)
    if found is None:
        limit = at(math.inf)
        return _result(design, solved_for="units", solution=None, target=target, limit=limit)
    solved = design.vary(units=_whole(found))
    return _result(solved, solved_for="units", solution=found, target=target)


def waves_needed(design: PowerDesign, *, target: float = 0.8) -> PowerResult:
    """Fewest waves after the start (extra periods of a stepped wedge) with the target power.

    Waves of the same clusters are correlated: power levels off, ``solution`` is then None and
    ``limit`` is the level.
    """
    _check_target(target)

    def at(waves: int) -> float:
        return power_of(design.vary(waves=waves))

    fewest = min(1, design.waves)
    found = least_integer(at, target=target, low=fewest, high=design.most_waves)
    if found is None:
        limit = at(design.most_waves)
        return _result(design, solved_for="waves", solution=None, target=target, limit=limit)
    return _result(design.vary(waves=found), solved_for="waves", solution=found, target=target)


def _whole(solution: float) -> float:
    return float(math.ceil(solution - 1e-6))


def _check_target(target: float) -> None:
    if not 0 < target < 1:
        message = f"target power: {target} is outside (0, 1)"
        raise InputError(message)


def _result(
    design: PowerDesign,
    *,
    solved_for: SolveFor,
    solution: float | None,
    target: float | None,
    limit: float | None = None,
) -> PowerResult:
    reached = power_of(design)
    notes = list(design.caveats())
    if solution is None and limit is not None and target is not None:
        notes.insert(0, _plateau(solved_for, target=target, limit=limit))
    notes += _icc_note(design, reached)
    return PowerResult(
        design=design,
        solved_for=solved_for,
        solution=solution,
        target=target,
        power=reached,
        contrast=design.contrast(),
        limit=limit,
        warnings=tuple(notes),
    )


def _plateau(solved_for: SolveFor, *, target: float, limit: float) -> str:
    more = {
        "effect": "Not even the largest effect the outcome allows",
        "clusters": "No number of clusters",
        "units": "No number of units per cluster",
        "waves": "No number of waves",
    }[solved_for]
    remedy = "more units per cluster" if solved_for == "clusters" else "more clusters"
    return (
        f"{more} reaches a power of {100 * target:g} %: it levels off at {100 * limit:.1f} %. "
        f"What helps is {remedy}."
    )


def _icc_note(design: PowerDesign, reached: float) -> list[str]:
    """Power if the intraclass correlation is twice what was assumed."""
    doubled = min(2 * design.icc, 0.99)
    if design.icc == 0:
        return [
            "The intraclass correlation is taken as 0: units of a cluster then behave as "
            "strangers, which field trials do not show."
        ]
    if np.isclose(reached, 1.0, atol=5e-4):
        return []
    other = power_of(design.vary(icc=doubled))
    return [
        f"Power rests on the assumed intraclass correlation: at {doubled:.3g} instead of "
        f"{design.icc:.3g} it is {100 * other:.1f} % instead of {100 * reached:.1f} %."
    ]
