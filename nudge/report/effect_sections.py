"""Sections on what was found: effect, waves, territory, secondary outcomes."""

import math
from collections.abc import Sequence

import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.heterogeneity import SubgroupEffect
from nudge.analysis.result import CampaignResult, OutcomeResult
from nudge.french.numbers import NO_BREAK, decimal_comma, percent
from nudge.outcomes.catalogue import OUTCOMES
from nudge.outcomes.outcome import FAMILY_TITLES, Outcome
from nudge.report.analysis_notes import named_codes
from nudge.report.conclusion import Conclusion, arm_of, arm_title, compares, conclude
from nudge.report.document import Block, Bullets, Paragraph, Picture, Section, Subheading, Table
from nudge.report.estimator_names import SCALE_NAMES, estimator_name
from nudge.report.figures import IntervalRow, interval_figure
from nudge.report.level_blocks import before_after_blocks, level_blocks, wave_effect_blocks
from nudge.report.rounding import digits_that_keep_signs
from nudge.report.territory_meaning import territory_meaning
from nudge.report.wording import (
    capital,
    difference_digits,
    difference_text,
    interval_text,
    p_text,
    scaled,
    sentence,
    signed,
)
from nudge.report.worthwhile_effect import worthwhile_effect

NOT_QUALITY = "La participation n'est pas la qualité du tri."
VERDICTS = {
    ("benefit", False): "amélioration établie",
    ("harm", False): "dégradation établie",
    ("open", False): "ne permet pas de trancher",
    ("open", True): "ne permet pas de trancher après correction",
}


def effect_section(result: CampaignResult) -> Section:
    """Effect on the primary outcome: figure, table, levels, wave by wave."""
    found, outcome = result.primary, OUTCOMES[result.primary.outcome]
    blocks: list[Block] = [Paragraph(text=f"Critère principal : {sentence(outcome.label)}")]
    if found.estimates:
        blocks += _effect_blocks(result, found, outcome)
    if result.before_after is not None and not compares(result):
        blocks += before_after_blocks(result, result.before_after, outcome)
    blocks += level_blocks(result, found, outcome)
    if found.by_wave and found.estimates:
        blocks += wave_effect_blocks(result, found, outcome)
    return Section(key="effet", title=_effect_title(result), blocks=tuple(blocks))


def territory_section(result: CampaignResult) -> Section:
    """What the effect would mean for the territory."""
    meaning = territory_meaning(result)
    blocks: list[Block] = []
    if meaning.rows:
        several = len({row.arm for row in meaning.rows}) > 1
        blocks.append(
            Table(
                key="territoire",
                caption="Ordres de grandeur pour le territoire, avec leur intervalle.",
                headers=("Groupe", "Quantité", "Estimation (intervalle)"),
                rows=tuple(
                    (row.arm, row.quantity, row.text()) for row in meaning.rows
                ),
                numeric=frozenset({2}) if several else frozenset(),
                data=pd.DataFrame(
                    [
                        {"groupe": row.arm, "quantite": row.quantity, "estimation": row.estimate,
                         "borne_basse": row.low, "borne_haute": row.high}
                        for row in meaning.rows
                    ]
                ),
            )
        )  # fmt: skip
    blocks += [Paragraph(text=note) for note in meaning.notes]
    return Section(key="territoire", title="Ce que cela voudrait dire ici", blocks=tuple(blocks))


def secondary_section(result: CampaignResult) -> Section | None:
    """Secondary outcomes, family by family, with corrected p-values in plain words."""
    others = result.outcomes[1:]
    if not others:
        return None
    blocks: list[Block] = [
        Paragraph(
            text="Ces critères éclairent le résultat principal ; ils ne le remplacent pas. Les "
            "familles de critères ne sont jamais additionnées."
        )
    ]
    families = dict.fromkeys(OUTCOMES[one.outcome].family for one in others)
    for family in families:
        blocks.append(Subheading(text=capital(FAMILY_TITLES[family])))
        if family == "participation":
            blocks.append(Paragraph(text=NOT_QUALITY, tone="note"))
        for found in others:
            if OUTCOMES[found.outcome].family == family:
                blocks += _secondary_blocks(result, found)
    return Section(key="autres-criteres", title="Autres critères", blocks=tuple(blocks))


def estimate_table(
    result: CampaignResult,
    outcome: Outcome,
    estimates: Sequence[EffectEstimate],
    *,
    key: str,
    caption: str,
    by_estimator: bool = False,
) -> Table:
    """Table of differences, with the corrected p-value where there is one."""
    corrected = any(one.p_adjusted is not None for one in estimates)
    rows = []
    for one in estimates:
        first = arm_title(result.campaign, arm_of(one.contrast))
        row = [first, estimator_name(one.estimator)] if by_estimator else [first]
        row += [
            difference_text(outcome, one.estimate),
            interval_text(outcome, one.ci_low, one.ci_high),
            p_text(one.p_value),
        ]
        rows.append((*row, p_text(one.p_adjusted)) if corrected else tuple(row))
    level = percent(estimates[0].level, 0)
    headers = ["Groupe", *(["Méthode"] if by_estimator else [])]
    headers += ["Écart", f"Intervalle à {level}", "p", *(["p corrigé"] if corrected else [])]
    return Table(
        key=key,
        caption=caption,
        headers=tuple(headers),
        rows=tuple(rows),
        numeric=frozenset(range(2 if by_estimator else 1, len(headers))),
        data=estimates_frame(estimates),
    )


def estimates_frame(estimates: Sequence[EffectEstimate]) -> pd.DataFrame:
    """Return estimates as unrounded numbers, one row each."""
    return pd.DataFrame(
        [
            {
                "critere": one.outcome,
                "groupe": arm_of(one.contrast),
                "estimateur": one.estimator,
                "echelle": one.scale,
                "estimation": one.estimate,
                "erreur_type": one.std_error,
                "borne_basse": one.ci_low,
                "borne_haute": one.ci_high,
                "niveau": one.level,
                "p": one.p_value,
                "p_corrige": one.p_adjusted,
            }
            for one in estimates
        ]
    )


def effect_figure(
    result: CampaignResult,
    outcome: Outcome,
    labelled: Sequence[tuple[str, EffectEstimate | SubgroupEffect, bool]],
    *,
    mark_worthwhile: bool,
) -> str:
    """Draw labelled estimates of an outcome with their intervals."""
    rows = [
        IntervalRow(
            label=label,
            text=numbers_text(outcome, one),
            estimate=scaled(outcome, one.estimate),
            low=scaled(outcome, one.ci_low),
            high=scaled(outcome, one.ci_high),
            main=main,
        )
        for label, one, main in labelled
    ]
    return interval_figure(
        rows,
        axis_label=f"Écart avec le groupe témoin ({axis_unit(outcome)})",
        simulation=result.campaign.simulation,
        higher_is_better=outcome.higher_is_better,
        marks=_marks(result, outcome) if mark_worthwhile else (),
    )


def axis_unit(outcome: Outcome) -> str:
    """Return the unit of an axis of differences."""
    return "points" if outcome.is_share else outcome.unit


def numbers_text(outcome: Outcome, one: EffectEstimate | SubgroupEffect) -> str:
    """Return ``+7,0 [+2,0 ; +12,1]``."""
    ends = (one.estimate, one.ci_low, one.ci_high)
    digits = difference_digits(outcome, ends)
    shown = [signed(scaled(outcome, value), digits) for value in ends]
    return f"{shown[0]} [{shown[1]}{NO_BREAK}; {shown[2]}]"


def _effect_title(result: CampaignResult) -> str:
    return "L'effet mesuré" if compares(result) else "Ce qui a été observé"


def _effect_blocks(result: CampaignResult, found: OutcomeResult, outcome: Outcome) -> list[Block]:
    titles = [arm_title(result.campaign, arm_of(one.contrast)) for one in found.estimates]
    figure = effect_figure(
        result, outcome,
        [(title, one, True) for title, one in zip(titles, found.estimates, strict=True)],
        mark_worthwhile=compares(result),
    )  # fmt: skip
    spoken = " ; ".join(
        f"{title} : {difference_text(outcome, one.estimate)}, intervalle "
        f"{interval_text(outcome, one.ci_low, one.ci_high)}"
        for title, one in zip(titles, found.estimates, strict=True)
    )
    level = percent(found.estimates[0].level, 0)
    caption = f"Écart avec le groupe témoin et intervalle à {level}."
    blocks: list[Block] = [
        Picture(
            key="figure-effet",
            svg=figure,
            alt=f"Écart de chaque groupe avec le groupe témoin. {spoken}.",
            caption=caption,
        ),
        estimate_table(
            result,
            outcome,
            found.estimates,
            key="effet",
            caption="Les nombres de la figure : écart avec le groupe témoin.",
        ),
    ]
    if any(one.p_adjusted is not None for one in found.estimates):
        blocks.append(
            Paragraph(
                text="Les intervalles sont donnés groupe par groupe ; les conclusions, elles, "
                "tiennent compte du nombre de comparaisons (p corrigé)."
            )
        )
    scales = _other_scales(result, found)
    return [*blocks, *scales]


def _other_scales(result: CampaignResult, found: OutcomeResult) -> list[Block]:
    shown = [one for one in found.other_scales if math.isfinite(one.estimate)]
    if not shown:
        return []
    return [
        Table(
            key="autres-echelles",
            caption="Le même résultat sur d'autres échelles.",
            headers=("Groupe", "Échelle", "Valeur", "Intervalle"),
            rows=tuple(scale_row(result, one) for one in shown),
            numeric=frozenset({2, 3}),
            data=estimates_frame(shown),
        )
    ]


def scale_row(result: CampaignResult, one: EffectEstimate) -> tuple[str, ...]:
    """Return arm, scale, value and interval of an estimate that is no difference."""
    neutral = 1.0 if one.scale in {"ratio", "odds_ratio"} else 0.0
    ends = (one.estimate, one.ci_low, one.ci_high)
    start = 1 if one.scale == "number_needed_to_treat" else 2
    digits = digits_that_keep_signs([value - neutral for value in ends], start=start)

    def told(value: float) -> str:
        return decimal_comma(value, digits) if math.isfinite(value) else signed(value, digits)

    arm = arm_title(result.campaign, arm_of(one.contrast))
    if one.scale == "number_needed_to_treat" and not math.isfinite(one.ci_high - one.ci_low):
        return (arm, SCALE_NAMES[one.scale], "–", "non défini, zéro n'étant pas exclu")
    reach = f"de {told(one.ci_low)} à {told(one.ci_high)}"
    return (arm, SCALE_NAMES[one.scale], told(one.estimate), reach)


def _marks(result: CampaignResult, outcome: Outcome) -> list[tuple[float, str]]:
    sign = 1 if outcome.higher_is_better else -1
    sizes: dict[float, str] = {}
    for arm in result.campaign.nudged:
        least = worthwhile_effect(result.campaign, arm)
        if least is not None:
            place = sign * scaled(outcome, least.size)
            text = difference_text(outcome, sign * least.size)
            sizes.setdefault(place, f"plus petit effet qui en vaut la peine ({text})")
    return list(sizes.items())


def _secondary_blocks(result: CampaignResult, found: OutcomeResult) -> list[Block]:
    outcome = OUTCOMES[found.outcome]
    blocks: list[Block] = [Paragraph(text=f"{capital(outcome.label)}.")]
    if found.estimates:
        caption = f"{capital(outcome.label)} : écart avec le groupe témoin."
        table = estimate_table(
            result, outcome, found.estimates, key=f"critere-{found.outcome}", caption=caption
        )
        concluded = [conclude(outcome, one) for one in found.estimates]
        blocks = [table, Bullets(items=tuple(_plain_words(result, one) for one in concluded))]
    else:
        blocks += level_blocks(result, found, outcome)
    blocks += [Paragraph(text=note, tone="note") for note in (outcome.caution,) if note]
    if found.not_estimable:
        blocks.append(Bullets(items=tuple(map(named_codes, found.not_estimable))))
    return blocks


def _plain_words(result: CampaignResult, one: Conclusion) -> str:
    """Return the conclusion and what the corrected p-value means, without a cause where none."""
    title = arm_title(result.campaign, one.arm)
    corrected = one.estimate.p_adjusted
    p_value = one.estimate.p_value if corrected is None else corrected
    after = "" if corrected is None else ", après correction pour le nombre de critères"
    times = max(1, round(1_000 * p_value))
    often = (
        "moins d'une fois sur 1 000" if p_value < 0.001
        else f"environ {decimal_comma(times / 10, 0 if times >= 20 else 1)} fois sur 100"
    )  # fmt: skip
    chance = f"le hasard seul donnerait un écart au moins aussi grand {often}{after}"
    if not compares(result):
        return f"{title} : écart observé, sans conclusion sur la cause ; {chance}."
    return f"{title} : {VERDICTS[one.verdict, one.lost_by_correction]} ; {chance}."
