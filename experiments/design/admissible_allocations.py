"""The set of allocations that a declared design can draw."""

import pandas as pd

from experiments.design.allocation_set import AllocationSet, set_of_space
from experiments.design.allocation_space import MAX_ENUMERATED, N_SAMPLED
from experiments.design.cluster_frame import ClusterFrame, cluster_frame
from experiments.design.declared_space import declared_space
from experiments.design.trial_design import TrialDesign
from experiments.errors import InputError

# Stream of a seed, after that of candidate allocations.
SAMPLE_STREAM = 1


def admissible_allocations(
    design: TrialDesign,
    clusters: pd.DataFrame | ClusterFrame,
    *,
    max_enumerated: int = MAX_ENUMERATED,
    n_sampled: int = N_SAMPLED,
    seed: int | None = None,
) -> AllocationSet:
    """The set of allocations that a declared design can draw.

    Parameters
    ----------
    design : TrialDesign
        What was declared.
    clusters : pandas.DataFrame or ClusterFrame
        One row a cluster, in any order.
    max_enumerated, n_sampled
        As in :func:`set_of_space`.
    seed : int, optional
        That of the design when absent; it matters only where the set is sampled.

    Raises
    ------
    InputError
        The clusters do not fit the design, or no seed was declared or given.
    AssumptionError
        The restrictions leave no allocation.
    """
    frame = cluster_frame(clusters, cluster_column=design.cluster)
    used = seed_of(design, seed)
    declared = declared_space(design, frame, seed=used, max_enumerated=max_enumerated)
    return set_of_space(
        declared.space,
        max_enumerated=max_enumerated,
        n_sampled=n_sampled,
        seed=[used, SAMPLE_STREAM],
    )


def seed_of(design: TrialDesign, seed: int | None) -> int:
    """The seed given, else the seed declared.

    Raises
    ------
    InputError
        Neither is there, or the seed is negative.
    """
    used = design.seed if seed is None else seed
    if used is None:
        raise InputError("no seed: declare one in the design (seed: 20260315), or give --seed")
    if used < 0:
        raise InputError(f"seed {used}: give a whole number that is not negative")
    return used
