"""Every estimate of one outcome, as the locked plan declares them."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate, Scale
from experiments.analysis.heterogeneity import Heterogeneity
from experiments.analysis.trial_analysis import TrialAnalysis
from nudge.analysis.measured_zones import measured_zones
from nudge.analysis.observed_levels import observed_levels
from nudge.analysis.outcome_rows import WAVE, ZONE, outcome_rows, waves_with_all_zones
from nudge.analysis.remaining_draw import remaining_draw
from nudge.analysis.result import ArmLevel, OutcomeResult
from nudge.analysis.trial_context import TrialContext
from nudge.analysis.trial_run import Attempt, TrialRun, attempt
from nudge.french.numbers import and_list
from nudge.outcomes.outcome import Outcome

BINARY_SCALES: tuple[Scale, ...] = ("ratio", "number_needed_to_treat", "cohens_h")
OTHER_SCALES: tuple[Scale, ...] = ("hedges_g",)
ARM_MEANS = "zone-welch"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysedOutcome:
    """An outcome's result, with what only the primary outcome passes on.

    Attributes
    ----------
    result
        Estimates and levels.
    analysis
        The planned estimator's analysis; None where it was refused or there is no control.
    rows
        Table that was analysed.
    heterogeneity
        Declared interactions.
    notes
        What refused methods said, in English, for the annex.
    """

    result: OutcomeResult
    analysis: TrialAnalysis | None
    rows: pd.DataFrame
    heterogeneity: tuple[Heterogeneity, ...] = ()
    notes: tuple[str, ...] = ()


def analyse_outcome(
    context: TrialContext, outcome: Outcome, observations: pd.DataFrame, *, primary: bool
) -> AnalysedOutcome:
    """Analyse one outcome by the plan, and by nothing that is not in it.

    Parameters
    ----------
    observations
        Rows of the outcome's instrument.
    primary
        Whether to add what is declared for the primary outcome only: robustness, waves one by
        one, further scales, heterogeneity, influence.
    """
    campaign = context.campaign
    before = [wave.name for wave in campaign.baseline_waves]
    follow_up = [wave.name for wave in campaign.follow_up_waves]
    settings = campaign.analysis
    rows = outcome_rows(
        outcome,
        observations,
        arms=context.arms,
        zones=context.zones,
        waves=(*before, *follow_up),
        baseline=before,
        strata=context.strata,
        columns=tuple(dict.fromkeys((*settings.moderators, *settings.adjusted_for))),
    )
    levels = observed_levels(
        rows, outcome=outcome.name, waves=(*before, *follow_up), follow_up=follow_up
    )
    if campaign.control is None:
        return AnalysedOutcome(
            result=_result(outcome, levels, primary=primary), analysis=None, rows=rows
        )
    rows, notes = measured_zones(rows, context, follow_up=follow_up)
    baseline = waves_with_all_zones(rows, before)
    absent = [f"« {wave} »" for wave in before if wave not in baseline]
    if absent:
        notes += (
            f"La vague de référence {and_list(absent)} manque dans au moins une zone : l'analyse "
            "n'est pas ajustée sur elle.",
        )
    with tempfile.TemporaryDirectory() as scratch:
        run = TrialRun(
            context=context,
            outcome=outcome,
            rows=rows[rows[WAVE].isin([*baseline, *follow_up])],
            baseline=baseline,
            draw=_draw_of(context, rows, Path(scratch)),
        )
        return _estimated(run, levels, notes, primary=primary)


def _draw_of(context: TrialContext, rows: pd.DataFrame, scratch: Path) -> Path | None:
    if context.draw is None or not len(rows):
        return None
    return remaining_draw(context.draw, zones=set(rows[ZONE]), folder=scratch)


def _estimated(
    run: TrialRun, levels: tuple[ArmLevel, ...], notes: tuple[str, ...], *, primary: bool
) -> AnalysedOutcome:
    settings = run.context.campaign.analysis
    main = attempt(run, settings.estimator, influence=primary)
    if main.analysis is None:
        notes += ("L'estimateur prévu ne s'applique pas à ces données, et aucun ne le remplace.",)
        result = _result(run.outcome, levels, notes=notes, primary=primary)
        return AnalysedOutcome(result=result, analysis=None, rows=run.rows, notes=(main.refusal,))
    planned = main.analysis.estimates[0].estimator
    by_name = {one.estimator: None for one in main.analysis.estimates}
    estimates = tuple(one for one in main.analysis.estimates if one.estimator == planned)
    companions = tuple(one for one in main.analysis.estimates if one.estimator != planned)
    if not primary:
        result = _result(
            run.outcome, levels, notes=notes, estimates=estimates, robustness=companions
        )
        return AnalysedOutcome(result=result, analysis=main.analysis, rows=run.rows)
    further = [name for name in settings.robustness if name not in by_name]
    others = [attempt(run, name) for name in further]
    moderated = [attempt(run, planned, moderator=name) for name in settings.moderators]
    refused = (
        *_refused(further, others, "L'estimateur de robustesse « {} » n'a pas pu être calculé"),
        *_refused(settings.moderators, moderated, "L'effet selon « {} » n'a pas pu être comparé"),
    )
    result = _result(
        run.outcome,
        levels,
        notes=(*notes, *refused),
        primary=True,
        estimates=estimates,
        robustness=(*companions, *_estimates(others)),
        by_wave=_by_wave(run, planned) if settings.decay else {},
        other_scales=_other_scales(run, planned),
    )
    return AnalysedOutcome(
        result=result,
        analysis=main.analysis,
        rows=run.rows,
        heterogeneity=tuple(
            found for one in moderated if one.analysis for found in one.analysis.heterogeneity
        ),
        notes=tuple(one.refusal for one in (*others, *moderated) if one.refusal),
    )


def _refused(names: Sequence[str], attempts: Sequence[Attempt], words: str) -> list[str]:
    return [
        f"{words.format(name)} : les données ne s'y prêtent pas."
        for name, one in zip(names, attempts, strict=True)
        if one.analysis is None
    ]


def _estimates(attempts: Sequence[Attempt]) -> tuple[EffectEstimate, ...]:
    return tuple(found for one in attempts if one.analysis for found in one.analysis.estimates)


def _by_wave(run: TrialRun, planned: str) -> dict[str, tuple[EffectEstimate, ...]]:
    waves = [wave.name for wave in run.context.campaign.follow_up_waves]
    complete = waves_with_all_zones(run.rows, waves)
    attempts = {wave: attempt(run, planned, wave=wave) for wave in complete}
    return {
        wave: one.analysis.estimates for wave, one in attempts.items() if one.analysis is not None
    }


def _other_scales(run: TrialRun, planned: str) -> tuple[EffectEstimate, ...]:
    scales = BINARY_SCALES if run.outcome.kind == "binary" else OTHER_SCALES
    attempts = [attempt(run, planned, scale=scale) for scale in scales]
    if not any(one.analysis for one in attempts):
        # An adjusted estimator has no arm means to convert; Welch's on zone means has.
        attempts = [attempt(run, ARM_MEANS, scale=scale) for scale in scales]
    return tuple(one for one in _estimates(attempts) if one.scale in scales)


def _result(
    outcome: Outcome,
    levels: tuple[ArmLevel, ...],
    *,
    notes: tuple[str, ...] = (),
    primary: bool = False,
    estimates: tuple[EffectEstimate, ...] = (),
    robustness: tuple[EffectEstimate, ...] = (),
    by_wave: dict[str, tuple[EffectEstimate, ...]] | None = None,
    other_scales: tuple[EffectEstimate, ...] = (),
) -> OutcomeResult:
    return OutcomeResult(
        outcome=outcome.name,
        primary=primary,
        estimates=estimates,
        robustness=robustness,
        levels=levels,
        by_wave=by_wave or {},
        other_scales=other_scales,
        not_estimable=notes,
    )
