"""The allocations that the declared draw could have given, carried from the draw to the test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.design.allocation_file import SetFields, pack_set, unpack_set
from experiments.design.allocation_space import (
    MAX_ENUMERATED,
    N_SAMPLED,
    AllocationSpace,
    conditional_space,
    list_allocations,
    reordered_space,
)
from experiments.design.randomisation import scheme_from_observed
from experiments.errors import AssumptionError, InputError

# A filtered sample smaller than this cannot carry a p-value at usual levels.
FEWEST_FILTERED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationSet:
    """Admissible allocations of clusters to arms, each equally likely under the design.

    Attributes
    ----------
    clusters
        Cluster labels, length G, in the order of the columns of ``allocations``.
    arms
        Arm labels, the control first; codes in ``allocations`` index them.
    allocations
        One allocation a row, shape (A, G), int8.
    enumerated
        True when the rows are the whole set; False when they are a uniform sample of it.
    size
        Number of admissible allocations (an estimate when ``enumerated`` is False and the
        design is constrained).
    space
        The rules behind the rows, from which more allocations can be drawn; None when only the
        rows are known.
    """

    clusters: tuple[str, ...]
    arms: tuple[str, ...]
    allocations: npt.NDArray[np.int8]
    enumerated: bool
    size: float
    space: AllocationSpace | None = field(default=None, repr=False, compare=False)


def save(
    allocation_set: AllocationSet, path: Path, *, record: Mapping[str, Any] | None = None
) -> None:
    """Write a set and its rules; :func:`load` gives them back.

    Parameters
    ----------
    allocation_set : AllocationSet
        What to write.
    path : Path
        A name ending in ``.npz``.
    record : mapping, optional
        Facts about the draw, as JSON values.
    """
    path.write_bytes(pack_set(_fields(allocation_set), record=record))


def load(path: Path) -> AllocationSet:
    """Read a set written by :func:`save`.

    Raises
    ------
    InputError
        No such file, or not an allocation set.
    """
    return AllocationSet(**unpack_set(path))


def _fields(allocation_set: AllocationSet) -> SetFields:
    return SetFields(
        clusters=allocation_set.clusters,
        arms=allocation_set.arms,
        allocations=allocation_set.allocations,
        enumerated=allocation_set.enumerated,
        size=allocation_set.size,
        space=allocation_set.space,
    )


def reordered(
    allocation_set: AllocationSet, *, clusters: Sequence[str], arms: Sequence[str]
) -> AllocationSet:
    """The same set with clusters and arms in the order of a table of data, rules included.

    Parameters
    ----------
    allocation_set : AllocationSet
        Set of a draw.
    clusters, arms : sequence of str
        The set's labels in another order.

    Raises
    ------
    InputError
        Labels that are not those of the set.
    """
    for name, given, own in (
        ("clusters", clusters, allocation_set.clusters),
        ("arms", arms, allocation_set.arms),
    ):
        if sorted(given) != sorted(own):
            odd = ", ".join(sorted(set(given) ^ set(own))[:6])
            raise InputError(f"{name} differ between the draw and the data: {odd}")
    columns = [allocation_set.clusters.index(label) for label in clusters]
    recode = np.array([list(arms).index(label) for label in allocation_set.arms], dtype=np.int8)
    space = allocation_set.space
    return replace(
        allocation_set,
        clusters=tuple(clusters),
        arms=tuple(arms),
        allocations=recode[allocation_set.allocations[:, columns]],
        space=None if space is None else reordered_space(space, clusters=clusters, arms=arms),
    )


def set_of_space(
    space: AllocationSpace,
    *,
    max_enumerated: int = MAX_ENUMERATED,
    n_sampled: int = N_SAMPLED,
    seed: int | Sequence[int],
) -> AllocationSet:
    """The allocations of a space, enumerated when few and sampled otherwise.

    Parameters
    ----------
    space : AllocationSpace
        Rules of the draw.
    max_enumerated : int
        Largest scheme, counted before restrictions, whose allocations are all listed.
    n_sampled : int
        Rows wanted otherwise.
    seed : int or sequence of int
        Seed of the sample.
    """
    listed = list_allocations(
        space,
        max_enumerated=max_enumerated,
        n_sampled=n_sampled,
        rng=np.random.default_rng(seed),
    )
    return AllocationSet(
        clusters=space.clusters,
        arms=space.arms,
        allocations=listed.allocations,
        enumerated=listed.enumerated,
        size=listed.size,
        space=space,
    )


def observed_allocations(
    arm_codes: npt.NDArray[np.integer],
    *,
    n_arms: int,
    stratum_codes: npt.NDArray[np.integer] | None = None,
    clusters: Sequence[str] | None = None,
    arms: Sequence[str] | None = None,
    max_enumerated: int = MAX_ENUMERATED,
    n_sampled: int = N_SAMPLED,
    seed: int = 0,
) -> AllocationSet:
    """Allocations of an undeclared draw: complete randomisation at the observed arm counts.

    Parameters
    ----------
    arm_codes : array of int, shape (G,)
        Observed arm of each cluster, 0 (control) to ``n_arms - 1``.
    n_arms : int
        Number of arms, two to eight.
    stratum_codes : array of int, shape (G,), optional
        Strata or matched pairs within which clusters were drawn; one stratum when absent.
    clusters, arms : sequence of str, optional
        Labels; positions as text when absent.
    max_enumerated, n_sampled, seed
        As in :func:`set_of_space`.

    Raises
    ------
    InputError
        Codes outside the arms or arrays of unequal length.
    """
    scheme = scheme_from_observed(arm_codes, n_arms=n_arms, stratum_codes=stratum_codes)
    n_clusters = scheme.n_units
    space = AllocationSpace(
        clusters=tuple(clusters) if clusters is not None else _positions(n_clusters),
        arms=tuple(arms) if arms is not None else _positions(n_arms),
        scheme=scheme,
        unit_of_cluster=np.arange(n_clusters),
    )
    if len(space.clusters) != n_clusters or len(space.arms) != n_arms:
        raise InputError("give one label for each cluster and one for each arm")
    return set_of_space(space, max_enumerated=max_enumerated, n_sampled=n_sampled, seed=seed)


def _positions(count: int) -> tuple[str, ...]:
    return tuple(str(place) for place in range(count))


def conditional_set(
    allocation_set: AllocationSet,
    observed: npt.NDArray[np.integer],
    *,
    arm: str,
    control: str,
    max_enumerated: int = MAX_ENUMERATED,
    n_sampled: int = N_SAMPLED,
    seed: int = 0,
) -> AllocationSet:
    """Allocations that move clusters between two arms only, every other arm held as observed.

    The set for a contrast of two arms among several: under the sharp null of no difference
    between the two, outcomes of these allocations are known.

    Parameters
    ----------
    allocation_set : AllocationSet
        The whole set of the draw.
    observed : array of int, shape (G,)
        Arm codes drawn, in the order of ``allocation_set.clusters``.
    arm, control : str
        Labels of the two arms.
    max_enumerated, n_sampled, seed
        As in :func:`set_of_space`, used where the set must be drawn afresh.

    Raises
    ------
    InputError
        Unknown arm labels, the same arm twice, or an allocation that the design cannot give.
    AssumptionError
        Too few rows of a sampled set agree with the other arms and its rules are unknown.
    """
    if arm == control:
        raise InputError(f"the contrast of {arm} with itself: name two arms")
    for label in (arm, control):
        if label not in allocation_set.arms:
            known = ", ".join(allocation_set.arms)
            raise InputError(f"unknown arm {label}: the arms are {known}")
    pair = [allocation_set.arms.index(control), allocation_set.arms.index(arm)]
    others = [[code] for code in range(len(allocation_set.arms)) if code not in pair]
    return conditional_on_groups(
        allocation_set,
        observed,
        groups=[pair, *others],
        max_enumerated=max_enumerated,
        n_sampled=n_sampled,
        seed=seed,
    )


def conditional_on_groups(
    allocation_set: AllocationSet,
    observed: npt.NDArray[np.integer],
    *,
    groups: Sequence[Sequence[int]],
    max_enumerated: int = MAX_ENUMERATED,
    n_sampled: int = N_SAMPLED,
    seed: int = 0,
) -> AllocationSet:
    """Allocations that keep each cluster within the group of arms it was drawn into.

    An enumerated set is filtered, which is exact; a sampled one is drawn afresh from its rules,
    restrictions checked again, so that the condition does not thin it out.

    Parameters
    ----------
    allocation_set, observed, max_enumerated, n_sampled, seed
        As in :func:`conditional_set`.
    groups : sequence of sequences of int
        A partition of the arm codes.

    Raises
    ------
    InputError
        The observed allocation has the wrong length or cannot come from the design.
    AssumptionError
        Too few rows of a sampled set agree and its rules are unknown.
    """
    codes = np.asarray(observed)
    if codes.shape != (len(allocation_set.clusters),):
        raise InputError(
            f"{codes.size} observed arms for {len(allocation_set.clusters)} clusters: give one each"
        )
    codes = codes.astype(np.int8)
    if len(groups) == 1:
        return allocation_set
    if allocation_set.space is not None and not allocation_set.enumerated:
        return set_of_space(
            conditional_space(allocation_set.space, codes, groups=groups),
            max_enumerated=max_enumerated,
            n_sampled=n_sampled,
            seed=seed,
        )
    group_of_arm = np.empty(len(allocation_set.arms), dtype=np.int8)
    for group, members in enumerate(groups):
        group_of_arm[list(members)] = group
    agree = (group_of_arm[allocation_set.allocations] == group_of_arm[codes]).all(axis=1)
    kept = allocation_set.allocations[agree]
    if len(kept) == 0 and allocation_set.enumerated:
        raise InputError("the observed allocation is not one that the design admits")
    if len(kept) < FEWEST_FILTERED and not allocation_set.enumerated:
        raise AssumptionError(
            f"only {len(kept)} sampled allocations hold the other arms as observed: keep the rules "
            "of the draw with the set, or enumerate it"
        )
    rules = allocation_set.space
    return replace(
        allocation_set,
        allocations=kept,
        size=allocation_set.size * len(kept) / len(allocation_set.allocations),
        space=None if rules is None else conditional_space(rules, codes, groups=groups),
    )
