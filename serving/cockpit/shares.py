"""Shares shown with what they rest on: numbers, interval, response rate."""

import math
from dataclasses import dataclass

import polars as pl

from serving.cockpit.breakdown import Breakdown, Filter, breakdown, kept

Z95 = 1.959964
# Fewer opinions make no mean: one more would change it by a visible amount.
FEWEST_OPINIONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share and its 95 % Wilson interval, all in [0, 1]; None where a count is hidden.

    Attributes
    ----------
    n, of
        Numerator and denominator.
    share, low, high
        Share and interval.
    """

    n: int | None
    of: int | None
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """What citizens say, never without how many were asked.

    Attributes
    ----------
    response_rate
        Opinions among conversations: who answers is not drawn at random.
    mean, low, high
        Mean rating from 1 to 5 and its 95 % interval; None under 10 opinions.
    opinions
        Ratings that the mean rests on; None where it is not shown.
    """

    response_rate: Share
    mean: float | None
    low: float | None
    high: float | None
    opinions: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Containment:
    """Conversations without a person, never without how many were resolved.

    Attributes
    ----------
    contained
        Conversations that no person followed; a conversation given up is one too.
    resolved
        Among those that were contained and told whether it was: resolved at the first contact.
    response_rate
        Contained conversations that told; None where ``contained`` is withheld.
    """

    contained: Share | None
    resolved: Share | None
    response_rate: Share | None


def share_of(told: Breakdown, value: str) -> Share:
    """Return the share of one value in a breakdown."""
    return wilson(told.n(value), told.total)


def wilson(n: int | None, of: int | None) -> Share:
    """Return a share with its Wilson interval; empty where a count is hidden or nothing counts."""
    if n is None or not of:
        return Share(n=n, of=of, share=None, low=None, high=None)
    share = n / of
    centre = (share + Z95**2 / (2 * of)) / (1 + Z95**2 / of)
    spread = math.sqrt(share * (1 - share) / of + Z95**2 / (4 * of**2))
    half = Z95 * spread / (1 + Z95**2 / of)
    return Share(
        n=n,
        of=of,
        share=round(share, 4),
        low=round(max(0.0, centre - half), 4),
        high=round(min(1.0, centre + half), 4),
    )


def satisfaction(talks: pl.DataFrame, *, answered: str, only: Filter | None) -> Satisfaction:
    """Return the satisfaction with Sophie.

    Parameters
    ----------
    talks
        Conversations counted; see :class:`serving.cockpit.facts.Facts`.
    answered
        Value of ``survey`` of those that gave an opinion.
    only
        Filter.
    """
    rate = share_of(breakdown(talks, "survey", only=only), answered)
    rows = kept(talks, only)
    n = int(rows["ratings"].sum())
    if rate.n is None or rate.of is None or n < FEWEST_OPINIONS:
        return Satisfaction(response_rate=rate, mean=None, low=None, high=None, opinions=None)
    mean = rows["rating_sum"].sum() / n
    variance = max(0.0, (rows["rating_squares"].sum() - n * mean**2) / (n - 1))
    half = Z95 * math.sqrt(variance / n)
    return Satisfaction(
        response_rate=rate,
        mean=round(mean, 2),
        low=round(max(1.0, mean - half), 2),
        high=round(min(5.0, mean + half), 2),
        opinions=n,
    )


def containment(talks: pl.DataFrame, *, alone: str, only: Filter | None) -> Containment:
    """Return the containment; withheld whole where too few told whether it was resolved.

    Parameters
    ----------
    talks
        Conversations counted; see :class:`serving.cockpit.facts.Facts`.
    alone
        Value of ``outcome`` of those that no person followed.
    only
        Filter.
    """
    contained = share_of(breakdown(talks, "outcome", only=only), alone)
    rows = kept(talks, only)
    told, resolved = int(rows["told_alone"].sum()), int(rows["resolved_alone"].sum())
    if contained.n is None or told < FEWEST_OPINIONS:
        return Containment(contained=None, resolved=None, response_rate=None)
    return Containment(
        contained=contained,
        # The counts behind this share are not shown: a few citizens may stand behind them.
        resolved=_uncounted(wilson(resolved, told)),
        response_rate=_uncounted(wilson(told, contained.n)),
    )


def _uncounted(share: Share) -> Share:
    return Share(n=None, of=None, share=share.share and round(share.share, 2),
                 low=share.low and round(share.low, 2),
                 high=share.high and round(share.high, 2))  # fmt: skip
