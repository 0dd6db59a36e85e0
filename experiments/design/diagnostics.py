"""What the set of admissible allocations can and cannot support."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from experiments.design.allocation_set import AllocationSet, conditional_set
from experiments.design.allocation_space import AllocationSpace
from experiments.design.randomisation import Codes, multinomial

Floats = npt.NDArray[np.float64]

# Two clusters whose chance of sharing an arm falls under this part of what it would be without
# restrictions are reported, as are those whose chance of being apart does.
LEAST_SHARE_OF_EXPECTED = 0.25
# A cluster's chance of an arm may move this far from the ratio before it is reported.
MOST_DRIFT = 0.05
MOST_NAMED = 6


def diagnose(
    allocation_set: AllocationSet, level: float, *, observed: Codes | None = None
) -> tuple[str, ...]:
    """Warnings on a set of allocations; empty when it supports a test at the level.

    Reported are: too few allocations for the level, contrast by contrast; clusters always or
    never together though the scheme alone would not force it, which makes a constrained design
    invalid or fragile (Moulton 2004, Clinical Trials 1:297); chances of being together, or of
    an arm, that restrictions have bent; arm totals that vary from one allocation to another.

    Parameters
    ----------
    allocation_set : AllocationSet
        Set to examine.
    level : float
        Intended significance level, two-sided.
    observed : array of int8, shape (G,), optional
        The allocation drawn, which contrasts among several arms are conditioned on; the first
        row when absent.
    """
    codes = allocation_set.allocations[0] if observed is None else observed
    warnings = _too_few(allocation_set, codes, level=level)
    if allocation_set.space is not None:
        warnings += _bent_pairs(allocation_set, allocation_set.space)
        warnings += _bent_arms(allocation_set, allocation_set.space)
    totals = _arm_totals(allocation_set)
    for arm, (low, high) in enumerate(zip(totals.min(axis=0), totals.max(axis=0), strict=True)):
        if high - low > max(2, 0.2 * totals[:, arm].mean()):
            warnings.append(
                f"the arm {allocation_set.arms[arm]} gets {low} to {high} clusters depending on "
                "the draw: fewer or even strata, or units of like size, would steady it"
            )
    return tuple(warnings)


def least_p_value(allocation_set: AllocationSet) -> float:
    """Smallest two-sided p-value that a set of two moving arms can give.

    Two allocations reach it where the set holds the mirror image of every allocation, one
    otherwise.
    """
    rows = np.unique(allocation_set.allocations, axis=0)
    moving = np.flatnonzero((rows != rows[0]).any(axis=0))
    if len(moving) == 0:
        return 1.0
    arms = np.unique(rows[:, moving])
    if not allocation_set.enumerated:
        return min(1.0, 2 / max(allocation_set.size, 2.0))
    if len(arms) != 2:
        return 1 / len(rows)
    moved = rows[:, moving]
    mirrored = np.where(moved == arms[0], arms[1], arms[0])
    both = np.unique(np.concatenate([moved, mirrored]), axis=0)
    return (2 if len(both) == len(rows) else 1) / len(rows)


def _too_few(allocation_set: AllocationSet, observed: Codes, *, level: float) -> list[str]:
    control, *others = allocation_set.arms
    warnings = []
    for arm in others:
        contrast = conditional_set(allocation_set, observed, arm=arm, control=control)
        least = least_p_value(contrast)
        if least > level:
            warnings.append(
                f"{arm} against {control}: {contrast.size:.0f} admissible allocations, so that no "
                f"randomisation test can give p under {least:.3g} (intended level {level:g}): add "
                "clusters, keep a larger share, or merge strata"
            )
    return warnings


def co_assignment(allocations: Codes) -> Floats:
    """Share of allocations in which two clusters are in the same arm, shape (G, G)."""
    together = np.zeros((allocations.shape[1],) * 2)
    for arm in np.unique(allocations):
        member = (allocations == arm).astype(np.float32)
        together += member.T @ member
    return np.asarray(together / len(allocations))


def expected_assignment(space: AllocationSpace) -> tuple[Floats, Floats]:
    """What the scheme alone gives, restrictions set aside.

    Returns
    -------
    arm_shares : array, shape (G, arms)
        Chance of each arm for each cluster.
    together : array, shape (G, G)
        Chance that two clusters share an arm.
    """
    scheme = space.scheme
    shares = np.empty((len(scheme.arm_counts), scheme.n_arms))
    within = np.empty(len(scheme.arm_counts))
    for stratum, options in enumerate(scheme.arm_counts):
        ways = np.array([float(multinomial(counts)) for counts in options])
        weights = ways / ways.sum()
        counts = np.array(options, dtype=np.float64)
        size = counts[0].sum()
        shares[stratum] = weights @ counts / size
        within[stratum] = (
            weights @ (counts * (counts - 1)).sum(axis=1) / max(size * (size - 1), 1.0)
        )
    stratum_of = scheme.stratum_codes[space.unit_of_cluster]
    arm_shares = shares[stratum_of]
    together = arm_shares @ arm_shares.T
    same_stratum = stratum_of[:, None] == stratum_of
    together = np.where(same_stratum, within[stratum_of][:, None], together)
    same_unit = space.unit_of_cluster[:, None] == space.unit_of_cluster
    return arm_shares, np.where(same_unit, 1.0, together)


def _bent_pairs(allocation_set: AllocationSet, space: AllocationSpace) -> list[str]:
    if space.balance is None and space.contacts is None:
        return []
    expected = expected_assignment(space)[1]
    found = co_assignment(allocation_set.allocations)
    free = np.triu((expected > 0) & (expected < 1), k=1)
    always = free & (found == 1)
    never = free & (found == 0)
    rarely = free & ~never & (found < LEAST_SHARE_OF_EXPECTED * expected)
    mostly = free & ~always & (1 - found < LEAST_SHARE_OF_EXPECTED * (1 - expected))
    mend = "loosen the restrictions"
    told = (
        (always, f"are in the same arm in every admissible allocation: {mend}"),
        (never, f"are never in the same arm: {mend}"),
        (mostly, "are nearly always in the same arm"),
        (rarely, "are hardly ever in the same arm"),
    )
    return [
        f"{_named(allocation_set.clusters, pairs)} {text}" for pairs, text in told if pairs.any()
    ]


def _named(clusters: Sequence[str], pairs: npt.NDArray[np.bool_]) -> str:
    places = np.argwhere(pairs)
    names = [f"{clusters[one]} and {clusters[other]}" for one, other in places[:MOST_NAMED]]
    more = len(places) - len(names)
    return "; ".join(names) + (f"; and {more} more pairs" if more else "")


def _bent_arms(allocation_set: AllocationSet, space: AllocationSpace) -> list[str]:
    expected = expected_assignment(space)[0]
    found = np.stack(
        [
            (allocation_set.allocations == arm).mean(axis=0)
            for arm in range(len(allocation_set.arms))
        ],
        axis=1,
    )
    error = np.sqrt(expected * (1 - expected) / len(allocation_set.allocations))
    chance = 0.0 if allocation_set.enumerated else 4 * error
    drift = np.abs(found - expected)
    bent = np.flatnonzero((drift > MOST_DRIFT + chance).any(axis=1))
    if len(bent) == 0:
        return []
    names = ", ".join(allocation_set.clusters[place] for place in bent[:MOST_NAMED])
    more = f" and {len(bent) - MOST_NAMED} more" if len(bent) > MOST_NAMED else ""
    return [
        f"clusters have unequal chances of an arm under the restrictions ({names}{more}; up to "
        f"{drift.max():.0%} from the ratio): weight clusters by the inverse of their chances, or "
        "loosen the restrictions"
    ]


def _arm_totals(allocation_set: AllocationSet) -> npt.NDArray[np.int64]:
    arms = range(len(allocation_set.arms))
    return np.stack([(allocation_set.allocations == arm).sum(axis=1) for arm in arms], axis=1)
