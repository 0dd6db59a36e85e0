"""The remarks of the statistics package, in French; its own words stay in the result file."""

import re
from collections.abc import Mapping
from functools import cache

from nudge.analysis.result import CampaignResult
from nudge.campaign.campaign import Campaign
from nudge.french.numbers import and_list, count, decimal_comma
from nudge.outcomes.catalogue import OUTCOMES
from nudge.report.conclusion import arm_of, arm_title
from nudge.report.estimator_names import ESTIMATOR_NAMES, VARIABLE_NAMES, estimator_name
from nudge.report.note_forms import CHOICE_FORMS, WARNING_FORMS
from nudge.report.refusal_forms import REFUSAL_FORMS
from nudge.report.wording import capital, difference_text, p_phrase, sentence

RESULT_FILE = "analyse/resultat.json"
_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?")
_EXCLUDED = re.compile(
    r"(\S+), (.+? vs .+?) \((\S+)\): "
    r"(?:effects (?:below (\S+))?(?: and )?(?:above (\S+))? are excluded"
    r"(; a difference of zero is not excluded)?|an effect of any size remains possible)"
)
_SPLIT = re.compile(
    r"sample ratio of clusters \((.+)\): p = (\S+), (consistent|suspect) with "
    r"(?:the planned numbers|equal arms)"
)
_AVERAGES = re.compile(r"estimates answer for different averages, .+? \((.+)\)")
_AVERAGE_NAMES = {
    "the average cluster": "la zone moyenne",
    "the average unit": "l'unité moyenne",
    "a unit of a given cluster": "une unité d'une zone donnée",
}


def analysis_notes(result: CampaignResult) -> tuple[str, ...]:
    """Return the remarks on an analysis as French sentences.

    A remark that has no French form is counted, and the reader sent to the result file.
    """
    told = [french_note(one, result.campaign) for one in result.findings]
    sentences = [sentence(capital(one)) for one in told if one is not None]
    untold = told.count(None)
    if untold:
        sentences.append(
            f"{count(untold, 'remarque technique', 'remarques techniques')} en anglais : voir "
            f"{RESULT_FILE}."
        )
    return tuple(dict.fromkeys(sentences))


def french_note(remark: str, campaign: Campaign) -> str | None:
    """Return one remark in French, without its full stop; None where it has no French form."""
    for said in (_excluded, _split, _averages, _of_an_estimator, _refused):
        found = said(remark, campaign)
        if found is not None:
            return found
    return _form(remark, {**CHOICE_FORMS, **WARNING_FORMS}, campaign)


def named_codes(text: str) -> str:
    """Return a French sentence with the quoted codes of methods and columns as words."""
    names = {**ESTIMATOR_NAMES, **VARIABLE_NAMES}
    return re.sub(r"« ([^«»]+) »", lambda found: f"« {names.get(found[1], found[1])} »", text)


def _of_an_estimator(remark: str, campaign: Campaign) -> str | None:
    found = re.fullmatch(r"(why )?(\S+): (.+)", remark)
    if found is None or found[2] not in ESTIMATOR_NAMES:
        return None
    told = _form(found[3], CHOICE_FORMS if found[1] else WARNING_FORMS, campaign)
    if told is None:
        return None
    head = "pourquoi cet estimateur" if found[1] else estimator_name(found[2])
    return f"{head} : {told}"


def _refused(remark: str, campaign: Campaign) -> str | None:
    found = re.fullmatch(r"(\S+), (\S+): (.+)", remark)
    if found is None or found[1] not in OUTCOMES:
        return None
    told = _form(found[3], REFUSAL_FORMS, campaign)
    name = "estimateur du plan" if found[2] == "recommande" else estimator_name(found[2])
    return None if told is None else f"{OUTCOMES[found[1]].label}, {name}, non calculé : {told}"


def _excluded(remark: str, campaign: Campaign) -> str | None:
    found = _EXCLUDED.fullmatch(remark)
    if found is None or found[1] not in OUTCOMES:
        return None
    outcome = OUTCOMES[found[1]]
    head = f"{arm_title(campaign, arm_of(found[2]))} – {estimator_name(found[3])} : "
    ends = [
        f"{side} de {difference_text(outcome, float(end))}"
        for side, end in (("au-dessous", found[4]), ("au-dessus", found[5]))
        if end is not None
    ]
    if not ends:
        return f"{head}un écart de toute taille reste possible"
    tail = " ; une différence de zéro n'est pas exclue" if found[6] else ""
    return f"{head}les écarts {and_list(ends)} sont exclus{tail}"


def _split(remark: str, campaign: Campaign) -> str | None:
    found = _SPLIT.fullmatch(remark)
    if found is None:
        return None
    pairs = [one.rsplit(" ", 1) for one in found[1].split(", ")]
    counts = and_list([f"{arm_title(campaign, arm)} {number}" for arm, number in pairs])
    verdict = "conforme au plan" if found[3] == "consistent" else "inattendu au vu du plan"
    return f"nombre de zones par groupe ({counts}) : {verdict} ({p_phrase(float(found[2]))})"


def _averages(remark: str, campaign: Campaign) -> str | None:
    found = _AVERAGES.fullmatch(remark)
    if found is None:
        return None
    told = []
    for part in found[1].split("; "):
        names, kind = part.rsplit(": ", 1)
        methods = and_list([estimator_name(name) for name in names.split(", ")])
        told.append(f"{_AVERAGE_NAMES.get(kind, kind)} ({methods})")
    return (
        "les méthodes ne répondent pas toutes pour la même moyenne, et s'écartent quand l'effet "
        f"dépend de la taille des zones : {and_list(told)}"
    )


def _form(remark: str, forms: Mapping[str, str], campaign: Campaign) -> str | None:
    for english, french in forms.items():
        found = _pattern(english).fullmatch(remark)
        if found is not None:
            return french.format(*(_said(group, campaign) for group in found.groups()))
    return None


@cache
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(re.escape(english).replace(re.escape("{}"), "(.*?)"))


def _said(group: str, campaign: Campaign) -> str:
    """Return a number or a name of a remark as French readers expect it."""
    number = _NUMBER.fullmatch(group)
    if number is not None:
        return decimal_comma(float(group), len(number[1] or ""))
    if any(arm.identifier == group for arm in campaign.arms):
        return arm_title(campaign, group)
    if " vs " in group:
        return arm_title(campaign, arm_of(group))
    return group.replace(" and ", " et ")
