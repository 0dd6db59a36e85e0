"""How much of each arm's effect a zone receives: its own message, or its neighbours'."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.simulation.truth import ArmTruth, Truth

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Arms of the zones and what spills over.

    Attributes
    ----------
    arms
        Identifiers, in the order of the campaign.
    arm : array of int, shape (Z,)
        Place of each zone's arm in ``arms``; -1 for a zone left out of the draw.
    received : array, shape (Z, A)
        Part of each arm's effect that reaches each zone: 1 for its own arm.
    """

    arms: tuple[str, ...]
    arm: Ints
    received: Floats

    @property
    def drawn(self) -> npt.NDArray[np.bool_]:
        """Whether each zone is in an arm, shape (Z,)."""
        return self.arm >= 0


def exposure_of(
    campaign: Campaign,
    zones: pd.DataFrame,
    neighbours: pd.DataFrame,
    allocation: Mapping[str, str],
    truth: Truth,
) -> Exposure:
    """Return the exposure under an allocation.

    Parameters
    ----------
    campaign
        Campaign, for its arms.
    zones, neighbours
        ``zone_id``; ``zone_id`` and ``voisin_id``, symmetric.
    allocation
        Zone to arm identifier; zones left out of the draw, such as buffers, are not in it.
    truth
        For the share that spills over into control zones with a nudged neighbour.

    Raises
    ------
    CampaignError
        A zone is in an arm that the campaign has not.
    """
    arms = tuple(arm.identifier for arm in campaign.arms)
    names = zones["zone_id"].astype(str)
    place = {name: number for number, name in enumerate(arms)}
    unknown = sorted({arm for arm in allocation.values() if arm not in place})
    if unknown:
        raise CampaignError(
            Problem(
                what=f"le tirage nomme un groupe inconnu de la campagne : « {unknown[0]} »",
                mend="comparer le tirage au plan par « pouce campaign verify »",
            )
        )
    codes = names.map(allocation).map(place).fillna(-1).to_numpy(dtype=np.int64)
    received = np.where(codes[:, None] >= 0, np.eye(len(arms))[codes], 0.0)
    control = next((k for k, one in enumerate(campaign.arms) if one.control), None)
    if control is not None and truth.spillover > 0:
        near = _neighbour_counts(names, neighbours, codes, len(arms))
        near[:, control] = 0
        total = near.sum(axis=1)
        reached = (codes == control) & (total > 0)
        received[reached] += truth.spillover * near[reached] / total[reached, None]
    return Exposure(arms=arms, arm=codes, received=received)


def all_in(arms: tuple[str, ...], place: int, n_zones: int) -> Exposure:
    """Return the exposure were every zone in one arm, without spillover."""
    arm = np.full(n_zones, place, dtype=np.int64)
    return Exposure(arms=arms, arm=arm, received=np.eye(len(arms))[arm])


def untouched(arms: tuple[str, ...], n_zones: int) -> Exposure:
    """Return the exposure were no zone to receive anything."""
    return Exposure(
        arms=arms,
        arm=np.full(n_zones, -1, dtype=np.int64),
        received=np.zeros((n_zones, len(arms))),
    )


def strength(arm: ArmTruth, weeks: Floats) -> Floats:
    """Return the part of an arm's effect that is there after some weeks, in [0, 1]."""
    since = weeks - arm.delay
    if arm.half_life is None:
        return np.where(since >= 0, 1.0, 0.0)
    return np.where(since >= 0, np.exp2(-np.maximum(since, 0) / arm.half_life), 0.0)


def strengths(arms: tuple[str, ...], truth: Truth, weeks: Floats) -> Floats:
    """Return the strength of each arm in each zone, shape (Z, A)."""
    nothing = ArmTruth()
    return np.column_stack([strength(truth.arms.get(name, nothing), weeks) for name in arms])


def _neighbour_counts(
    names: pd.Series, neighbours: pd.DataFrame, codes: Ints, n_arms: int
) -> Floats:
    place = {name: row for row, name in enumerate(names)}
    one = neighbours["zone_id"].astype(str).map(place)
    other = neighbours["voisin_id"].astype(str).map(place)
    both = (one.notna() & other.notna()).to_numpy()
    rows, near = (found.to_numpy()[both].astype(np.int64) for found in (one, other))
    counts = np.zeros((len(names), n_arms))
    drawn = codes[near] >= 0
    np.add.at(counts, (rows[drawn], codes[near[drawn]]), 1.0)
    return counts
