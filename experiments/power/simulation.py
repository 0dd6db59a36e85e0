"""Power by simulation, with the very estimator that the analysis will use."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from statsmodels.stats.proportion import proportion_confint

from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.plan import AnalysisPlan, make_plan
from experiments.errors import AssumptionError, InputError
from experiments.power.simulated_trials import OutcomeKind, SimulatedTrials, simulate_trials
from experiments.power.trial_of_sums import trial_of_sums

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPower:
    """Share of simulated trials in which the estimator rejects.

    Attributes
    ----------
    power
        Rejections over trials that were not refused.
    monte_carlo_error
        Standard error of ``power``.
    ci_low, ci_high
        Wilson interval at 95 %.
    mean_estimate, mean_interval_width
        Averages over trials, on ``scale``; the width over bounded intervals.
    scale
        Scale of the estimator.
    n_trials, n_refused
        Trials simulated, and those the estimator refused.
    estimator
        Name in the catalogue.
    """

    power: float
    monte_carlo_error: float
    ci_low: float
    ci_high: float
    mean_estimate: float
    mean_interval_width: float
    scale: str
    n_trials: int
    n_refused: int
    estimator: str


def simulated_power(
    *,
    estimator: str,
    outcome: OutcomeKind,
    clusters_per_arm: tuple[int, ...],
    units: float,
    level: float,
    effects: tuple[float, ...],
    icc: float,
    cv: float = 0.0,
    sd: float = 1.0,
    alpha: float = 0.05,
    allocations: npt.NDArray[np.int8] | None = None,
    block: npt.NDArray[np.int64] | None = None,
    draws: int = 999,
    n_trials: int = 1_000,
    seed: int = 2026,
) -> SimulatedPower:
    """Simulate trials of a design and analyse each as the real one will be.

    Trials are drawn all at once; each is then passed to the estimator of the catalogue, so that
    refusals, corrections and degrees of freedom are the real ones.

    Parameters
    ----------
    estimator
        Name in the catalogue; the first arm beside the control counts.
    allocations
        Admissible allocations of a restricted draw, shape (A, G), from which each trial's is
        taken; by default clusters are permuted freely.
    block
        Stratum of each cluster, shape (G,), as a declared design gives; needs ``allocations``.
    draws
        Draws of the randomisation test and the bootstrap.

    Raises
    ------
    InputError
        Unknown estimator, strata without allocations, or settings out of range.
    """
    if estimator not in CATALOGUE:
        message = f"estimator '{estimator}' is unknown; there are {', '.join(CATALOGUE)}"
        raise InputError(message)
    if block is not None and allocations is None:
        message = "strata need the allocations of their draw: pass those of the declared design"
        raise InputError(message)
    rng = np.random.default_rng(seed)
    trials = simulate_trials(
        outcome=outcome,
        clusters_per_arm=clusters_per_arm,
        units=units,
        cv=cv,
        level=level,
        effects=effects,
        icc=icc,
        sd=sd,
        n_trials=n_trials,
        rng=rng,
        arm=None if allocations is None else rng.choice(allocations, n_trials),
    )
    plan = make_plan(
        outcome="y",
        arm="arm",
        cluster="cluster",
        control="0",
        strata="stratum" if block is not None else None,
        family="poisson" if outcome == "count" else "auto",
        level=1 - alpha,
        draws=draws,
        seed=seed,
    )
    return _summary(trials, estimator, plan=plan, block=block, alpha=alpha)


def _summary(
    trials: SimulatedTrials,
    estimator: str,
    *,
    plan: AnalysisPlan,
    block: npt.NDArray[np.int64] | None,
    alpha: float,
) -> SimulatedPower:
    estimate = CATALOGUE[estimator].estimate
    found = []
    for n, sum_y, sum_yy, arm in zip(
        trials.n, trials.sum_y, trials.sum_yy, trials.arm, strict=True
    ):
        trial = trial_of_sums(n=n, sum_y=sum_y, sum_yy=sum_yy, arm=arm, plan=plan, block=block)
        try:
            found.append(estimate(trial)[0].effect)
        except AssumptionError:
            continue
    if not found:
        message = f"estimator '{estimator}' refused every simulated trial of this design"
        raise AssumptionError(message)
    rejected = sum(one.p_value <= alpha for one in found)
    low, high = proportion_confint(rejected, len(found), method="wilson")
    power = rejected / len(found)
    widths = np.array([one.ci_high - one.ci_low for one in found])
    bounded = widths[np.isfinite(widths)]
    return SimulatedPower(
        power=power,
        monte_carlo_error=float(np.sqrt(power * (1 - power) / len(found))),
        ci_low=float(low),
        ci_high=float(high),
        mean_estimate=float(np.mean([one.estimate for one in found])),
        mean_interval_width=float(bounded.mean()) if len(bounded) else float("inf"),
        scale=found[0].scale,
        n_trials=len(trials.n),
        n_refused=len(trials.n) - len(found),
        estimator=estimator,
    )
