"""How often each estimator rejects and covers, over simulated trials of one scenario."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.plan import AnalysisPlan, make_plan
from experiments.calibration.scenario import LEVEL, Scenario, draw
from experiments.errors import AssumptionError
from experiments.power.simulated_trials import SimulatedTrials
from experiments.power.trial_of_sums import trial_of_sums

# Draws of the randomisation test and the bootstrap: 0.05 * 400 is whole, so p <= 0.05 is exact.
DRAWS = 399
# Power and coverage need fewer trials than the type-I error.
EFFECT_SHARE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one estimator did over the trials of one scenario.

    Attributes
    ----------
    trials, refused
        Trials without effect, and how many of them the method refused.
    rejected_null
        Rejections at 5 % among those not refused.
    trials_effect, refused_effect
        Trials with the scenario's effect, and refusals among them.
    rejected_effect, covered_effect
        Rejections, and intervals that hold the truth, with the effect.
    has_truth
        Whether the truth is known on the estimator's scale, so that coverage has a meaning.
    """

    trials: int
    refused: int
    rejected_null: int
    trials_effect: int
    refused_effect: int
    rejected_effect: int
    covered_effect: int
    has_truth: bool


def measure(
    scenario: Scenario, estimators: Sequence[str], *, n_trials: int, seed: int
) -> dict[str, Tally]:
    """Analyse simulated trials with each estimator, under the null and under the effect.

    Parameters
    ----------
    estimators
        Names in the catalogue.
    n_trials
        Trials without effect, and four times as many as with one; the same for every estimator.
    seed
        With the scenario's own key, determines every draw.
    """
    rng = np.random.default_rng([seed, *scenario.key.encode()])
    plan = make_plan(
        outcome="y",
        arm="arm",
        cluster="cluster",
        control="0",
        family="auto" if scenario.outcome != "count" else "poisson",
        draws=DRAWS,
        seed=seed,
    )
    null = draw(scenario, with_effect=False, n_trials=n_trials, rng=rng)
    effect = draw(scenario, with_effect=True, n_trials=max(1, n_trials // EFFECT_SHARE), rng=rng)
    under_null, under_effect = (
        [_estimates(trials, place, estimators, plan) for place in range(len(trials.n))]
        for trials in (null, effect)
    )
    return {
        name: _tally(
            scenario, [one[name] for one in under_null], [one[name] for one in under_effect]
        )
        for name in estimators
    }


def truth(scenario: Scenario, scale: str) -> float | None:
    """Return the simulated effect on a scale; None where the model does not define it."""
    control = LEVEL[scenario.outcome]
    treated = control + scenario.effect
    if scale == "difference":
        return scenario.effect
    if scale == "log_ratio":
        return float(np.log(treated / control))
    return None


def _estimates(
    trials: SimulatedTrials, place: int, estimators: Sequence[str], plan: AnalysisPlan
) -> dict[str, EffectEstimate | None]:
    trial = trial_of_sums(
        n=trials.n[place],
        sum_y=trials.sum_y[place],
        sum_yy=trials.sum_yy[place],
        arm=trials.arm[place],
        plan=plan,
    )
    found: dict[str, EffectEstimate | None] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in estimators:
            try:
                found[name] = CATALOGUE[name].estimate(trial)[0].effect
            except AssumptionError:
                found[name] = None
    return found


def _tally(
    scenario: Scenario,
    under_null: Sequence[EffectEstimate | None],
    under_effect: Sequence[EffectEstimate | None],
) -> Tally:
    effects = [one for one in under_effect if one is not None]
    real = truth(scenario, effects[0].scale) if effects else None
    if effects and effects[0].scale == "log_odds_ratio" and effects[0].estimator.startswith("gee"):
        # A GEE estimates the population's odds ratio, which the beta-binomial law keeps as given.
        control = LEVEL[scenario.outcome]
        treated = control + scenario.effect
        real = float(np.log(treated / (1 - treated)) - np.log(control / (1 - control)))
    covered = 0
    if real is not None:
        covered = sum(one.ci_low <= real <= one.ci_high for one in effects)
    return Tally(
        trials=len(under_null),
        refused=sum(one is None for one in under_null),
        rejected_null=sum(one is not None and one.p_value <= 0.05 for one in under_null),
        trials_effect=len(under_effect),
        rejected_effect=sum(one.p_value <= 0.05 for one in effects),
        covered_effect=covered,
        refused_effect=len(under_effect) - len(effects),
        has_truth=real is not None,
    )
