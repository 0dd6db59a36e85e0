"""One effect a campaign, in the direction of improvement, for a portfolio."""

import math
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from experiments.analysis.effect_estimate import EffectEstimate
from nudge.analysis.result import CampaignResult, Grade
from nudge.outcomes.catalogue import OUTCOMES
from nudge.outcomes.outcome import Family, Kind
from nudge.report.conclusion import Conclusion, compares, conclusions

SEVERAL_ARMS = (
    "plusieurs groupes partagent un témoin : moyenne de leurs écarts, avec l'erreur type la plus "
    "prudente"
)
NO_CAUSE = "pas de comparaison solide : listée, jamais combinée"
NO_ERROR = "précision inconnue : listée, pas combinée"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeScale:
    """What two campaigns must share to be pooled.

    Attributes
    ----------
    family, kind, unit
        Of the primary outcome; an empty unit is a share, told in points.
    simulation
        Simulated campaigns are never mixed with real ones.
    """

    family: Family
    kind: Kind
    unit: str
    simulation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEffect:
    """Effect of a campaign on its primary outcome.

    Attributes
    ----------
    identifier, title
        Of the campaign; the title says SIMULATION where it must.
    outcome
        Name of the primary outcome.
    grade
        Evidence grade.
    scale
        What it may be pooled with.
    gain, gain_low, gain_high
        Improvement positive, in the outcome's unit (shares in [0, 1]); None without a comparison.
    std_error
        None where it may not be pooled.
    change
        Observed change of a campaign without comparison, improvement positive.
    note
        French remark on how it was made or why it is not pooled; empty where there is none.
    """

    identifier: str
    title: str
    outcome: str
    grade: Grade
    scale: OutcomeScale
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    std_error: float | None
    change: float | None
    note: str

    @property
    def poolable(self) -> bool:
        """Whether it can be pooled with others of its scale."""
        return self.gain is not None and self.std_error is not None


def campaign_effect(result: CampaignResult) -> CampaignEffect:
    """Return the one effect of a campaign; without a comparison only the observed change."""
    outcome = OUTCOMES[result.primary.outcome]
    found = conclusions(result.primary) if compares(result) else ()
    sign: Literal[1, -1] = 1 if outcome.higher_is_better else -1
    before = result.before_after
    gain, low, high, error, note = _averaged(found)
    return CampaignEffect(
        identifier=result.campaign.identifier,
        title=result.campaign.shown_title,
        outcome=outcome.name,
        grade=result.grade,
        scale=OutcomeScale(
            family=outcome.family,
            kind=outcome.kind,
            unit=outcome.unit,
            simulation=result.campaign.simulation,
        ),
        gain=gain,
        gain_low=low,
        gain_high=high,
        std_error=error,
        change=sign * before.difference if before is not None and gain is None else None,
        note=note,
    )


Averaged = tuple[float | None, float | None, float | None, float | None, str]


def _averaged(found: tuple[Conclusion, ...]) -> Averaged:
    """Average over arms, errors and half-widths too, as if arms moved together."""
    if not found:
        return None, None, None, None, NO_CAUSE
    number = len(found)
    gain, low, high = (
        sum(values) / number
        for values in zip(*((one.gain, one.gain_low, one.gain_high) for one in found), strict=True)
    )
    errors = [_standard_error(one.estimate) for one in found]
    known = [error for error in errors if error is not None]
    if len(known) < number:
        return gain, low, high, None, NO_ERROR
    return gain, low, high, sum(known) / number, SEVERAL_ARMS if number > 1 else ""


def _standard_error(estimate: EffectEstimate) -> float | None:
    """Return the standard error, from the interval where the method gives none."""
    if estimate.std_error is not None:
        return estimate.std_error if estimate.std_error > 0 else None
    width = estimate.ci_high - estimate.ci_low
    if not math.isfinite(width) or width <= 0:
        return None
    return width / (2 * float(stats.norm.ppf((1 + estimate.level) / 2)))
