"""Gate: the plan fills the items of CONSORT for cluster trials that a plan can fill.

Campbell et al. 2012, BMJ 345:e5661 (extension of CONSORT 2010 to cluster randomised trials).
"""

import re
from dataclasses import dataclass

from nudge.campaign.campaign import Campaign
from nudge.campaign.randomisation import UNIT_TITLES
from nudge.errors import Problem
from nudge.french.numbers import decimal_comma
from nudge.gates.gate import GateContext, GateResult, reason

TITLE_NAMES_DRAW = re.compile(r"randomis|tir(?:é|ée|és|ées|age)\s+au\s+sort|par\s+tirage", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortItem:
    """An item of the checklist as the plan fills it.

    Attributes
    ----------
    number, title
        Such as ``7a`` and its French title.
    answer
        What the plan says; empty where it says nothing.
    mend, field
        What to write, and where, when it is empty.
    """

    number: str
    title: str
    answer: str
    mend: str = ""
    field: str = ""


def check(context: GateContext) -> GateResult:
    """Refuse randomised campaigns that leave an item empty, and others that claim a draw."""
    title = "Liste CONSORT (essais en grappes)"
    if context.campaign.conception != "randomisee":
        fact = "Sans tirage au sort, la liste CONSORT des essais ne s'applique pas."
        return GateResult(
            name="consort_items", title=title, facts=(fact,), reasons=_claims(context.campaign)
        )
    items = consort_items(context.campaign)
    reasons = tuple(
        reason(f"élément {item.number} ({item.title}) absent", item.mend, field=item.field)
        for item in items
        if not item.answer
    )
    facts = tuple(f"{item.number} {item.title} : {item.answer}" for item in items if item.answer)
    return GateResult(name="consort_items", title=title, reasons=reasons, facts=facts)


def _claims(campaign: Campaign) -> tuple[Problem, ...]:
    """A draw that the title announces and the campaign has not."""
    found = TITLE_NAMES_DRAW.search(campaign.title)
    if found is None:
        return ()
    what = "le titre annonce un tirage au sort que la campagne n'a pas"
    return (reason(what, f"ôter « {found[0]} » du titre", field="titre"),)


def consort_items(campaign: Campaign) -> tuple[ConsortItem, ...]:
    """Return items 1a to 12a that a plan can fill, in the order of the checklist."""
    return (*_introduction(campaign), *_methods(campaign), *_randomisation(campaign))


def _introduction(campaign: Campaign) -> tuple[ConsortItem, ...]:
    unit = UNIT_TITLES[campaign.randomisation.unit]
    return (
        ConsortItem(
            number="1a",
            title="le titre dit le tirage",
            answer=campaign.shown_title if TITLE_NAMES_DRAW.search(campaign.title) else "",
            mend=f"écrire par exemple « {campaign.title} : essai randomisé par {unit} »",
            field="titre",
        ),
        ConsortItem(
            number="2a",
            title="raison des grappes",
            answer=_why_clusters(campaign),
        ),
        ConsortItem(number="3a", title="plan", answer=_arms(campaign)),
    )


def _why_clusters(campaign: Campaign) -> str:
    unit = campaign.randomisation.unit
    if unit == "conversation":
        return (
            "le tirage se publie d'avance : l'unité tirée au sort est la tranche de "
            "conversations, qu'une empreinte donne à chaque conversation"
        )
    title = UNIT_TITLES[unit]
    if unit in {"rue", "tournee", "commune"}:
        return f"le message se partage entre voisins : l'unité tirée au sort est la {title}"
    return f"le nudge agit sur un lieu entier : l'unité tirée au sort est le {title}"


def _methods(campaign: Campaign) -> tuple[ConsortItem, ...]:
    outcome, power = campaign.outcomes[0], campaign.power
    described = all(arm.tidier is not None for arm in campaign.nudged)
    level = "zone moyenne" if campaign.estimand == "zone" else f"{outcome.counted} moyen"
    return (
        ConsortItem(number="4a", title="éligibilité", answer=_eligibility(campaign)),
        ConsortItem(
            number="5",
            title="interventions",
            answer="décrites selon TIDieR" if described else "",
            mend="remplir « tidier » pour chaque groupe qui reçoit un nudge",
            field="groupes",
        ),
        ConsortItem(
            number="6a",
            title="critères et leur niveau",
            answer=f"{outcome.label} ; effet sur la {level}",
        ),
        ConsortItem(
            number="7a",
            title="taille de l'essai",
            answer=""
            if power is None
            else f"corrélation intra-zone supposée {decimal_comma(power.icc, 3)}, "
            f"{decimal_comma(power.units, 0)} unités par zone et par vague, variation des tailles "
            f"{decimal_comma(power.cv, 2)}",
            mend="écrire la section « puissance »",
            field="puissance",
        ),
    )


def _randomisation(campaign: Campaign) -> tuple[ConsortItem, ...]:
    basis = campaign.legal.basis
    return (
        ConsortItem(number="8b", title="restriction du tirage", answer=_restriction(campaign)),
        ConsortItem(
            number="9",
            title="dissimulation de l'attribution",
            answer="toutes les zones sont tirées ensemble, après le verrouillage de leur liste",
        ),
        ConsortItem(
            number="10a",
            title="qui inscrit et qui tire",
            answer=f"{campaign.manager} inscrit les zones ; le logiciel tire, graine publiée"
            if campaign.manager.strip()
            else "",
            mend="écrire responsable_campagne",
            field="responsable_campagne",
        ),
        ConsortItem(
            number="10b",
            title="comment les unités sont incluses",
            answer=f"{campaign.outcomes[0].counted_plural} de chaque zone, à chaque vague",
        ),
        ConsortItem(
            number="10c",
            title="consentement",
            answer=""
            if basis is None
            else "recueilli avant tout message adressé"
            if basis == "consentement"
            else "information préalable et droit d'opposition ; pas de consentement individuel",
            mend="écrire juridique, base_legale",
            field="juridique, base_legale",
        ),
        ConsortItem(
            number="12a",
            title="analyse qui tient compte des grappes",
            answer=f"estimateur « {campaign.analysis.estimator} » et test de randomisation",
        ),
    )


def _arms(campaign: Campaign) -> str:
    groups = " ; ".join(f"{arm.title} ({arm.ratio})" for arm in campaign.arms)
    return f"groupes parallèles tirés au sort, poids entre parenthèses : {groups}"


def _eligibility(campaign: Campaign) -> str:
    rules = campaign.randomisation.eligibility
    told = [campaign.population.strip()]
    if rules.min_dwellings:
        told.append(f"{rules.min_dwellings} logements au moins")
    if rules.max_second_homes < 1:
        told.append(
            f"au plus {decimal_comma(100 * rules.max_second_homes, 0)} % de résidences secondaires"
        )
    if rules.dwelling_types:
        told.append(f"habitat {', '.join(rules.dwelling_types)}")
    if rules.communes:
        told.append(f"communes {', '.join(rules.communes)}")
    return " ; ".join(told)


def _restriction(campaign: Campaign) -> str:
    plan = campaign.randomisation
    told = []
    if plan.strata:
        told.append(f"strates : {', '.join(plan.strata)}")
    if plan.pairs:
        told.append(f"paires selon {', '.join(plan.pairs)}")
    if plan.balance:
        told.append(
            f"équilibre imposé sur {', '.join(plan.balance)} (meilleurs "
            f"{decimal_comma(100 * plan.keep, 0)} % des tirages)"
        )
    return " ; ".join(told) or "tirage simple, sans restriction"
