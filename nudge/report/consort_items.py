"""Items of the CONSORT 2010 extension to cluster trials, each filled from plan and result.

Campbell, Piaggio, Elbourne & Altman (2012), BMJ 345:e5661. A text that cannot be made from what
the plan or the data hold stays empty: it is for the team to write.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nudge.analysis.deviations import CLOSED_EARLY
from nudge.analysis.result import CampaignResult
from nudge.french.numbers import and_list, count, date_fr, decimal_comma, percent, whole
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.outcomes.catalogue import OUTCOMES
from nudge.report.conclusion import arm_of, arm_title
from nudge.report.estimator_names import estimator_name, reference_text, variable_name
from nudge.report.wording import difference_text, interval_text, sentence, size_text

UNITS = {
    "rue": ("rue", "rues"),
    "sous_secteur": ("sous-secteur", "sous-secteurs"),
    "pav": ("point d'apport volontaire", "points d'apport volontaire"),
    "cendrier": ("cendrier", "cendriers"),
    "tournee": ("tournée", "tournées"),
    "commune": ("commune", "communes"),
    "conversation": ("tranche de conversations", "tranches de conversations"),
}


NO_OTHER = "pas d'autre méthode"
LEGAL_BASES = {
    "mission_interet_public": "mission d'intérêt public",
    "consentement": "consentement",
    "sans_donnee_personnelle": "pas de donnée personnelle",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortItem:
    """One item of the checklist.

    Attributes
    ----------
    number
        ``1a`` to ``17a``.
    asks
        What is asked, in French.
    text
        Function from the result to the answer; empty where nothing answers it.
    """

    number: str
    asks: str
    text: Callable[[CampaignResult], str]


def units_word(result: CampaignResult, number: float = 2) -> str:
    """Return the French word for the unit that was drawn."""
    singular, plural = UNITS[result.campaign.randomisation.unit]
    return singular if number < 2 else plural


def _named(columns: Sequence[str]) -> str:
    return and_list([variable_name(column) for column in columns])


def _title(result: CampaignResult) -> str:
    unit = units_word(result)
    return f"« {result.campaign.shown_title} », essai randomisé en grappes ({unit})."


def _summary(result: CampaignResult) -> str:
    return "Réponse, solidité et chiffres en tête du rapport." if result.primary.estimates else ""


def _background(result: CampaignResult) -> str:
    reasons = dict.fromkeys(arm.tidier.why for arm in result.campaign.nudged if arm.tidier)
    return " ".join(reasons)


def _objective(result: CampaignResult) -> str:
    return f"{sentence(result.campaign.objective)} Effet visé : {_estimand(result)}."


def _estimand(result: CampaignResult) -> str:
    return "la zone moyenne" if result.campaign.estimand == "zone" else "le relevé moyen"


def _design(result: CampaignResult) -> str:
    arms = result.campaign.arms
    shares = ":".join(str(arm.ratio) for arm in arms)
    return (
        f"Groupes parallèles ({and_list([arm.title for arm in arms])}), rapport {shares} ; la "
        f"grappe est l'unité « {units_word(result, 1)} »."
    )


def _changes(result: CampaignResult) -> str:
    found = [one.text for one in result.deviations if one.kind == "amendement"]
    return " ".join(found) or "Pas d'avenant déclaré."


def _eligibility(result: CampaignResult) -> str:
    rule = result.campaign.randomisation.eligibility
    parts = []
    if rule.communes:
        parts.append(f"communes {and_list(rule.communes)}")
    if rule.dwelling_types:
        parts.append(f"habitat {and_list(rule.dwelling_types)}")
    if rule.min_dwellings:
        parts.append(f"au moins {count(rule.min_dwellings, 'logement')}")
    if rule.max_second_homes < 1:
        parts.append(f"au plus {percent(rule.max_second_homes)} de résidences secondaires")
    if rule.zones:
        parts.append(f"liste de {count(len(rule.zones), 'zone')}")
    if rule.excluded:
        parts.append(f"{count(len(rule.excluded), 'zone écartée', 'zones écartées')}")
    asked = " ; ".join(parts) or "toutes les zones du type tiré au sort"
    return f"{asked[0].upper()}{asked[1:]}. Population : {sentence(result.campaign.population)}"


def _places(result: CampaignResult) -> str:
    places = dict.fromkeys(arm.tidier.where for arm in result.campaign.nudged if arm.tidier)
    return " ".join(places)


def _interventions(result: CampaignResult) -> str:
    described = [
        f"{arm.title} : {arm.tidier.procedures}" for arm in result.campaign.nudged if arm.tidier
    ]
    complete = len(described) == len(result.campaign.nudged)
    return f"{' '.join(described)} (au niveau de la zone)." if complete and described else ""


def _outcomes(result: CampaignResult) -> str:
    first, *others = result.campaign.outcomes
    records = INSTRUMENTS[first.instrument].title
    text = f"Principal : {first.label} (relevés « {records} », par unité)."
    if others:
        text += f" Secondaires : {and_list([one.label for one in others])}."
    return text


def _outcome_changes(result: CampaignResult) -> str:
    return "" if not result.plan_sha256 else "Critères verrouillés avec le plan, inchangés."


def _sample_size(result: CampaignResult) -> str:
    plan = result.campaign.power
    if plan is None or plan.acknowledged is None:
        return ""
    outcome = OUTCOMES[result.campaign.primary]
    return (
        f"{decimal_comma(plan.units, 0)} unités par zone et par vague, variation des tailles "
        f"{decimal_comma(plan.cv, 2)}, corrélation intra-zone supposée "
        f"{decimal_comma(plan.icc, 3)} ; plus petit effet détectable accepté : "
        f"{size_text(outcome, plan.acknowledged)}."
    )


def _stopping(result: CampaignResult) -> str:
    campaign = result.campaign
    outcome, least = OUTCOMES[campaign.primary], campaign.stopping_degradation
    asked = f"{decimal_comma(campaign.stop_rules.complaints_per_100)} réclamations"
    worse = (
        "" if least is None else f", ou d'une dégradation établie de {size_text(outcome, least)}"
    )
    return f"Arrêt au-delà de {asked} pour 100 logements{worse}."


def _sequence(result: CampaignResult) -> str:
    if result.seed is None:
        return ""
    return f"Tirage par ordinateur, graine {result.seed}, que chacun peut refaire."


def _restriction(result: CampaignResult) -> str:
    plan = result.campaign.randomisation
    parts = []
    if plan.strata:
        parts.append(f"stratifié ({_named(plan.strata)})")
    if plan.pairs:
        parts.append(f"par paires ({_named(plan.pairs)})")
    if plan.balance:
        parts.append(
            f"équilibré sur {_named(plan.balance)}, {percent(plan.keep)} des tirages gardés"
        )
    return f"Tirage {' ; '.join(parts) or 'simple, sans restriction'}."


def _concealment(result: CampaignResult) -> str:
    if not result.zones_sha256:
        return ""
    return (
        "Liste des zones figée avant le tirage (empreinte en fin de rapport) ; toutes les zones "
        "tirées en une seule fois."
    )


def _drawn(result: CampaignResult) -> str:
    if result.seed is None:
        return ""
    who = f" sous la responsabilité de {result.campaign.manager}" if result.campaign.manager else ""
    return f"Le tirage est fait par l'outil{who}, à partir de la liste figée."


def _individuals(result: CampaignResult) -> str:
    outcome = OUTCOMES[result.campaign.primary]
    return f"Toutes les unités présentes lors des relevés de la zone ({outcome.counted_plural})."


def _consent(result: CampaignResult) -> str:
    legal = result.campaign.legal
    if legal.basis is None or not legal.notice:
        return ""
    return (
        f"Base légale : {LEGAL_BASES[legal.basis]}. Information : {legal.notice}. Opposition : "
        f"{legal.objection_channel or 'non précisée'}."
    )


def _unknown(_: CampaignResult) -> str:
    return ""


def _similar(result: CampaignResult) -> str:
    return "Le groupe témoin est mesuré de la même façon, sans message."


def _methods(result: CampaignResult) -> str:
    if not result.primary.estimates:
        return ""
    used = result.primary.estimates[0]
    others = [f"« {estimator_name(name)} »" for name in result.campaign.analysis.robustness]
    return (
        f"Estimateur « {estimator_name(used.estimator)} », qui tient compte des grappes "
        f"({reference_text(used.reference)}) ; robustesse : {and_list(others) or NO_OTHER}."
    )


def _further(result: CampaignResult) -> str:
    asked = result.campaign.analysis.moderators
    return f"Modérateurs annoncés : {_named(asked)}." if asked else "Pas de modérateur annoncé."


def _flow(result: CampaignResult, step: str) -> str:
    for row in result.flow:
        if row.step == step:
            parts = [
                f"{arm_title(result.campaign, arm)} : {whole(zones)}"
                for arm, zones in row.zones.items()
            ]
            return f"{row.label} – {' ; '.join(parts)}."
    return ""


def _participants(result: CampaignResult) -> str:
    return " ".join(filter(None, (_flow(result, step) for step in ("tirees", "analysees"))))


def _losses(result: CampaignResult) -> str:
    lost = [one.text for one in result.deviations if one.kind == "ecart"]
    return " ".join(lost) or ("Pas de perte ni d'écart relevés." if result.flow else "")


def _dates(result: CampaignResult) -> str:
    campaign = result.campaign
    return f"Messages du {date_fr(campaign.start)} au {date_fr(campaign.end)}."


def _ended(result: CampaignResult) -> str:
    if result.status not in {"close", "publiee"}:
        return ""
    early = [one.text for one in result.deviations if one.text.startswith(CLOSED_EARLY)]
    if early:
        return early[0]
    if result.campaign.simulation:
        return "Données simulées : les dates du plan n'ont pas été vécues."
    return "Fin à la date prévue au plan."


def _baseline(result: CampaignResult) -> str:
    shown = result.balance is not None and len(result.balance) > 0
    return "Tableau d'équilibre du rapport." if shown else ""


def _analysed(result: CampaignResult) -> str:
    return _flow(result, "analysees")


def _effects(result: CampaignResult) -> str:
    if not result.primary.estimates:
        return ""
    outcome = OUTCOMES[result.primary.outcome]
    parts = [
        f"{arm_title(result.campaign, arm_of(one.contrast))} : "
        f"{difference_text(outcome, one.estimate)} "
        f"({interval_text(outcome, one.ci_low, one.ci_high)})"
        for one in result.primary.estimates
    ]
    return f"{' ; '.join(parts)}. {correlation_text(result)}".strip()


def correlation_text(result: CampaignResult) -> str:
    """Return the intraclass correlation and its interval; empty where not estimable."""
    if result.icc is None:
        return ""
    text = f"Corrélation intra-zone {decimal_comma(result.icc, 3)}"
    if result.icc_low is not None and result.icc_high is not None:
        low, high = (decimal_comma(end, 3) for end in (result.icc_low, result.icc_high))
        text += f" (de {low} à {high})"
    return f"{text}."


ITEMS: tuple[ConsortItem, ...] = tuple(
    ConsortItem(number=number, asks=asks, text=text)
    for number, asks, text in (
        ("1a", "« Randomisé en grappes » dans le titre", _title),
        ("1b", "Résumé structuré", _summary),
        ("2a", "Contexte et raison de tirer des grappes", _background),
        ("2b", "Objectifs, au niveau de la grappe ou de l'individu", _objective),
        ("3a", "Plan d'essai, définition de la grappe", _design),
        ("3b", "Changements de méthode après le début", _changes),
        ("4a", "Critères d'éligibilité des grappes", _eligibility),
        ("4b", "Lieux", _places),
        ("5", "Interventions, et leur niveau", _interventions),
        ("6a", "Critères de jugement, et leur niveau", _outcomes),
        ("6b", "Changements de critères", _outcome_changes),
        ("7a", "Taille : nombre et taille des grappes, corrélation intra-grappe", _sample_size),
        ("7b", "Analyses intermédiaires et règles d'arrêt", _stopping),
        ("8a", "Production de la séquence", _sequence),
        ("8b", "Type de tirage : strates, paires, équilibre", _restriction),
        ("9", "Dissimulation de l'affectation", _concealment),
        ("10a", "Qui a tiré, inclus, affecté les grappes", _drawn),
        ("10b", "Comment les individus sont inclus", _individuals),
        ("10c", "Consentement : de qui, quand", _consent),
        ("11a", "Qui ignorait le groupe (contrôleurs, habitants)", _unknown),
        ("11b", "Ressemblance des interventions", _similar),
        ("12a", "Méthodes statistiques, prise en compte des grappes", _methods),
        ("12b", "Analyses supplémentaires", _further),
        ("13a", "Grappes et individus tirés, traités, analysés", _participants),
        ("13b", "Pertes et exclusions", _losses),
        ("14a", "Dates", _dates),
        ("14b", "Fin ou arrêt de l'essai", _ended),
        ("15", "Caractéristiques de départ", _baseline),
        ("16", "Effectifs analysés", _analysed),
        ("17a", "Résultats avec intervalle, corrélation intra-grappe", _effects),
    )
)
