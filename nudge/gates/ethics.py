"""Gate: the ethics checklist is answered, and the plan comes before the first message.

The questions follow FORGOOD (Lades and Delaney 2022, *Behavioural Public Policy* 6, 75-94).
"""

from nudge.campaign.governance import Ethics
from nudge.errors import Problem
from nudge.french.numbers import date_fr
from nudge.gates.gate import GateContext, GateResult, reason

COMMITMENTS = {
    "no_sanction": "un nudge ne punit pas : une amende, un refus de collecte ou des frais "
    "relèvent d'un autre instrument",
    "no_shaming": "un nudge ne montre personne du doigt",
}
ANSWERS = ("opt_out", "sender", "openness", "fairness", "reviewed_by")


def check(context: GateContext) -> GateResult:
    """Refuse campaigns whose checklist is not fully answered or whose messages have begun."""
    campaign = context.campaign
    ethics = campaign.ethics
    reasons = [*_commitments(ethics), *_answers(ethics), *_review(context), *_published(context)]
    facts = []
    if ethics.reviewed_by.strip() and ethics.reviewed_on:
        facts.append(f"Relu par {ethics.reviewed_by}, le {date_fr(ethics.reviewed_on)}.")
    if not campaign.simulation and context.today < campaign.start:
        facts.append(f"Le plan sera public avant le premier message ({date_fr(campaign.start)}).")
    return GateResult(name="ethics", title="Éthique", reasons=tuple(reasons), facts=tuple(facts))


def _commitments(ethics: Ethics) -> list[Problem]:
    problems = []
    for name, why in COMMITMENTS.items():
        if not getattr(ethics, name):
            field = Ethics.model_fields[name]
            mend = f"s'y engager en écrivant {field.alias}: oui, ou renoncer à la campagne"
            what = f"{field.title} : pas d'engagement ({why})"
            problems.append(reason(what, mend, field=f"ethique, {field.alias}"))
    return problems


def _answers(ethics: Ethics) -> list[Problem]:
    problems = []
    for name in ANSWERS:
        if not getattr(ethics, name).strip():
            field = Ethics.model_fields[name]
            mend = f"écrire : {field.description}"
            problems.append(
                reason(f"{field.title} : sans réponse", mend, field=f"ethique, {field.alias}")
            )
    return problems


def _review(context: GateContext) -> list[Problem]:
    on = context.campaign.ethics.reviewed_on
    field = "ethique, relu_le"
    if on is None:
        return [reason("jour de la relecture absent", "écrire AAAA-MM-JJ", field=field)]
    if on > context.today and not context.campaign.simulation:
        mend = "attendre la relecture, ou corriger la date"
        return [reason(f"relecture à venir ({date_fr(on)})", mend, field=field)]
    return []


def _published(context: GateContext) -> list[Problem]:
    campaign = context.campaign
    if campaign.simulation or context.today < campaign.start:
        return []
    return [
        reason(
            f"les messages commencent le {date_fr(campaign.start)} : le plan ne peut plus être "
            "publié avant",
            "repousser « debut », « fin » et les vagues de suivi",
            field="debut",
        )
    ]
