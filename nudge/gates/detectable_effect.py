"""Gate: someone has accepted the smallest effect that the campaign can detect."""

from experiments.errors import InputError
from nudge.campaign.analysis_settings import PowerSettings
from nudge.campaign.campaign import Campaign
from nudge.campaign.french_validation import TO_FILL
from nudge.errors import Problem
from nudge.french.numbers import NO_BREAK, and_list, count, decimal_comma, percent
from nudge.gates.effect_text import significant, size_text
from nudge.gates.gate import GateContext, GateResult, reason
from nudge.gates.planned_trial import (
    CLUSTER_AUTOCORRELATION,
    TARGET,
    Detectable,
    detectable,
    power_for,
    zones_needed,
)
from nudge.gates.plausible import Plausible, plausible_of

NAME, TITLE = "detectable_effect", "Effet détectable"
TOLERANCE = 0.05
COMPARED = frozenset({"randomisee", "appariee_non_randomisee"})


def check(context: GateContext) -> GateResult:
    """Compute the minimum detectable effect and refuse a plan in which no one accepts it."""
    campaign = context.campaign
    if campaign.conception not in COMPARED:
        fact = (
            "Sans groupe témoin, aucun effet ne peut être attribué au nudge : il n'y a pas "
            "d'effet détectable à calculer."
        )
        return GateResult(name=NAME, title=TITLE, facts=(fact,))
    missing = _missing(context)
    if missing:
        return GateResult(name=NAME, title=TITLE, reasons=missing)
    try:
        found = detectable(context)
    except InputError as error:
        what = f"l'effet détectable ne se calcule pas ({error})"
        refused = reason(what, "corriger la section « puissance »", field="puissance")
        return GateResult(name=NAME, title=TITLE, reasons=(refused,))
    plausible = plausible_of(campaign)
    warnings = () if plausible is None else _against_evidence(context, found, plausible)
    return GateResult(
        name=NAME,
        title=TITLE,
        reasons=_acceptance(campaign, found),
        facts=(*_facts(context, found), *_evidence(context, plausible)),
        warnings=warnings,
    )


def _missing(context: GateContext) -> tuple[Problem, ...]:
    power, outcome = context.campaign.power, context.campaign.outcomes[0]
    if power is None:
        return (
            reason(
                "la section « puissance » manque : nul ne sait ce que la campagne peut voir",
                "écrire puissance: avec niveau_attendu, icc et unites_par_zone, d'après une vague "
                "de référence si possible",
                field="puissance",
            ),
        )
    if outcome.kind != "binary" and power.sd is None and context.baseline is None:
        return (
            reason(
                f"« {outcome.name} » n'est pas une part : son écart-type manque",
                "écrire ecart_type, ou importer la vague de référence",
                field="puissance, ecart_type",
            ),
        )
    if outcome.kind == "binary" and not 0 < power.level < 1 and context.baseline is None:
        return (
            reason(
                f"niveau_attendu vaut {power.level:g} : une part est entre 0 et 1",
                "écrire par exemple 0.75 pour 75 %",
                field="puissance, niveau_attendu",
            ),
        )
    return ()


def _acceptance(campaign: Campaign, found: Detectable) -> tuple[Problem, ...]:
    if found.effect is None:
        return (
            reason(
                "même le plus grand effet possible ne serait pas vu",
                "ajouter des zones, des vagues ou des unités par zone",
                field="tirage, eligibilite, nombre",
            ),
        )
    power, outcome = campaign.power, campaign.outcomes[0]
    if power is None:
        return ()
    shown, field = size_text(found.effect, outcome), "puissance, effet_detectable_accepte"
    lines = _lines(power, found.effect)
    if power.acknowledged is None:
        what = f"le plus petit effet détectable, {shown}, n'est accepté par personne"
        return (reason(what, lines, field=field),)
    problems = []
    if abs(power.acknowledged - found.effect) > TOLERANCE * found.effect:
        accepted = size_text(power.acknowledged, outcome)
        what = f"accepté : {accepted} ; calculé : {shown} (écart admis : 5{NO_BREAK}%)"
        problems.append(reason(what, lines, field=field))
    if not power.acknowledged_by.strip():
        mend = "écrire le nom de la personne qui accepte"
        problems.append(reason("personne n'a signé", mend, field="puissance, accepte_par"))
    return tuple(problems)


def _lines(power: PowerSettings, effect: float) -> str:
    who = power.acknowledged_by.strip() or TO_FILL
    return (
        "si des effets plus petits peuvent rester invisibles, écrire dans la section « puissance » "
        f":\n    effet_detectable_accepte: {significant(effect)}\n    accepte_par: {who}"
    )


def _facts(context: GateContext, found: Detectable) -> tuple[str, ...]:
    design, outcome = found.design, context.campaign.outcomes[0]
    source = "vague de référence importée" if found.measured else "hypothèses de la campagne"
    controls = design.control_clusters or design.clusters
    waves = [count(design.waves, "vague de suivi", "vagues de suivi")]
    if design.baseline_waves:
        waves.append(count(design.baseline_waves, "vague de référence", "vagues de référence"))
    size = "aucun" if found.effect is None else size_text(found.effect, outcome)
    return (
        f"Plus petit effet détectable sur « {outcome.label} » : {size}, avec une puissance de "
        f"{percent(TARGET)} et une confiance de {percent(design.level)}.",
        f"Calculé pour {count(design.clusters, 'zone')} par groupe nudgé et "
        f"{count(controls, 'zone')} témoins, {decimal_comma(design.units, 0)} unités par zone et "
        f"par vague, {and_list(waves)}, corrélation intra-zone {decimal_comma(design.icc, 3)} "
        f"({source}), corrélation entre vagues supposée de "
        f"{decimal_comma(CLUSTER_AUTOCORRELATION, 1)}.",
    )


def _evidence(context: GateContext, plausible: Plausible | None) -> tuple[str, ...]:
    if plausible is None:
        return ()
    outcome = context.campaign.outcomes[0]
    low, high = size_text(plausible.low, outcome), size_text(plausible.high, outcome)
    sizes = low if plausible.low == plausible.high else f"{low} à {high}"
    return (f"Effet plausible : {sizes} ({plausible.source}).",)


def _against_evidence(
    context: GateContext, found: Detectable, plausible: Plausible
) -> tuple[str, ...]:
    """Say plainly when the plausible effect is smaller than what can be seen."""
    if found.effect is not None and found.effect <= plausible.low:
        return ()
    expected = size_text(plausible.low, context.campaign.outcomes[0])
    power = percent(power_for(context, plausible.low))
    needed = zones_needed(context, plausible.low)
    more = (
        "aucun nombre de zones n'y suffirait"
        if needed is None
        else f"il faudrait {count(needed, 'zone')} en tout pour le voir à {percent(TARGET)}"
    )
    return (
        f"Un effet de la taille attendue ({expected}) ne sera probablement pas vu : puissance de "
        f"{power} ; {more}.",
    )
