"""Power by simulation, with the very estimator that the analysis will use."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from statsmodels.stats.proportion import proportion_confint

from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.plan import make_plan
from experiments.analysis.trial_data import TrialData
from experiments.errors import AssumptionError, InputError
from experiments.power.simulated_trials import OutcomeKind, simulate_trials
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
    warnings
        How the simulated analysis differs from the closed form, and what the estimator said of
        every trial.
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
    warnings: tuple[str, ...] = ()


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
    """Simulate one-wave parallel trials, or those of a restricted draw, and analyse each.

    For the designs of a power plan see
    :func:`~experiments.power.design_simulation.simulate_design`. Trials are drawn all at once;
    each is then passed to the estimator of the catalogue, so that refusals, corrections and
    degrees of freedom are the real ones.

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
    require_known(estimator)
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
    return power_of_trials(
        (
            trial_of_sums(n=n, sum_y=sum_y, sum_yy=sum_yy, arm=arm, plan=plan, block=block)
            for n, sum_y, sum_yy, arm in zip(
                trials.n, trials.sum_y, trials.sum_yy, trials.arm, strict=True
            )
        ),
        estimator=estimator,
        alpha=alpha,
    )


def require_known(estimator: str) -> None:
    """Refuse the name of an estimator that the catalogue does not hold."""
    if estimator not in CATALOGUE:
        message = f"estimator '{estimator}' is unknown; there are {', '.join(CATALOGUE)}"
        raise InputError(message)


def power_of_trials(
    trials: Iterable[TrialData],
    *,
    estimator: str,
    alpha: float,
    warnings: tuple[str, ...] = (),
) -> SimulatedPower:
    """Analyse each trial and count rejections of no effect in the first arm beside the control.

    Parameters
    ----------
    warnings
        Caveats of the simulation itself, put before those that every analysis gave.

    A trial that cannot be analysed, by a method's assumptions or by columns that chance made
    collinear, counts as refused.

    Raises
    ------
    AssumptionError
        The estimator refused every trial; the message gives its first reason.
    """
    estimate = CATALOGUE[estimator].estimate
    found, refusals = [], []
    for trial in trials:
        try:
            found.append(estimate(trial)[0].effect)
        except (AssumptionError, InputError) as refusal:
            refusals.append(refusal)
    if not found:
        message = (
            f"estimator '{estimator}' refused every simulated trial of this design: {refusals[0]}"
        )
        raise AssumptionError(message)
    rejected = sum(one.p_value <= alpha for one in found)
    low, high = proportion_confint(rejected, len(found), method="wilson")
    power = rejected / len(found)
    widths = np.array([one.ci_high - one.ci_low for one in found])
    bounded = widths[np.isfinite(widths)]
    everywhere = set(found[0].warnings).intersection(*(one.warnings for one in found))
    return SimulatedPower(
        power=power,
        monte_carlo_error=float(np.sqrt(power * (1 - power) / len(found))),
        ci_low=float(low),
        ci_high=float(high),
        mean_estimate=float(np.mean([one.estimate for one in found])),
        mean_interval_width=float(bounded.mean()) if len(bounded) else float("inf"),
        scale=found[0].scale,
        n_trials=len(found) + len(refusals),
        n_refused=len(refusals),
        estimator=estimator,
        warnings=(*warnings, *(said for said in found[0].warnings if said in everywhere)),
    )
