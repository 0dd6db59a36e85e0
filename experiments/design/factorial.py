"""2x2 factorial trials: the level of each factor by cluster, and the set for a main effect."""

import numpy as np
import numpy.typing as npt

from experiments.design.allocation_set import AllocationSet, conditional_on_groups
from experiments.design.allocation_space import MAX_ENUMERATED, N_SAMPLED
from experiments.design.randomisation import Codes
from experiments.design.trial_design import TrialDesign
from experiments.errors import InputError


def factor_levels(design: TrialDesign, factor: str) -> Codes:
    """Level of one factor in each arm, 0 or 1, shape (4,).

    Raises
    ------
    InputError
        The design is not factorial or has no such factor.
    """
    return _levels(design, _place(design, factor))


def _place(design: TrialDesign, factor: str) -> int:
    if design.factorial is None:
        raise InputError(f"{design.name}: the design has no factorial section")
    if factor not in design.factorial.factors:
        known = " and ".join(design.factorial.factors)
        raise InputError(f"{design.name}: no factor {factor}; the factors are {known}")
    return design.factorial.factors.index(factor)


def _levels(design: TrialDesign, place: int) -> Codes:
    carried = design.factorial.carries if design.factorial else {}
    return np.array([int(carried[arm][place]) for arm in design.arms], dtype=np.int8)


def main_effect_set(
    design: TrialDesign,
    allocation_set: AllocationSet,
    observed: npt.NDArray[np.integer],
    *,
    factor: str,
    max_enumerated: int = MAX_ENUMERATED,
    n_sampled: int = N_SAMPLED,
    seed: int = 0,
) -> AllocationSet:
    """Allocations of one factor's two levels, the other factor held as observed.

    Under the sharp null that the factor changes no outcome, whatever the level of the other,
    outcomes of these allocations are known (Dasgupta, Pillai and Rubin 2015, JRSS B 77:727).

    Parameters
    ----------
    design : TrialDesign
        A factorial design.
    allocation_set : AllocationSet
        The whole set, over the four arms.
    observed : array of int, shape (G,)
        Arm codes drawn.
    factor : str
        Factor to be tested.
    max_enumerated, n_sampled, seed
        As in :func:`experiments.design.allocation_set.set_of_space`.

    Returns
    -------
    AllocationSet
        Over the two arms ``"without FACTOR"`` and ``"with FACTOR"``.
    """
    place = _place(design, factor)
    levels, held = _levels(design, place), _levels(design, 1 - place)
    groups = [np.flatnonzero(held == level).tolist() for level in (0, 1)]
    kept = conditional_on_groups(
        allocation_set,
        observed,
        groups=groups,
        max_enumerated=max_enumerated,
        n_sampled=n_sampled,
        seed=seed,
    )
    return AllocationSet(
        clusters=kept.clusters,
        arms=(f"without {factor}", f"with {factor}"),
        allocations=levels[kept.allocations],
        enumerated=kept.enumerated,
        size=kept.size,
    )
