"""What an estimate lets one conclude, in the direction of improvement and after correction."""

from dataclasses import dataclass
from typing import Literal

from experiments.analysis.effect_estimate import EffectEstimate
from nudge.analysis.result import CampaignResult, OutcomeResult
from nudge.campaign.campaign import Campaign
from nudge.outcomes.catalogue import OUTCOMES
from nudge.outcomes.outcome import Outcome

Verdict = Literal["benefit", "harm", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Conclusion on one arm and outcome.

    Attributes
    ----------
    arm
        Identifier of the nudged arm.
    estimate
        The planned estimator's difference.
    gain, gain_low, gain_high
        The same with improvement positive, whatever the outcome's direction.
    verdict
        ``"benefit"`` or ``"harm"`` when the interval lies on one side of zero and the corrected
        p-value, if any, stays below one minus the level; ``"open"`` otherwise.
    lost_by_correction
        Whether the interval alone excludes zero, but not the corrected test.
    """

    arm: str
    estimate: EffectEstimate
    gain: float
    gain_low: float
    gain_high: float
    verdict: Verdict
    lost_by_correction: bool


def arm_of(contrast: str) -> str:
    """Return the nudged arm of ``"arm vs control"``."""
    return contrast.split(" vs ", maxsplit=1)[0]


def arm_title(campaign: Campaign, identifier: str) -> str:
    """Return the title of an arm, its identifier where the campaign does not know it."""
    titles = {arm.identifier: arm.title for arm in campaign.arms}
    return titles.get(identifier, identifier)


def compares(result: CampaignResult) -> bool:
    """Whether the result may speak of an effect: a comparison and evidence grade A or B."""
    return result.grade in {"A", "B"} and bool(result.primary.estimates)


def conclude(outcome: Outcome, estimate: EffectEstimate) -> Conclusion:
    """Conclude on one estimate of an outcome's difference."""
    low, high = estimate.ci_low, estimate.ci_high
    if not outcome.higher_is_better:
        low, high = -high, -low
    excludes = low > 0 or high < 0
    corrected = estimate.p_adjusted
    holds = corrected is None or corrected <= 1 - estimate.level
    verdict: Verdict = "open"
    if excludes and holds:
        verdict = "benefit" if low > 0 else "harm"
    return Conclusion(
        arm=arm_of(estimate.contrast),
        estimate=estimate,
        gain=estimate.estimate if outcome.higher_is_better else -estimate.estimate,
        gain_low=low,
        gain_high=high,
        verdict=verdict,
        lost_by_correction=excludes and not holds,
    )


def conclusions(found: OutcomeResult) -> tuple[Conclusion, ...]:
    """Conclude on every nudged arm of an outcome."""
    outcome = OUTCOMES[found.outcome]
    return tuple(conclude(outcome, estimate) for estimate in found.estimates)
