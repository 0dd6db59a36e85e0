"""The admissible allocations as rules: a scheme, units of randomisation and restrictions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from experiments.design.adjacency import ContactRestriction
from experiments.design.constrained_randomisation import BalanceRestriction
from experiments.design.enumeration import count_allocations, enumerate_allocations
from experiments.design.randomisation import (
    Codes,
    Integers,
    RandomisationScheme,
    sample_allocations,
)
from experiments.errors import AssumptionError, InputError

MAX_ENUMERATED = 50_000
N_SAMPLED = 20_000
# Rejection sampling gives up below one accepted draw in this many.
MOST_DRAWS_PER_ACCEPTED = 200
# A smaller sample cannot stand for the set.
FEWEST_SAMPLED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationSpace:
    """Rules that a drawn allocation meets; every allocation that meets them is equally likely.

    Attributes
    ----------
    clusters
        Cluster labels, length G.
    arms
        Arm labels, the control first.
    scheme
        Strata and arm counts of the units of randomisation.
    unit_of_cluster
        Unit of each cluster, shape (G,); clusters of one unit always share an arm.
    balance, contacts
        Restrictions on the allocation of clusters; None where there is none.
    units_per_arm
        Least and greatest number of units in any arm over all strata; None where the scheme
        alone decides.
    """

    clusters: tuple[str, ...]
    arms: tuple[str, ...]
    scheme: RandomisationScheme
    unit_of_cluster: Integers
    balance: BalanceRestriction | None = None
    contacts: ContactRestriction | None = None
    units_per_arm: tuple[int, int] | None = None

    @property
    def restricted(self) -> bool:
        """Whether some allocations of the scheme are inadmissible."""
        rules = (self.balance, self.contacts, self.units_per_arm)
        return any(rule is not None for rule in rules)

    def admits(self, allocations: Codes) -> npt.NDArray[np.bool_]:
        """Mask of the rows of ``allocations``, shape (n, G), that meet the restrictions."""
        mask = np.ones(len(allocations), dtype=np.bool_)
        if self.units_per_arm is not None:
            units = allocations[:, np.unique(self.unit_of_cluster, return_index=True)[1]]
            low, high = self.units_per_arm
            for arm in range(len(self.arms)):
                count = (units == arm).sum(axis=1)
                mask &= (count >= low) & (count <= high)
        if self.contacts is not None:
            mask &= self.contacts.admits(allocations)
        if self.balance is not None:
            mask &= self.balance.admits(allocations, n_arms=len(self.arms))
        return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAllocations:
    """Allocations of a space: all of them, or a uniform sample.

    Attributes
    ----------
    allocations
        Arm codes, shape (A, G), int8.
    enumerated
        True when the rows are the whole space.
    size
        Number of admissible allocations, estimated by the accepted share when not enumerated.
    """

    allocations: Codes
    enumerated: bool
    size: float


def list_allocations(
    space: AllocationSpace,
    *,
    max_enumerated: int = MAX_ENUMERATED,
    n_sampled: int = N_SAMPLED,
    rng: np.random.Generator,
) -> ListedAllocations:
    """Every admissible allocation when the scheme has few, a uniform sample otherwise.

    Parameters
    ----------
    space : AllocationSpace
        Rules.
    max_enumerated : int
        Largest number of allocations of the scheme, before restrictions, that is enumerated.
    n_sampled : int
        Independent draws wanted otherwise; fewer, but a thousand at least, come back where
        restrictions admit few.
    rng : numpy.random.Generator
        Source of randomness; unused when the space is enumerated.

    Raises
    ------
    AssumptionError
        No allocation is admissible, or too few were met in the draws allowed.
    """
    total = count_allocations(space.scheme)
    if total <= max_enumerated:
        return _enumerated(space, total)
    most_draws = MOST_DRAWS_PER_ACCEPTED * n_sampled
    accepted: list[Codes] = []
    found = drawn = 0
    batch = n_sampled
    while found < n_sampled and drawn < most_draws:
        draws = _of_clusters(space, sample_allocations(space.scheme, n_draws=batch, rng=rng))
        kept = draws[space.admits(draws)] if space.restricted else draws
        accepted.append(kept)
        found, drawn = found + len(kept), drawn + batch
        batch = int(np.clip(drawn / max(found, 1) * (n_sampled - found), 1_000, 10 * n_sampled))
    if found < min(n_sampled, FEWEST_SAMPLED):
        if total <= most_draws:
            return _enumerated(space, total)
        raise _too_restricted(f"only {found} of {drawn} allocations drawn at random meet")
    return ListedAllocations(
        allocations=(accepted[0] if len(accepted) == 1 else np.concatenate(accepted))[:n_sampled],
        enumerated=False,
        size=_as_float(total) * (found / drawn),
    )


def _of_clusters(space: AllocationSpace, arms_of_units: Codes) -> Codes:
    """Arm codes of the clusters; the array itself where each cluster is its own unit."""
    own = np.arange(arms_of_units.shape[1])
    if np.array_equal(space.unit_of_cluster, own):
        return arms_of_units
    return arms_of_units[:, space.unit_of_cluster]


def _as_float(count: int) -> float:
    try:
        return float(count)
    except OverflowError:
        return math.inf


def _enumerated(space: AllocationSpace, total: int) -> ListedAllocations:
    every = _of_clusters(space, enumerate_allocations(space.scheme))
    kept = every[space.admits(every)]
    if len(kept) == 0:
        raise _too_restricted(f"none of the {total} allocations meets")
    return ListedAllocations(allocations=kept, enumerated=True, size=float(len(kept)))


def _too_restricted(which: str) -> AssumptionError:
    return AssumptionError(
        f"{which} the restrictions: raise the threshold or share kept, or the number of contacts "
        "allowed between neighbours, or merge neighbours with the rule no_adjacent_arms"
    )


def conditional_space(
    space: AllocationSpace, observed: Codes, *, groups: Sequence[Sequence[int]]
) -> AllocationSpace:
    """The part of a space that keeps each cluster within the group of arms it was drawn into.

    Parameters
    ----------
    space : AllocationSpace
        Rules of the whole draw.
    observed : array of int8, shape (G,)
        The allocation drawn.
    groups : sequence of sequences of int
        A partition of the arms; a group of one arm holds its clusters as observed.

    Raises
    ------
    InputError
        The observed allocation cannot come from this space.
    """
    first = np.unique(space.unit_of_cluster, return_index=True)[1]
    units = np.asarray(observed, dtype=np.int64)[first]
    if np.any(units[space.unit_of_cluster] != observed):
        raise InputError("the observed allocation parts clusters that are drawn together")
    group_of_arm = np.empty(len(space.arms), dtype=np.int64)
    for group, arms in enumerate(groups):
        group_of_arm[list(arms)] = group
    held = group_of_arm[units]
    pairs = space.scheme.stratum_codes * len(groups) + held
    cells, stratum_codes = np.unique(pairs, return_inverse=True)
    counts = []
    for cell in cells.tolist():
        stratum, group = divmod(cell, len(groups))
        here = space.scheme.stratum_codes == stratum
        totals = np.bincount(held[here], minlength=len(groups))
        options = np.array(space.scheme.arm_counts[stratum])
        by_group = np.stack(
            [options[:, group_of_arm == index].sum(axis=1) for index in range(len(groups))], axis=1
        )
        possible = options[(by_group == totals).all(axis=1)]
        if len(possible) == 0:
            raise InputError("the observed allocation has arm counts the design cannot give")
        projected = np.where(group_of_arm == group, possible, 0)
        counts.append(tuple(tuple(row) for row in np.unique(projected, axis=0).tolist()))
    scheme = RandomisationScheme(
        stratum_codes=stratum_codes.astype(np.int64), arm_counts=tuple(counts)
    )
    return replace(space, scheme=scheme)


def reordered_space(
    space: AllocationSpace, *, clusters: Sequence[str], arms: Sequence[str]
) -> AllocationSpace:
    """The same rules with clusters and arms listed in another order."""
    order = np.array([space.clusters.index(label) for label in clusters], dtype=np.int64)
    old_arms = [space.arms.index(label) for label in arms]
    counts = tuple(
        tuple(tuple(row[arm] for arm in old_arms) for row in options)
        for options in space.scheme.arm_counts
    )
    balance, contacts = space.balance, space.contacts
    if balance is not None:
        balance = replace(balance, covariates=balance.covariates[order])
    if contacts is not None:
        contacts = replace(contacts, edges=np.argsort(order)[contacts.edges])
    return replace(
        space,
        clusters=tuple(clusters),
        arms=tuple(arms),
        scheme=replace(space.scheme, arm_counts=counts),
        unit_of_cluster=space.unit_of_cluster[order],
        balance=balance,
        contacts=contacts,
    )
