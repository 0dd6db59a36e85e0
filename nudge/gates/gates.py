"""All gates, in the order in which a manager meets them."""

from nudge.gates import (
    aggregation_floor,
    completeness,
    consent,
    consort_items,
    dates_and_waves,
    detectable_effect,
    ethics,
    frequency_cap,
    intervention_description,
    legal_block,
    message_texts,
    norm_figures,
    zones,
)
from nudge.gates.gate import GateContext, GateResult

_CHECKS = (
    completeness.check,
    ethics.check,
    message_texts.check,
    legal_block.check,
    consent.check,
    frequency_cap.check,
    aggregation_floor.check,
    norm_figures.check,
    dates_and_waves.check,
    zones.check,
    detectable_effect.check,
    consort_items.check,
    intervention_description.check,
)

# What may have changed between the lock and the draw.
_AT_LAUNCH = (ethics.check, consent.check, frequency_cap.check, zones.check)
# What an amended plan must still meet, whenever it comes.
_AT_AMENDMENT = (
    completeness.check,
    message_texts.check,
    legal_block.check,
    aggregation_floor.check,
    norm_figures.check,
    intervention_description.check,
)


def run_gates(context: GateContext) -> tuple[GateResult, ...]:
    """Return the answer of every gate; a campaign may be locked when all have passed."""
    return tuple(check(context) for check in _CHECKS)


def run_launch_gates(context: GateContext) -> tuple[GateResult, ...]:
    """Return the answers of the gates that a locked campaign passes again before its draw."""
    return tuple(check(context) for check in _AT_LAUNCH)


def run_amendment_gates(context: GateContext) -> tuple[GateResult, ...]:
    """Return the answers of the gates that an amended plan passes."""
    return tuple(check(context) for check in _AT_AMENDMENT)
