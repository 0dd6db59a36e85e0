"""The size of effect that the levers of a campaign make plausible, in the outcome's unit."""

from dataclasses import dataclass

from nudge.campaign.campaign import Campaign
from nudge.levers.catalogue import levers
from nudge.levers.plausible_effect import detectable_against_evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausible:
    """Plausible sizes of an effect, without sign, in the outcome's unit; source in French."""

    low: float
    high: float
    source: str


def plausible_of(campaign: Campaign) -> Plausible | None:
    """Return what the campaign's own expectation, else its levers' evidence, makes plausible.

    With several levers the range is that of the smallest. None where the campaign has neither
    a known lever nor the settings to turn per cents into the outcome's unit.
    """
    power, outcome = campaign.power, campaign.outcomes[0]
    if power is None:
        return None
    if power.plausible is not None:
        size = abs(power.plausible)
        return Plausible(low=size, high=size, source="effet_plausible de la campagne")
    known = levers()
    named = [known[arm.lever] for arm in campaign.nudged if arm.lever and arm.lever in known]
    found = [
        detectable_against_evidence(lever, campaign.family, share=outcome.is_share)
        for lever in named
    ]
    if not found:
        return None
    least = min(found, key=lambda one: one.low)
    scale = 1.0 if outcome.is_share else abs(power.level)
    return Plausible(
        low=scale * least.low / 100, high=scale * least.high / 100, source=least.source
    )
