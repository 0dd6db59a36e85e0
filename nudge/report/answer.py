"""The answer in one sentence an arm, with natural frequencies, and what it excludes."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from nudge.analysis.result import BeforeAfter, CampaignResult
from nudge.french.numbers import NO_BREAK, whole
from nudge.outcomes.catalogue import OUTCOMES
from nudge.outcomes.outcome import Outcome
from nudge.report.conclusion import Conclusion, arm_title, compares, conclusions
from nudge.report.rounding import natural_base
from nudge.report.small_cells import SMALL_CELL, overall_levels
from nudge.report.wording import (
    capital,
    difference_digits,
    difference_text,
    interval_text,
    level_text,
    size_text,
    sure,
)

NO_CAUSE = (
    "Évolution observée, comparaison avant/après sans groupe témoin : aucune conclusion sur la "
    "cause n'est possible."
)
WEAK_COMPARISON = (
    "La comparaison entre groupes n'est pas assez solide : c'est un écart observé, aucune "
    "conclusion sur la cause n'est possible."
)
DESCRIPTIVE = "Description seule : aucune conclusion sur la cause n'est possible."
ZERO = "une différence de zéro"
OPEN = "L'essai ne permet pas de trancher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said first.

    Attributes
    ----------
    sentences
        One an arm, or one on the observed change.
    details
        What is excluded and what is not, and cautions about the words.
    """

    sentences: tuple[str, ...]
    details: tuple[str, ...]


def answer(result: CampaignResult) -> Answer:
    """Answer the campaign's question; causal words only where a comparison carries them."""
    outcome = OUTCOMES[result.primary.outcome]
    if compares(result):
        return _effects(result, outcome)
    if result.before_after is not None:
        return _change(result.before_after, outcome)
    if result.primary.estimates:
        return _observed_gap(result, outcome)
    return _levels(result, outcome)


def excluded_sizes(outcome: Outcome, conclusion: Conclusion) -> str:
    """Say which sizes the interval excludes and which it does not, in one or two sentences."""
    low, high = conclusion.gain_low, conclusion.gain_high
    digits = difference_digits(outcome, [low, high])

    def size(value: float) -> str:
        return size_text(outcome, value, digits=digits)

    outside: list[str] = []
    inside: list[str] = []
    if low <= 0 <= high or conclusion.lost_by_correction:
        inside.append(ZERO)
    else:
        word = _turn(low)
        outside += [ZERO, f"une {word} de moins de {size(min(low, high, key=abs))}"]
    for bound, word in ((high, _turn(1)), (-low, _turn(-1))):
        if bound > 0 and math.isfinite(bound):
            outside.append(f"une {word} de plus de {size(bound)}")
            least = min(low, high, key=abs)
            sided = low > 0 or high < 0
            reach = f"entre {size(least)} et" if sided else "allant jusqu'à"
            inside.append(f"une {word} {reach} {size(bound)}")
        elif bound > 0:
            inside.append(f"une {word} de toute taille")
    excluded = f"Exclu : {', '.join(outside)}. " if outside else ""
    return f"{excluded}Non exclu : {', '.join(inside)}."


def effect_sentence(outcome: Outcome, conclusion: Conclusion, *, control: str) -> str:
    """Return the sentence on one arm, whole numbers out of 100 where the outcome is counted."""
    estimate = conclusion.estimate
    if not (math.isfinite(estimate.ci_low) or math.isfinite(estimate.ci_high)):
        return f"{OPEN} : les mesures ne donnent de limite à l'effet d'aucun côté."
    if outcome.kind == "binary":
        return _natural_frequencies(outcome, conclusion)
    reach = _between(outcome, estimate.ci_low, estimate.ci_high)
    certain = sure(estimate.level)
    if conclusion.verdict == "open":
        effect = _true_effect(reach)
        return f"{OPEN}. {capital(outcome.label)} : nous sommes {certain} que {effect}."
    size = size_text(outcome, estimate.estimate)
    return (
        f"{capital(outcome.label)} : {size} {_direction(estimate.estimate)} en moyenne que dans "
        f"{control} ; nous sommes {certain} que {_true_effect(reach)}."
    )


def _effects(result: CampaignResult, outcome: Outcome) -> Answer:
    found = conclusions(result.primary)
    control = result.campaign.control
    beside = f"le groupe « {control.title} »" if control else "le groupe de comparaison"
    sentences, details = [], []
    for one in found:
        text = effect_sentence(outcome, one, control=beside)
        sizes = excluded_sizes(outcome, one)
        if len(found) > 1:
            name = f"« {arm_title(result.campaign, one.arm)} »"
            if one.lost_by_correction:
                text = _lost(outcome, one, len(found))
            elif one.estimate.p_adjusted is not None and one.verdict != "open":
                text += f" La conclusion tient après correction pour {len(found)} comparaisons."
            text, sizes = f"{name} : {_lower(text)}", f"{name} – {_lower(sizes)}"
        sentences.append(text)
        details.append(sizes)
    if result.campaign.conception != "randomisee":
        details.append(
            "Les groupes n'ont pas été tirés au sort : l'écart peut tenir en partie à des "
            "différences entre zones que la comparaison ne corrige pas."
        )
    return Answer(sentences=tuple(sentences), details=tuple(details))


def _lost(outcome: Outcome, one: Conclusion, comparisons: int) -> str:
    """Say that the interval excludes zero by itself but the corrected comparison does not."""
    low, high = one.estimate.ci_low, one.estimate.ci_high
    return (
        f"{OPEN} : après correction pour {comparisons} comparaisons, {ZERO} reste possible. Pris "
        f"seul, l'intervalle va {interval_text(outcome, low, high)}."
    )


def _natural_frequencies(outcome: Outcome, conclusion: Conclusion) -> str:
    one = conclusion.estimate
    opened = conclusion.verdict == "open"
    told = [one.ci_low, one.ci_high] if opened else [one.estimate, one.ci_low, one.ci_high]
    base = natural_base(told)
    counted = f"{whole(base)} {outcome.counted_plural}"
    certain, reach = sure(one.level), _counts_between(one.ci_low, one.ci_high, base)
    if opened:
        return f"{OPEN}. Sur {counted}, nous sommes {certain} qu'{reach} {outcome.happens_plural}."
    number = abs(round(base * one.estimate))
    verb = outcome.happens if number < 2 else outcome.happens_plural
    return (
        f"Sur {counted}, {whole(number)} {_direction(one.estimate)} {verb} ; nous sommes "
        f"{certain} que {_true_effect(reach)}."
    )


def _counts_between(low: float, high: float, base: int) -> str:
    def told(value: float) -> str:
        return whole(abs(round(base * value)))

    return _reach(low, high, told)


def _between(outcome: Outcome, low: float, high: float) -> str:
    digits = difference_digits(outcome, [low, high])
    return _reach(low, high, lambda value: size_text(outcome, value, digits=digits))


def _reach(low: float, high: float, told: Callable[[float], str]) -> str:
    """Return ``entre 2 et 12 de plus``; one end may have no bound."""
    if not math.isfinite(high):
        if low > 0:
            return f"au moins {told(low)} de plus"
        return f"au plus {told(low)} de moins, sans limite vers le haut,"
    if not math.isfinite(low):
        if high < 0:
            return f"au moins {told(high)} de moins"
        return f"au plus {told(high)} de plus, sans limite vers le bas,"
    if low >= 0 or high <= 0:
        small, large = sorted((low, high), key=abs)
        return f"entre {told(small)} et {told(large)} {_direction(large)}"
    return f"entre {told(low)} de moins et {told(high)} de plus"


def _true_effect(reach: str) -> str:
    """Return ``l'effet vrai est entre …`` or ``l'effet vrai est d'au moins …``."""
    joined = reach if reach.startswith("entre") else f"d'{reach}"
    return f"l'effet vrai est {joined}".removesuffix(",")


def _turn(gain: float) -> str:
    return "amélioration" if gain > 0 else "dégradation"


def _direction(value: float) -> str:
    return "de plus" if value > 0 else "de moins"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _change(change: BeforeAfter, outcome: Outcome) -> Answer:
    if min(change.units_before, change.units_after) < SMALL_CELL:
        return Answer(
            sentences=(f"Trop peu de mesures pour être montrées. {NO_CAUSE}",), details=()
        )
    details = [
        "Le temps qu'il fait, la saison, la fréquentation ou un retour vers la moyenne peuvent "
        "suffire à expliquer cette évolution, quelle que soit sa taille."
    ]
    if change.ci_low is not None and change.ci_high is not None:
        details.append(
            f"L'intervalle de cette évolution va {_range(outcome, change)} : il dit combien les "
            "vagues varient entre elles, rien sur la cause."
        )
    return Answer(
        sentences=(f"{_told_change(change, outcome)} {NO_CAUSE}",), details=tuple(details)
    )


def _told_change(change: BeforeAfter, outcome: Outcome) -> str:
    moved = difference_text(outcome, change.difference)
    if outcome.kind == "binary":
        before, after = round(100 * change.before), round(100 * change.after)
        verb = outcome.happens if after < 2 else outcome.happens_plural
        return (
            f"Sur 100 {outcome.counted_plural}, {whole(after)} {verb} après, contre "
            f"{whole(before)} avant ({moved})."
        )
    before_text, after_text = (level_text(outcome, one) for one in (change.before, change.after))
    return f"{capital(outcome.label)} : {before_text} avant, {after_text} après ({moved})."


def _range(outcome: Outcome, change: BeforeAfter) -> str:
    low = math.nan if change.ci_low is None else change.ci_low
    high = math.nan if change.ci_high is None else change.ci_high
    return interval_text(outcome, low, high)


def _observed_gap(result: CampaignResult, outcome: Outcome) -> Answer:
    sentences = [
        f"« {arm_title(result.campaign, one.arm)} » : écart observé de "
        f"{difference_text(outcome, one.estimate.estimate)} sur le critère « {outcome.label} » "
        f"(intervalle {interval_text(outcome, one.estimate.ci_low, one.estimate.ci_high)})."
        for one in conclusions(result.primary)
    ]
    return Answer(sentences=(*sentences, WEAK_COMPARISON), details=())


def _levels(result: CampaignResult, outcome: Outcome) -> Answer:
    shown = [
        f"{arm_title(result.campaign, level.arm)}{NO_BREAK}: {level_text(outcome, level.mean)}"
        for level in overall_levels(result.primary)
    ]
    if not shown:
        text = f"{capital(outcome.label)} : trop peu de mesures pour être montrées."
    else:
        text = f"{capital(outcome.label)}, niveau observé – {' ; '.join(shown)}."
    return Answer(sentences=(f"{text} {DESCRIPTIVE}",), details=())
