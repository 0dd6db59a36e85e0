"""From the locked campaign to the plan of the trial analysis, nothing added."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from experiments.analysis.effect_estimate import Scale
from experiments.analysis.plan import RECOMMENDED, AnalysisPlan, make_plan
from nudge.analysis.outcome_rows import ARM, STRATUM, WAVE, ZONE
from nudge.campaign.campaign import Campaign
from nudge.outcomes.outcome import Outcome

CHOSEN_BY_DESIGN = "recommande"


def trial_plan(
    campaign: Campaign,
    outcome: Outcome,
    *,
    estimators: Sequence[str],
    baseline: Sequence[str] = (),
    block: Literal["strata", "pairs"] | None = None,
    design: Path | None = None,
    moderators: Sequence[str] = (),
    scales: Sequence[Scale] = (),
    influence: bool = False,
) -> AnalysisPlan:
    """Translate a campaign's analysis settings for one outcome.

    Parameters
    ----------
    estimators
        Names in the catalogue of estimators, ``recommande`` for the design's choice.
    baseline
        Baseline waves in which every zone was measured.
    block
        Whether the draw was stratified or paired.
    design
        Folder with the admissible allocations.

    Raises
    ------
    experiments.errors.InputError
        A setting that no trial analysis has, such as an unknown estimator.
    """
    settings = campaign.analysis
    arms_correction = settings.arms_correction if len(campaign.nudged) > 1 else "aucune"
    control = campaign.control
    return make_plan(
        outcome=outcome.name,
        arm=ARM,
        cluster=ZONE,
        control=None if control is None else control.identifier,
        ratios={arm.identifier: float(arm.ratio) for arm in campaign.arms},
        strata=STRATUM if block == "strata" else None,
        pairs=STRATUM if block == "pairs" else None,
        covariates=settings.adjusted_for,
        estimators=[RECOMMENDED if name == CHOSEN_BY_DESIGN else name for name in estimators],
        scales=tuple(scales),
        higher_is_better=outcome.higher_is_better,
        estimand="cluster" if campaign.estimand == "zone" else "unit",
        multiplicity="none" if arms_correction == "aucune" else arms_correction,
        period=WAVE if baseline else None,
        baseline=tuple(baseline),
        moderators=tuple(moderators),
        influence=influence,
        level=settings.level,
        draws=settings.draws,
        design=design,
    )
