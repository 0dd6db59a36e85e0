"""Simulated power of a design whose closed form has been computed."""

from collections.abc import Iterator

import numpy as np

from experiments.analysis.trial_data import TrialData
from experiments.power.contrast import PowerDesign
from experiments.power.design_draws import DesignModel, design_model, design_plan, draw_design
from experiments.power.outcome import CountOutcome
from experiments.power.simulation import SimulatedPower, power_of_trials, require_known
from experiments.power.stepped_wedge import SteppedWedgeDesign
from experiments.power.trial_of_sums import trial_of_cells

# Numbers drawn at once: beyond, trials are drawn in several lots to spare memory.
MOST_DRAWN = 1_000_000


def simulate_design(
    design: PowerDesign,
    *,
    estimator: str,
    n_trials: int = 1_000,
    seed: int = 2026,
    draws: int = 999,
) -> SimulatedPower:
    """Power of a design with the estimator that will be used, as its real analysis sees data.

    Trials have the moments that the closed form assumes (see
    :func:`~experiments.power.outcome_model.outcome_model`); clusters and units are rounded up to
    whole ones, every treated arm has the same effect and the first one is tested, at the level
    that the closed form gives it among several.

    * Waves before the start become the covariate ``(baseline)``, those after it are pooled.
    * Covariates are drawn, one per cluster-level one and one for units, and adjusted for.
    * Ordinal outcomes are analysed as scores 0, 1, 2…, counts as the events of one unit.
    * Stepped wedges are analysed with periods as a factor and arms inside clusters; period
      effects are estimated and simulated as none.

    Parameters
    ----------
    design
        Parallel design or stepped wedge.
    estimator
        Name in the catalogue of estimators.
    draws
        Draws of the randomisation test and the bootstrap.

    Raises
    ------
    InputError
        Unknown estimator, or no simulated outcome has the declared moments.
    AssumptionError
        The estimator refuses this kind of trial; the message names the alternative.
    """
    require_known(estimator)
    model = design_model(design)
    return power_of_trials(
        _trials(model, n_trials=n_trials, seed=seed, draws=draws),
        estimator=estimator,
        alpha=1 - design.contrast().level,
        warnings=_notes(model),
    )


def _trials(model: DesignModel, *, n_trials: int, seed: int, draws: int) -> Iterator[TrialData]:
    rng = np.random.default_rng(seed)
    plan = design_plan(model, draws=draws, seed=seed)
    left = n_trials
    while left > 0:
        lot = min(left, _lot(model))
        cells = draw_design(model, n_trials=lot, rng=rng)
        for place in range(lot):
            yield trial_of_cells(cells, place, plan)
        left -= lot


def _lot(model: DesignModel) -> int:
    """Trials to draw at once; units of counts are drawn one by one, the others' sums at once."""
    numbers = model.arm.size * len(model.outcome.control.locations)
    if model.outcome.law == "count":
        numbers = round(model.arm.size * model.design.units)
    return max(1, MOST_DRAWN // numbers)


def _notes(model: DesignModel) -> tuple[str, ...]:
    design, notes = model.design, []
    outcome = design.outcome
    if outcome.kind == "ordinal":
        notes.append(
            "ordinal categories are analysed as scores 0, 1, 2…: the estimate is a difference in "
            "mean score, where the closed form is of the log odds ratio"
        )
    if isinstance(outcome, CountOutcome) and outcome.exposure != 1:
        notes.append(
            f"the outcome analysed is the events of a unit in {outcome.exposure:g} units of "
            f"exposure: a difference is {outcome.exposure:g} times that of rates"
        )
    if isinstance(design, SteppedWedgeDesign):
        notes.append(
            "analysed with periods as a factor and arms inside clusters; the closed form is of "
            "generalised least squares, which gee-md and gee-kc come near and least squares "
            "without weights does not"
        )
    elif design.baseline_waves and design.baseline_analysis == "change":
        notes.append(
            "baseline_analysis 'change' is of the closed form: estimators adjust for the baseline "
            "by regression"
        )
    return tuple(notes)
