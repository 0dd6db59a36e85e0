"""Gate: norm figures are computed from observations, never typed."""

from nudge.campaign.arm import Arm
from nudge.errors import CampaignError, Problem
from nudge.gates.gate import GateContext, GateResult, reason
from nudge.gates.message_template import template_of
from nudge.levers.message_text import named_values
from nudge.outcomes.catalogue import OUTCOMES


def check(context: GateContext) -> GateResult:
    """Refuse typed figures where computed ones stand, and figures that nothing measures."""
    shown = [arm for arm in context.campaign.nudged if arm.message is not None]
    reasons = [problem for arm in shown for problem in _arm(context, arm)]
    facts = tuple(
        f"« {arm.title} » : chiffre calculé sur les observations, avec son effectif et sa date."
        for arm in shown
        if arm.message and arm.message.norm_outcome
    )
    return GateResult(
        name="norm_figures", title="Chiffres affichés", reasons=tuple(reasons),
        facts=facts or ("Aucun chiffre de norme n'est affiché.",),
    )  # fmt: skip


def _arm(context: GateContext, arm: Arm) -> list[Problem]:
    field = f"groupes, {arm.identifier}, message"
    if arm.message is None:
        return []
    try:
        template = template_of(arm)
    except CampaignError:
        # An unknown lever or template is a matter of texts, told by their gate.
        return []
    text = arm.message.text if template is None else f"{template.subject}\n{template.body}"
    figures = [name for name in named_values(text or "") if "." in name]
    typed = [name for name in arm.message.variables if "." in name]
    problems = [
        reason(
            f"« {name} » est calculé, il ne se tape pas",
            "retirer cette variable et nommer « chiffre_de »",
            field=f"{field}, variables",
        )
        for name in typed
    ]
    return problems + _source(context, arm, figures=figures, field=f"{field}, chiffre_de")


def _source(context: GateContext, arm: Arm, *, figures: list[str], field: str) -> list[Problem]:
    named = arm.message.norm_outcome if arm.message else None
    if named is None:
        mend = f"écrire par exemple chiffre_de: {context.campaign.primary}"
        asked = f"le message affiche {{{{ {figures[0]} }}}}, mais quel critère ?" if figures else ""
        return [reason(asked, mend, field=field)] if asked else []
    if not figures:
        mend = "retirer « chiffre_de », ou prendre un message qui affiche un chiffre"
        return [reason("le message n'affiche aucun chiffre", mend, field=field)]
    if named not in OUTCOMES:
        known = ", ".join(sorted(OUTCOMES))
        return [reason(f"critère inconnu : « {named} »", f"choisir parmi {known}", field=field)]
    measured = {outcome.instrument for outcome in context.campaign.outcomes}
    problems = []
    if OUTCOMES[named].instrument not in measured:
        mend = "nommer un critère de la campagne, ou l'ajouter aux critères secondaires"
        problems.append(reason(f"« {named} » n'est pas mesuré ici", mend, field=field))
    if not context.campaign.baseline_waves:
        what = "aucune mesure ne précède le premier message : rien à afficher"
        problems.append(reason(what, "ajouter une vague de référence", field="vagues"))
    return problems
