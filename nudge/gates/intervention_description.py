"""Gate: every nudge is described so that others could do it again (TIDieR)."""

from nudge.campaign.arm import Arm
from nudge.campaign.tidier import Tidier
from nudge.errors import Problem
from nudge.french.numbers import count
from nudge.gates.gate import GateContext, GateResult, reason

# Items 10 and 12 are written during and after the campaign.
BEFORE_START = (
    "name",
    "why",
    "materials",
    "procedures",
    "provider",
    "how",
    "where",
    "when",
    "tailoring",
    "fidelity_planned",
)


def check(context: GateContext) -> GateResult:
    """Refuse nudged arms without a TIDieR description, or with an empty item of the plan."""
    reasons = [problem for arm in context.campaign.nudged for problem in _arm(arm)]
    described = count(len(context.campaign.nudged), "nudge décrit", "nudges décrits")
    return GateResult(
        name="intervention_description",
        title="Description des nudges (TIDieR)",
        reasons=tuple(reasons),
        facts=() if reasons else (f"{described} en dix éléments.",),
    )


def _arm(arm: Arm) -> list[Problem]:
    field = f"groupes, {arm.identifier}, tidier"
    if arm.tidier is None:
        return [
            reason(
                "description TIDieR absente",
                "la remplir ; « pouce campaign levers » propose le texte de départ du levier",
                field=field,
            )
        ]
    problems = []
    for name in BEFORE_START:
        if not getattr(arm.tidier, name).strip():
            item = Tidier.model_fields[name]
            mend = f"écrire : {item.description} ; au besoin « Aucune »"
            problems.append(
                reason(f"{item.title} : vide", mend, field=f"{field}, {item.alias or name}")
            )
    return problems
