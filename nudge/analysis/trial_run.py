"""One attempt at a declared method: its analysis, or why the data refuse it."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.analysis.analyze import analyze
from experiments.analysis.effect_estimate import Scale
from experiments.analysis.trial_analysis import TrialAnalysis
from experiments.errors import AssumptionError, InputError
from nudge.analysis.outcome_rows import WAVE
from nudge.analysis.trial_context import TrialContext
from nudge.analysis.trial_plan import trial_plan
from nudge.outcomes.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRun:
    """Rows of one outcome, ready for any method of the plan.

    Attributes
    ----------
    context, outcome, rows
        Who is compared, on what, and the table.
    baseline
        Baseline waves in which every zone was measured.
    draw
        Folder with the admissible allocations of exactly these zones; None without a draw.
    """

    context: TrialContext
    outcome: Outcome
    rows: pd.DataFrame
    baseline: tuple[str, ...]
    draw: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a method gave.

    Attributes
    ----------
    analysis
        None where the data refuse the method.
    refusal
        Why, in the method's own English words; empty where it worked.
    """

    analysis: TrialAnalysis | None
    refusal: str = ""


def attempt(
    run: TrialRun,
    estimator: str,
    *,
    wave: str | None = None,
    moderator: str | None = None,
    scale: Scale | None = None,
    influence: bool = False,
) -> Attempt:
    """Analyse by one estimator.

    Parameters
    ----------
    wave
        The only follow-up wave to use; None for all.
    moderator
        Declared interaction to add.
    scale
        Further scale.
    influence
        Whether to estimate without each zone in turn.
    """
    rows = run.rows
    if wave is not None:
        rows = rows[rows[WAVE].isin([*run.baseline, wave])]
    try:
        plan = trial_plan(
            run.context.campaign,
            run.outcome,
            estimators=(estimator,),
            baseline=run.baseline,
            block=run.context.block,
            design=run.draw,
            moderators=() if moderator is None else (moderator,),
            scales=() if scale is None else (scale,),
            influence=influence,
        )
        return Attempt(analysis=analyze(rows, plan))
    except (AssumptionError, InputError) as error:
        return Attempt(analysis=None, refusal=f"{run.outcome.name}, {estimator}: {error}")
