"""Levels by arm and wave, effects by wave, and the change of a campaign without control."""

import math
from collections.abc import Sequence
from typing import Literal

import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate
from nudge.analysis.result import ArmLevel, BeforeAfter, CampaignResult, OutcomeResult
from nudge.campaign.arm import Arm
from nudge.french.numbers import whole
from nudge.outcomes.outcome import Outcome
from nudge.report.conclusion import arm_of, arm_title
from nudge.report.document import Block, Paragraph, Picture, Subheading, Table
from nudge.report.figures import Series, wave_figure
from nudge.report.small_cells import HIDDEN, SMALL_CELL, large_enough
from nudge.report.wording import (
    capital,
    difference_text,
    interval_text,
    level_text,
    scaled,
    wave_title,
)

ALL_FOLLOW_UP = "suivi, toutes vagues"
REFERENCE = "reference"


def level_blocks(result: CampaignResult, found: OutcomeResult, outcome: Outcome) -> list[Block]:
    """Observed levels: a figure where there are several waves, and a table."""
    if not found.levels:
        return []
    if not any(large_enough(level) for level in found.levels):
        few = f"Niveaux par groupe : {HIDDEN} zones ou relevés."
        return [Paragraph(text=few, tone="note")]
    waves = [wave.name for wave in result.campaign.baseline_waves]
    start = len(waves)
    waves += [wave.name for wave in result.campaign.follow_up_waves]
    measured = {level.wave for level in found.levels}
    start = sum(wave in measured for wave in waves[:start])
    waves = [wave for wave in waves if wave in measured]
    heading = Subheading(text="Niveaux observés")
    table = _level_table(result, found, outcome)
    if len(waves) < 2 or not found.primary:
        return [heading, table] if found.primary else [table]
    series = _level_series(result, found, outcome, waves)
    unit = "%" if outcome.is_share else outcome.unit
    figure = wave_figure(
        series,
        waves=waves,
        axis_label=f"{capital(outcome.label)} ({unit})",
        simulation=result.campaign.simulation,
        start=start,
    )
    return [
        heading,
        Picture(
            key="figure-niveaux",
            svg=figure,
            alt=(
                f"{capital(outcome.label)}, vague par vague. "
                f"{_spoken_levels(result, found, outcome)}"
            ),
            caption=f"Niveau moyen des zones, par groupe et par vague.{_cut_axis(series)}",
        ),
        table,
    ]  # fmt: skip


def wave_effect_blocks(
    result: CampaignResult, found: OutcomeResult, outcome: Outcome
) -> list[Block]:
    """Effect in each follow-up wave: does it hold or fade."""
    shown = {
        wave: [one for one in estimates if min(one.n_clusters.values(), default=0) >= SMALL_CELL]
        for wave, estimates in found.by_wave.items()
    }
    every = [(wave, one) for wave, estimates in shown.items() for one in estimates]
    rows = tuple(
        (
            wave_title(wave),
            arm_title(result.campaign, arm_of(one.contrast)),
            difference_text(outcome, one.estimate),
            interval_text(outcome, one.ci_low, one.ci_high),
        )
        for wave, one in every
    )
    records = [
        {
            "vague": wave,
            "groupe": arm_of(one.contrast),
            "estimation": one.estimate,
            "borne_basse": one.ci_low,
            "borne_haute": one.ci_high,
        }
        for wave, one in every
    ]
    heading = Subheading(text="L'écart dans le temps")
    if not rows:
        return [heading, Paragraph(text="Trop peu de zones par vague pour être montré.")]
    blocks: list[Block] = [heading]
    if len(shown) > 1:
        blocks.append(_decay_picture(result, outcome, shown))
    table = Table(
        key="vagues",
        caption="Écart avec le groupe témoin dans chaque vague de suivi.",
        headers=("Vague", "Groupe", "Écart", "Intervalle"),
        rows=rows,
        numeric=frozenset({2, 3}),
        data=pd.DataFrame(records),
    )
    return [*blocks, table]


def before_after_blocks(
    result: CampaignResult, change: BeforeAfter, outcome: Outcome
) -> list[Block]:
    """Waves of a campaign without control group, as observed."""
    waves = change.waves
    small = waves["unites"] < SMALL_CELL
    values = waves["moyenne"].where(~small)
    unit = "%" if outcome.is_share else outcome.unit
    series = [Series(label="observé", values=tuple(scaled(outcome, value) for value in values))]
    figure = wave_figure(
        series,
        waves=[str(name) for name in waves["vague"]],
        axis_label=f"{capital(outcome.label)} ({unit})",
        simulation=result.campaign.simulation,
        start=int((waves["type"] == REFERENCE).sum()),
    )
    rows = tuple(
        (
            wave_title(str(wave)),
            "avant" if kind == REFERENCE else "après",
            HIDDEN if hidden else level_text(outcome, mean),
            f"moins de {SMALL_CELL}" if hidden else whole(units),
        )
        for wave, mean, units, kind, hidden in zip(
            waves["vague"], waves["moyenne"], waves["unites"], waves["type"], small, strict=True
        )
    )
    return [
        Picture(
            key="figure-avant-apres",
            svg=figure,
            alt="Niveau observé vague par vague : "
            + " ; ".join(f"{row[0]} ({row[1]}), {row[2]}" for row in rows)
            + ".",
            caption=f"Niveau observé, vague par vague, sans groupe témoin.{_cut_axis(series)}",
        ),
        Table(
            key="avant-apres",
            caption="Niveau observé avant et après, sans groupe témoin.",
            headers=("Vague", "Période", "Niveau", capital(outcome.counted_plural)),
            rows=rows,
            numeric=frozenset({2, 3}),
            data=waves[~small],
        ),
    ]


def _level_series(
    result: CampaignResult, found: OutcomeResult, outcome: Outcome, waves: list[str]
) -> list[Series]:
    known = {
        (level.arm, level.wave): scaled(outcome, level.mean)
        for level in found.levels
        if large_enough(level)
    }
    return [
        Series(
            label=arm.title,
            values=tuple(known.get((arm.identifier, wave), math.nan) for wave in waves),
        )
        for arm in _arms_in_order(result)
    ]


def _arms_in_order(result: CampaignResult) -> list[Arm]:
    return sorted(result.campaign.arms, key=lambda arm: not arm.control)


def _cut_axis(series: Sequence[Series]) -> str:
    """Warn that a figure's axis does not start at zero, which makes changes look larger."""
    shown = [mean for one in series for mean in iter(one.values) if math.isfinite(mean)]
    # The figure leaves a twentieth of the range below the smallest value.
    cut = bool(shown) and min(shown) - 0.05 * (max(shown) - min(shown)) > 0
    return " L'axe vertical ne part pas de zéro." if cut else ""


def _in_order(result: CampaignResult, found: OutcomeResult) -> list[ArmLevel]:
    names = [arm.identifier for arm in _arms_in_order(result)]
    waves = [
        *(wave.name for wave in result.campaign.baseline_waves),
        *(wave.name for wave in result.campaign.follow_up_waves),
        "",
    ]
    known = [one for one in found.levels if one.arm in names and one.wave in waves]
    return sorted(known, key=lambda one: (waves.index(one.wave), names.index(one.arm)))


def _level_table(result: CampaignResult, found: OutcomeResult, outcome: Outcome) -> Table:
    levels = _in_order(result, found)
    return Table(
        key=f"niveaux-{found.outcome}",
        caption=f"{capital(outcome.label)} : niveau moyen des zones.",
        headers=("Vague", "Groupe", "Niveau", "Zones", capital(outcome.counted_plural)),
        rows=tuple(_level_row(result, outcome, one) for one in levels),
        numeric=frozenset({2, 3, 4}),
        data=pd.DataFrame(
            [
                {"vague": one.wave, "groupe": one.arm, "moyenne": one.mean, "zones": one.zones,
                 "unites": one.units}
                for one in levels if large_enough(one)
            ]
        ),
    )  # fmt: skip


def _level_row(result: CampaignResult, outcome: Outcome, one: ArmLevel) -> tuple[str, ...]:
    head = (wave_title(one.wave) or ALL_FOLLOW_UP, arm_title(result.campaign, one.arm))
    if not large_enough(one):
        return (*head, HIDDEN, "–", "–")
    return (*head, level_text(outcome, one.mean), whole(one.zones), whole(one.units))


def _spoken_levels(result: CampaignResult, found: OutcomeResult, outcome: Outcome) -> str:
    spoken = []
    for arm in _arms_in_order(result):
        told = [
            f"{wave_title(one.wave)} {level_text(outcome, one.mean)}"
            for one in _in_order(result, found)
            if one.arm == arm.identifier and one.wave and large_enough(one)
        ]
        spoken.append(f"{arm.title} : {', '.join(told) or 'non montré'}.")
    return " ".join(spoken)


def _decay_picture(
    result: CampaignResult, outcome: Outcome, shown: dict[str, list[EffectEstimate]]
) -> Picture:
    found = {
        (arm_of(one.contrast), wave): one for wave, estimates in shown.items() for one in estimates
    }
    series = [
        Series(
            label=arm.title,
            values=_over_waves(outcome, found, arm.identifier, list(shown), "estimate"),
            low=_over_waves(outcome, found, arm.identifier, list(shown), "ci_low"),
            high=_over_waves(outcome, found, arm.identifier, list(shown), "ci_high"),
        )
        for arm in result.campaign.nudged
    ]
    unit = "points" if outcome.is_share else outcome.unit
    spoken = " ; ".join(
        f"{wave_title(wave)}, {arm_title(result.campaign, arm)} : "
        f"{difference_text(outcome, one.estimate)}"
        for (arm, wave), one in found.items()
    )
    return Picture(
        key="figure-vagues",
        svg=wave_figure(
            series,
            waves=list(shown),
            axis_label=f"Écart avec le groupe témoin ({unit})",
            simulation=result.campaign.simulation,
            zero=True,
        ),
        alt=f"Écart avec le groupe témoin, vague par vague. {spoken}.",
        caption="Écart avec le groupe témoin dans chaque vague de suivi, avec son intervalle.",
    )


def _over_waves(
    outcome: Outcome,
    found: dict[tuple[str, str], EffectEstimate],
    arm: str,
    waves: list[str],
    part: Literal["estimate", "ci_low", "ci_high"],
) -> tuple[float, ...]:
    """One number of an arm's estimates over the waves, as shown; NaN where there is none."""
    ones = [found.get((arm, wave)) for wave in waves]
    return tuple(
        math.nan if one is None else scaled(outcome, float(getattr(one, part))) for one in ones
    )
