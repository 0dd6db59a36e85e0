"""Gate: messages and descriptions threaten nobody, promise nothing and shame nobody."""

import re
from collections.abc import Iterator

from nudge.campaign.arm import Arm
from nudge.errors import CampaignError, Problem
from nudge.french.numbers import count
from nudge.gates.gate import CAMPAIGN_FILE, GateContext, GateResult, reason
from nudge.gates.message_template import template_of
from nudge.levers.catalogue import lever_of
from nudge.levers.message_text import check_message_text, named_values, wording_problems
from nudge.levers.wording import refused_wording

# In a description a « remise » is a delivery, unless an amount or a rate follows.
_DELIVERY = re.compile(r"\bremises?\b(?!\s+(?:de\s+)?\d)", re.I)
# What a description rules out is not what it does.
_DENIED = re.compile(r"\b(?:sans|aucune?|ni|jamais|pas\s+de|pas\s+d')\s*\w+", re.I)


def check(context: GateContext) -> GateResult:
    """Refuse unknown levers and templates, missing values and wording that is no nudge."""
    reasons: list[Problem] = []
    texts = 0
    for arm in context.campaign.nudged:
        found = list(_texts(arm))
        texts += len(found)
        reasons += _lever(arm)
        reasons += [problem for place, text in found for problem in _text(place, text)]
        reasons += _values(arm)
        reasons += _description(arm)
    return GateResult(
        name="message_texts",
        title="Textes",
        reasons=tuple(reasons),
        facts=() if reasons else (f"{count(texts, 'texte relu', 'textes relus')}.",),
    )


def _lever(arm: Arm) -> list[Problem]:
    if arm.lever is None:
        return []
    place = f"groupes, {arm.identifier}"
    try:
        lever = lever_of(arm.lever)
    except CampaignError as error:
        return [
            reason(problem.what, problem.mend, field=f"{place}, levier")
            for problem in error.problems
        ]
    problems = _template(arm)
    if arm.channel not in lever.channels:
        mend = f"choisir parmi {', '.join(lever.channels)}, ou un autre levier"
        what = f"le canal « {arm.channel} » ne convient pas au levier « {arm.lever} »"
        problems.append(reason(what, mend, field=f"{place}, canal"))
    if lever.addressed and not arm.addressed:
        what = f"le levier « {arm.lever} » s'adresse à des logements désignés"
        mend = "écrire adresse_individuellement: oui et recueillir les consentements"
        problems.append(reason(what, mend, field=f"{place}, adresse_individuellement"))
    return problems


def _template(arm: Arm) -> list[Problem]:
    try:
        template_of(arm)
    except CampaignError as error:
        return list(error.problems)
    return []


def _texts(arm: Arm) -> Iterator[tuple[str, str]]:
    place = f"groupes, {arm.identifier}, message"
    if arm.message is None:
        return
    if arm.message.text is not None:
        yield f"{place}, texte", arm.message.text
        return
    try:
        template = template_of(arm)
    except CampaignError:
        return
    if template is not None:
        yield f"{place}, modele, objet", template.subject
        yield f"{place}, modele", template.body


def _text(place: str, text: str) -> list[Problem]:
    return check_message_text(text, place=f"{CAMPAIGN_FILE}, {place}")


def _values(arm: Arm) -> list[Problem]:
    """Values that the texts name and the campaign gives, both ways, and their wording."""
    if arm.message is None:
        return []
    place = f"groupes, {arm.identifier}, message, variables"
    needed = {name for _, text in _texts(arm) for name in named_values(text) if "." not in name}
    given = arm.message.variables
    problems = [
        reason(f"le message attend « {name} »", "donner sa valeur", field=place)
        for name in sorted(needed - given.keys())
    ]
    for name, value in given.items():
        if name not in needed and "." not in name:
            known = ", ".join(sorted(needed)) or "aucune"
            mend = f"la retirer ; valeurs du message : {known}"
            problems.append(reason(f"le message n'emploie pas « {name} »", mend, field=place))
        problems += wording_problems(value, place=f"{CAMPAIGN_FILE}, {place}, {name}")
    return problems


def _description(arm: Arm) -> list[Problem]:
    if arm.tidier is None:
        return []
    problems = []
    for alias, text in arm.tidier.model_dump(by_alias=True).items():
        stated = _DELIVERY.sub("", _DENIED.sub("", text))
        for vocabulary, found in refused_wording(stated):
            field = f"groupes, {arm.identifier}, tidier, {alias}"
            problems.append(
                reason(f"{vocabulary.what} : « {found} »", vocabulary.mend, field=field)
            )
    return problems
