"""OSF preregistration of a campaign, as Markdown in French."""

from collections.abc import Iterator

from nudge.french.numbers import and_list, date_fr, decimal_comma
from nudge.gates.consort_items import consort_items
from nudge.gates.evidence_grade import best_grade
from nudge.lifecycle.registered_plan import RegisteredPlan


def osf_markdown(plan: RegisteredPlan) -> str:
    """Return the preregistration: study, design, sample, variables, analysis, other."""
    lines = [
        f"# {plan.campaign.shown_title}",
        "",
        f"Plan verrouillé le {plan.locked_at}, SHA-256 `{plan.plan_sha256}`."
        if plan.plan_sha256
        else "Plan non encore verrouillé.",
        *_study(plan),
        *_design(plan),
        *_sampling(plan),
        *_variables(plan),
        *_analysis(plan),
        *_other(plan),
    ]
    return "\n".join(lines) + "\n"


def _study(plan: RegisteredPlan) -> Iterator[str]:
    campaign = plan.campaign
    yield from ("", "## Étude", "")
    yield f"- Question : {campaign.objective}"
    yield f"- Population : {campaign.population}"
    yield (
        f"- Hypothèse : le nudge change « {campaign.outcomes[0].label} » ; test bilatéral, les "
        "deux sens sont rapportés."
    )
    yield f"- Responsable : {campaign.manager}"


def _design(plan: RegisteredPlan) -> Iterator[str]:
    campaign = plan.campaign
    yield from ("", "## Plan d'expérience", "")
    yield f"- {best_grade(campaign.conception)}"
    yield f"- Unité : {plan.unit}"
    yield f"- Attribution : {plan.method}"
    yield f"- Interventions : {plan.interventions}"
    yield f"- Messages : du {date_fr(campaign.start)} au {date_fr(campaign.end)}"
    for wave in campaign.waves:
        kind = "référence" if wave.kind == "reference" else "suivi"
        yield f"- Vague « {wave.name} » ({kind}) : {date_fr(wave.start)} – {date_fr(wave.end)}"


def _sampling(plan: RegisteredPlan) -> Iterator[str]:
    eligibility = next(item for item in consort_items(plan.campaign) if item.number == "4a")
    yield from ("", "## Échantillon", "")
    yield f"- Éligibilité : {eligibility.answer}"
    yield f"- Zones : {plan.n_zones} ({plan.sizes})"
    yield f"- Observations prévues : {decimal_comma(plan.observations, 0)}"
    yield f"- Plus petit effet détectable : {plan.detectable}"
    if plan.campaign.power is not None:
        icc = decimal_comma(plan.campaign.power.icc, 3)
        yield f"- Corrélation intra-zone supposée : {icc}"
    asked = decimal_comma(plan.campaign.stop_rules.complaints_per_100, 1)
    least = plan.campaign.stopping_degradation
    worse = (
        ""
        if least is None
        else ", ou dégradation avérée du critère principal de plus de "
        f"{decimal_comma(least, 3)} dans son unité"
    )
    yield f"- Arrêt : plus de {asked} réclamations pour 100 logements{worse}"


def _variables(plan: RegisteredPlan) -> Iterator[str]:
    yield from ("", "## Variables", "")
    for place, outcome in enumerate(plan.campaign.outcomes):
        rank = "principal" if place == 0 else "secondaire"
        caution = f" {outcome.caution}" if outcome.caution else ""
        yield (
            f"- Critère {rank} : {outcome.label} (`{outcome.name}`, instrument "
            f"`{outcome.instrument}`).{caution}"
        )
    if plan.campaign.analysis.moderators:
        yield f"- Modérateurs annoncés : {and_list(plan.campaign.analysis.moderators)}"


def _analysis(plan: RegisteredPlan) -> Iterator[str]:
    settings = plan.campaign.analysis
    yield from ("", "## Analyse", "", f"- {plan.analysis}")
    if settings.equivalence is not None:
        margin = decimal_comma(settings.equivalence, 3)
        yield f"- Marge d'équivalence : {margin} dans l'unité du critère"
    yield "- Zones perdues, retards et messages remis au mauvais groupe sont rapportés."


def _other(plan: RegisteredPlan) -> Iterator[str]:
    ethics = plan.campaign.ethics
    yield from ("", "## Éthique", "")
    yield f"- Information des habitants : {ethics.openness}"
    yield f"- Retrait : {ethics.opt_out}"
    yield f"- Équité : {ethics.fairness}"
    yield f"- Relecture : {ethics.reviewed_by}"
    if plan.campaign.sources:
        yield f"- Sources : {and_list(plan.campaign.sources)}"
