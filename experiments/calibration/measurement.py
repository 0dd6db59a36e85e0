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

DRAWS = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one estimator did over the trials of one scenario.

    Attributes
    ----------
    trials, refused
        Trials analysed, and how many of them the method refused.
    rejected_null
        Rejections at 5 % with no effect, among those not refused.
    rejected_effect, covered_effect
        Rejections, and intervals that hold the truth, with the scenario's effect.
    refused_effect
        Refusals with the effect.
    has_truth
        Whether the truth is known on the estimator's scale, so that coverage has a meaning.
    """

    trials: int
    refused: int
    rejected_null: int
    rejected_effect: int
    covered_effect: int
    refused_effect: int
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
        Trials under each of the two truths; the same ones for every estimator.
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
    effect = draw(scenario, with_effect=True, n_trials=n_trials, rng=rng)
    found: dict[str, Tally] = {}
    for name in estimators:
        under_null = [_estimate(null, place, name, plan) for place in range(n_trials)]
        under_effect = [_estimate(effect, place, name, plan) for place in range(n_trials)]
        found[name] = _tally(scenario, under_null, under_effect)
    return found


def truth(scenario: Scenario, scale: str) -> float | None:
    """Return the simulated effect on a scale; None where the model does not define it."""
    control = LEVEL[scenario.outcome]
    treated = control + scenario.effect
    if scale == "difference":
        return scenario.effect
    if scale == "log_ratio":
        return float(np.log(treated / control))
    return None


def _estimate(
    trials: SimulatedTrials, place: int, name: str, plan: AnalysisPlan
) -> EffectEstimate | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            trial = trial_of_sums(
                n=trials.n[place],
                sum_y=trials.sum_y[place],
                sum_yy=trials.sum_yy[place],
                arm=trials.arm[place],
                plan=plan,
            )
            return CATALOGUE[name].estimate(trial)[0].effect
        except AssumptionError:
            return None


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
        rejected_effect=sum(one.p_value <= 0.05 for one in effects),
        covered_effect=covered,
        refused_effect=len(under_effect) - len(effects),
        has_truth=real is not None,
    )
