"""The stop rule on outcomes: has the nudge made things worse, by the locked estimator alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate
from nudge.analysis.outcome_result import analyse_outcome
from nudge.analysis.trial_context import TrialContext
from nudge.campaign.wave import Wave

Verdict = Literal["alerte", "exclue", "non_exclue", "impossible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoomerangCheck:
    """Answer of the stop rule on the primary outcome; effects themselves stay hidden.

    Attributes
    ----------
    verdict
        ``"alerte"``: in at least one arm the whole interval of the degradation lies beyond the
        threshold; ``"exclue"``: in every arm a degradation of the threshold's size is excluded;
        ``"non_exclue"``: neither; ``"impossible"``: the locked estimator gives nothing yet.
    waves
        Closed follow-up waves that were read.
    """

    verdict: Verdict
    waves: tuple[str, ...]


def closed_waves(waves: Sequence[Wave], *, today: date) -> tuple[Wave, ...]:
    """Return the waves whose last day is past."""
    return tuple(wave for wave in waves if wave.end < today)


def check_boomerang(
    context: TrialContext, observations: pd.DataFrame, *, today: date, threshold: float
) -> BoomerangCheck:
    """Apply the stop rule to the follow-up waves that are closed.

    Parameters
    ----------
    context
        Who is compared with whom.
    observations
        Rows of the primary outcome's instrument.
    today
        Day of the check.
    threshold
        Degradation of the primary outcome, in its unit, above 0.
    """
    campaign = context.campaign
    outcome = campaign.outcomes[0]
    closed = closed_waves(campaign.follow_up_waves, today=today)
    measured = set(observations["vague"].dropna())
    closed = tuple(wave for wave in closed if wave.name in measured)
    if not closed or campaign.control is None:
        return BoomerangCheck(verdict="impossible", waves=())
    cut = campaign.model_copy(update={"waves": (*campaign.baseline_waves, *closed)})
    found = analyse_outcome(
        TrialContext(
            campaign=cut,
            zones=context.zones,
            arms=context.arms,
            strata=context.strata,
            block=context.block,
            draw=context.draw,
        ),
        outcome,
        observations,
        primary=False,
    ).result.estimates
    sign = -1.0 if outcome.higher_is_better else 1.0
    return BoomerangCheck(
        verdict=verdict(found, sign=sign, threshold=threshold),
        waves=tuple(wave.name for wave in closed),
    )


def verdict(estimates: Sequence[EffectEstimate], *, sign: float, threshold: float) -> Verdict:
    """Return the answer of the rule.

    Parameters
    ----------
    estimates
        Differences to the control arm with their intervals.
    sign
        -1 where higher values are better, so that ``sign * estimate`` is the degradation.
    threshold
        Degradation that matters.
    """
    if not estimates:
        return "impossible"
    bounds = [sorted((sign * one.ci_low, sign * one.ci_high)) for one in estimates]
    if any(low >= threshold for low, _ in bounds):
        return "alerte"
    return "exclue" if all(high < threshold for _, high in bounds) else "non_exclue"
