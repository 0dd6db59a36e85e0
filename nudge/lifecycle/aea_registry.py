"""Fields of the AEA RCT registry (socialscienceregistry.org), as JSON."""

import json
from typing import Any

from nudge.gates.consort_items import consort_items
from nudge.lifecycle.registered_plan import RegisteredPlan

COUNTRY = "France"


def aea_fields(plan: RegisteredPlan) -> dict[str, Any]:
    """Return the registry's fields by name; texts are in the language of the plan."""
    campaign = plan.campaign
    outcome = campaign.outcomes[0]
    return {
        "title": campaign.shown_title,
        "country": COUNTRY,
        "primary_investigator": campaign.manager,
        "status": "in_development",
        "keywords": [
            campaign.family,
            "nudge",
            *(arm.lever for arm in campaign.nudged if arm.lever),
        ],
        "abstract": campaign.objective,
        "trial_start_date": min(wave.start for wave in campaign.waves).isoformat(),
        "trial_end_date": max(wave.end for wave in campaign.waves).isoformat(),
        "intervention_start_date": campaign.start.isoformat(),
        "intervention_end_date": campaign.end.isoformat(),
        "interventions": plan.interventions,
        "primary_outcomes": outcome.label,
        "primary_outcomes_explanation": _explained(plan),
        "secondary_outcomes": [one.label for one in campaign.outcomes[1:]],
        "experimental_design": next(
            item.answer for item in consort_items(campaign) if item.number == "3a"
        ),
        "randomization_method": plan.method,
        "randomization_unit": plan.unit,
        "was_the_treatment_clustered": True,
        "planned_number_of_clusters": plan.n_zones,
        "planned_number_of_observations": plan.observations,
        "sample_size_by_treatment_arms": plan.sizes,
        "minimum_detectable_effect_size": plan.detectable,
        "irb_name": campaign.ethics.reviewed_by,
        "irb_approval_date": None
        if campaign.ethics.reviewed_on is None
        else campaign.ethics.reviewed_on.isoformat(),
        "analysis_plan": plan.analysis,
        "analysis_plan_sha256": plan.plan_sha256,
        "plan_locked_at": plan.locked_at,
    }


def aea_json(plan: RegisteredPlan) -> str:
    """Return :func:`aea_fields` as JSON text."""
    return json.dumps(aea_fields(plan), ensure_ascii=False, indent=2) + "\n"


def _explained(plan: RegisteredPlan) -> str:
    outcome = plan.campaign.outcomes[0]
    counted = f"un {outcome.counted} compte pour un" if outcome.is_share else outcome.unit
    caution = f" {outcome.caution}" if outcome.caution else ""
    return f"Instrument {outcome.instrument} ; {counted}.{caution}"
