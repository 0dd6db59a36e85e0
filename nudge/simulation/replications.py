"""The whole chain again and again: simulate, measure, analyse, compare with the truth."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from experiments.analysis.analyze import analyze
from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.plan import AnalysisPlan
from nudge.analysis.outcome_rows import ARM, outcome_rows
from nudge.analysis.trial_plan import trial_plan
from nudge.campaign.campaign import Campaign
from nudge.outcomes.catalogue import OUTCOMES
from nudge.simulation.random_streams import stream
from nudge.simulation.simulate import SimulatedField, simulate
from nudge.simulation.truth import Truth

Allocation = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A share of replications with its Wilson interval at 95 %.

    Attributes
    ----------
    count, of
        Replications that did, and in all.
    share, low, high
        In [0, 1].
    """

    count: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Replications:
    """How one estimator fared on one contrast.

    Attributes
    ----------
    contrast, estimator
        As in :class:`~experiments.analysis.effect_estimate.EffectEstimate`.
    coverage
        Intervals that hold the true effect of their own replication.
    rejection
        Tests that reject no effect at one minus the plan's level.
    naive_rejection
        The same for a z test that takes units for independent.
    mean_truth, mean_estimate
        Average true effect and average estimate.
    """

    contrast: str
    estimator: str
    coverage: Proportion
    rejection: Proportion
    naive_rejection: Proportion
    mean_truth: float
    mean_estimate: float


def replicate(
    campaign: Campaign,
    zones: pd.DataFrame,
    neighbours: pd.DataFrame,
    truth: Truth,
    *,
    plan: AnalysisPlan | None = None,
    replications: int,
    seed: int,
    units_per_zone: int,
) -> tuple[Replications, ...]:
    """Draw arms, simulate, measure the primary outcome and analyse it, many times.

    Arms are drawn anew each time by complete randomisation in the campaign's ratios. The true
    effect is the one that assessors can see (or, for a plan on units, on the average unit),
    less what spills over to control zones.

    Parameters
    ----------
    campaign, zones, neighbours, truth, units_per_zone
        As for :func:`nudge.simulation.simulate.simulate`.
    plan
        Analysis; that of the campaign by default.
    replications
        How many times.
    seed
        Seed, not negative.

    Returns
    -------
    tuple of Replications
        One for each estimator and contrast.
    """
    # Estimates without each zone in turn are slow and not looked at here.
    used = (plan or campaign_plan(campaign)).model_copy(update={"influence": False})
    runs = [
        _one(
            campaign,
            zones,
            neighbours,
            truth,
            plan=used,
            seed=seed + number,
            units_per_zone=units_per_zone,
        )
        for number in range(replications)
    ]
    return tuple(
        _summary([run[place] for run in runs], level=used.level) for place in range(len(runs[0]))
    )


def simulated_campaign_power(
    campaign: Campaign,
    zones: pd.DataFrame,
    neighbours: pd.DataFrame,
    truth: Truth,
    *,
    replications: int,
    seed: int,
    units_per_zone: int = 25,
) -> dict[str, Proportion]:
    """Return the simulated power of a campaign's own plan and zones, by nudged arm.

    Unlike a formula it knows the sizes of these zones, their second homes, attrition, waning
    effects, assessors' errors and spillover. Parameters as for :func:`replicate`.
    """
    found = replicate(
        campaign,
        zones,
        neighbours,
        truth,
        replications=replications,
        seed=seed,
        units_per_zone=units_per_zone,
    )
    first: dict[str, Proportion] = {}
    for one in found:
        first.setdefault(one.contrast.split(" vs ")[0], one.rejection)
    return first


def campaign_plan(campaign: Campaign) -> AnalysisPlan:
    """Return the analysis of a campaign's primary outcome, for arms drawn without restriction."""
    return trial_plan(
        campaign,
        campaign.outcomes[0],
        estimators=(campaign.analysis.estimator,),
        baseline=[wave.name for wave in campaign.baseline_waves],
    )


def naive_p_value(values: npt.ArrayLike, nudged: npt.ArrayLike) -> float:
    """Two-sided p of a z test that takes units for independent: wrong for drawn zones.

    Parameters
    ----------
    values : array, shape (N,)
        Outcome of each unit.
    nudged : array of bool, shape (N,)
        Whether the unit belongs to the nudged arm.
    """
    y, arm = np.asarray(values, dtype=np.float64), np.asarray(nudged, dtype=np.bool_)
    error = np.sqrt(y[arm].var(ddof=1) / arm.sum() + y[~arm].var(ddof=1) / (~arm).sum())
    return float(2 * stats.norm.sf(abs(y[arm].mean() - y[~arm].mean()) / error))


def proportion(count: int, of: int) -> Proportion:
    """Return a share with its Wilson (1927) interval at 95 %."""
    interval = stats.binomtest(count, of).proportion_ci(method="wilson")
    return Proportion(
        count=count, of=of, share=count / of, low=float(interval.low), high=float(interval.high)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    estimate: EffectEstimate
    truth: float
    naive_p: float


def _one(
    campaign: Campaign,
    zones: pd.DataFrame,
    neighbours: pd.DataFrame,
    truth: Truth,
    *,
    plan: AnalysisPlan,
    seed: int,
    units_per_zone: int,
) -> list[_Run]:
    arms = drawn_arms(campaign, zones, seed=seed)
    field = simulate(
        campaign, zones, neighbours, arms, truth, seed=seed, units_per_zone=units_per_zone
    )
    outcome = OUTCOMES[campaign.primary]
    before = [wave.name for wave in campaign.baseline_waves]
    rows = outcome_rows(
        outcome,
        field.frames[outcome.instrument],
        arms=arms,
        zones=zones,
        waves=[wave.name for wave in campaign.waves],
        baseline=before,
        columns=tuple(dict.fromkeys((*plan.covariates, *plan.moderators))),
    )
    found = analyze(rows, plan).estimates
    after = rows[~rows["vague"].isin(before)]
    return [
        _Run(
            estimate=one,
            truth=_target(field, one, campaign),
            naive_p=_naive(after, outcome.name, one),
        )
        for one in found
        if one.scale == "difference"
    ]


def drawn_arms(campaign: Campaign, zones: pd.DataFrame, *, seed: int) -> dict[str, str]:
    """Draw arms in the campaign's ratios, without restriction: for simulations only."""
    ratios = np.array([arm.ratio for arm in campaign.arms], dtype=np.float64)
    places = np.floor((np.arange(len(zones)) + 0.5) / len(zones) * ratios.sum())
    codes = np.searchsorted(np.cumsum(ratios), places, side="right")
    drawn = stream(seed, "arms").permutation(codes)
    names = [arm.identifier for arm in campaign.arms]
    return {
        str(zone): names[code] for zone, code in zip(zones["zone_id"], drawn.tolist(), strict=True)
    }


def _target(field: SimulatedField, estimate: EffectEstimate, campaign: Campaign) -> float:
    arm = estimate.contrast.split(" vs ")[0]
    effect = next(
        one for one in field.effects if one.arm == arm and one.outcome == campaign.primary
    )
    on_unit = estimate.estimand == "unit"
    whole = effect.on_average_unit_as_seen if on_unit else effect.on_average_zone_as_seen
    return whole - effect.spilled


def _naive(rows: pd.DataFrame, outcome: str, estimate: EffectEstimate) -> float:
    arm, control = estimate.contrast.split(" vs ")
    pair = rows[rows[ARM].isin([arm, control])]
    return naive_p_value(pair[outcome], pair[ARM] == arm)


def _summary(runs: list[_Run], *, level: float) -> Replications:
    first = runs[0].estimate
    covered = sum(one.estimate.ci_low <= one.truth <= one.estimate.ci_high for one in runs)
    alpha = 1 - level
    return Replications(
        contrast=first.contrast,
        estimator=first.estimator,
        coverage=proportion(covered, len(runs)),
        rejection=proportion(sum(one.estimate.p_value < alpha for one in runs), len(runs)),
        naive_rejection=proportion(sum(one.naive_p < alpha for one in runs), len(runs)),
        mean_truth=float(np.mean([one.truth for one in runs])),
        mean_estimate=float(np.mean([one.estimate.estimate for one in runs])),
    )
