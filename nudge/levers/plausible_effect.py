"""The size that a lever plausibly has on a family, to hold a detectable effect against."""

from typing import NamedTuple

from nudge.levers.anchors import ACADEMIC_JOURNALS, ANCHOR_SOURCE, NUDGE_UNITS
from nudge.levers.lever import Family, Lever


class PlausibleRange(NamedTuple):
    """Plausible sizes of an effect, without sign, and where they come from (French)."""

    low: float
    high: float
    source: str


def plausible_range(lever: Lever, family: Family, *, share: bool = True) -> PlausibleRange | None:
    """Return the range that verified evidence gives a lever on a family, None without any.

    Parameters
    ----------
    lever
        Lever.
    family
        Outcome family.
    share
        True for outcomes that are shares, in points; False for others, in per cent of the
        control level.
    """
    unit = "points" if share else "%"
    for effect in lever.plausible_effects:
        if effect.family == family and effect.unit == unit:
            return PlausibleRange(effect.low, effect.high, effect.source)
    return None


def detectable_against_evidence(
    lever: Lever, family: Family, *, share: bool = True
) -> PlausibleRange:
    """Return the range to hold a minimum detectable effect against.

    Parameters
    ----------
    lever
        Lever of the campaign.
    family
        Family of the primary outcome.
    share
        True for outcomes that are shares, in points; False for others, in per cent of the
        control level.

    Returns
    -------
    PlausibleRange
        The lever's own verified range; where there is none, as for sorting quality, the
        literature anchors 1.4 and 8.7 points (8.0 and 33.4 %), the source saying so.
    """
    own = plausible_range(lever, family, share=share)
    if own is not None:
        return own
    low, high = (
        (NUDGE_UNITS.points, ACADEMIC_JOURNALS.points)
        if share
        else (NUDGE_UNITS.percent, ACADEMIC_JOURNALS.percent)
    )
    source = f"aucune étude vérifiée propre à ce levier ; tous nudges confondus : {ANCHOR_SOURCE}"
    return PlausibleRange(low, high, source)
