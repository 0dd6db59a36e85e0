"""One call from rows and a plan to every estimate the plan declares."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.analysis.effect_estimate import EffectEstimate, Scale
from experiments.analysis.equivalence import (
    EquivalenceTest,
    NonInferiorityTest,
    equivalence_test,
    non_inferiority_test,
)
from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.heterogeneity import Heterogeneity, heterogeneity
from experiments.analysis.influence import influence
from experiments.analysis.multiple_comparisons import adjust_comparisons
from experiments.analysis.other_scales import on_scale
from experiments.analysis.plan import RECOMMENDED, AnalysisPlan
from experiments.analysis.recommend import Recommendation, design_facts, recommend
from experiments.analysis.sample_ratio import SampleRatio, sample_ratio
from experiments.analysis.trial_analysis import TrialAnalysis
from experiments.analysis.trial_data import TrialData, trial_data, trial_of_pair
from experiments.design.allocation_set import AllocationSet, load, reordered
from experiments.engine.grouped_scan import classify_columns, grouped_scan
from experiments.engine.grouped_table import GroupedTable, fingerprint
from experiments.errors import AssumptionError, InputError

# Sums of whole numbers are exact up to here.
COUNTS = (0.0, 1e15)


def analyze(data: object, plan: AnalysisPlan) -> TrialAnalysis:
    """Read the rows once and estimate what the plan declares.

    Parameters
    ----------
    data
        pandas, Polars or Arrow table, path or glob of CSV or Parquet files, DuckDB relation or
        Spark frame; one row a unit (or a unit and wave).
    plan
        Outcomes, columns, estimators and declared secondary analyses.

    Returns
    -------
    TrialAnalysis
        Estimates in the order of the plan: outcomes, then estimators, then arms, then scales.

    Raises
    ------
    InputError
        The data or the plan cannot be used; the message names column, rows and mend.
    AssumptionError
        A method was asked for where its assumptions fail; the message names the alternative.
    """
    _check_names(plan)
    table, factors, numeric = _scan(data, plan)
    trials = [
        trial_data(
            table,
            plan,
            outcome=outcome,
            factors=[name for name in plan.covariates if name in factors],
            numeric=[name for name in plan.covariates if name in numeric],
            allocation_set=None,
        )
        for outcome in plan.outcomes
    ]
    if plan.design is not None:
        allowed = _declared_set(plan.design, trials[0])
        trials = [replace(trial, allocation_set=allowed) for trial in trials]
    advice = recommend(design_facts(trials[0]))
    names = _estimators(plan, advice)
    asked = {*plan.estimators, advice.primary}
    estimated = [
        one
        for trial in trials
        for name in names
        for one in _estimate(trial, name, asked=name in asked)
    ]
    estimated = adjust_comparisons(estimated, trials, method=plan.multiplicity)
    return TrialAnalysis(
        plan=plan,
        fingerprint=fingerprint(table),
        estimates=_all_scales(estimated, trials, plan.scales),
        recommendation=advice,
        sample_ratio=_sample_ratio(trials[0]),
        influence=influence(trials[0], names[0]) if plan.influence else None,
        heterogeneity=_heterogeneity(trials, plan),
        equivalence=_equivalence([one.effect for one in estimated], plan),
        non_inferiority=_non_inferiority([one.effect for one in estimated], plan),
    )


def _check_names(plan: AnalysisPlan) -> None:
    unknown = [name for name in plan.estimators if name not in (*CATALOGUE, RECOMMENDED)]
    if unknown:
        message = (
            f"estimators: {', '.join(unknown)} is unknown; there are "
            f"{', '.join((RECOMMENDED, *CATALOGUE))}"
        )
        raise InputError(message)


def _scan(data: object, plan: AnalysisPlan) -> tuple[GroupedTable, set[str], set[str]]:
    others = [*plan.covariates, *plan.moderators]
    kinds = classify_columns(data, others) if others else {}
    factors = {name for name in others if kinds[name] == "factor"}
    numeric = set(others) - factors
    grouped = [name for name in dict.fromkeys(others) if name in factors]
    if plan.period is not None:
        grouped.append(plan.period)
    reads_patterns = any(
        name == RECOMMENDED or CATALOGUE[name].reads_patterns for name in plan.estimators
    )
    table = grouped_scan(
        data,
        cluster=plan.cluster,
        arm=plan.arm,
        outcomes=plan.outcomes,
        stratum=plan.block,
        factors=grouped,
        numeric=[name for name in dict.fromkeys(others) if name in numeric],
        numeric_as_keys=reads_patterns and bool(numeric & set(plan.covariates)),
        missing=plan.missing,
        success=plan.success,
        unit=plan.unit,
        outcome_range=plan.outcome_range or (COUNTS if plan.family == "poisson" else None),
        binary=True if plan.family == "binomial" else None,
    )
    return table, factors, numeric


def _estimators(plan: AnalysisPlan, advice: Recommendation) -> tuple[str, ...]:
    names: list[str] = []
    for name in plan.estimators:
        names += (advice.primary, *advice.companions) if name == RECOMMENDED else (name,)
    return tuple(dict.fromkeys(names))


def _estimate(trial: TrialData, name: str, *, asked: bool) -> list[Estimated]:
    estimate = CATALOGUE[name].estimate
    # Randomisation inference compares arms two by two, and needs the draw of all of them.
    split = trial.plan.pairwise and len(trial.arms) > 2 and name != "randomization"
    try:
        if split:
            pairs = (trial_of_pair(trial, arm) for arm in range(1, len(trial.arms)))
            return [estimate(pair)[0] for pair in pairs]
        return estimate(trial)
    except AssumptionError:
        # A companion that the data refuse is left out; a method asked for by name is an error.
        if asked:
            raise
        return []


def _declared_set(folder: Path, trial: TrialData) -> AllocationSet:
    declared = load(folder / "allocations.npz")
    labels = [str(label) for label in trial.clusters.labels]
    drawn, present = set(declared.clusters), set(labels)
    missing = [label for label in labels if label not in drawn]
    absent = [label for label in declared.clusters if label not in present]
    if missing or absent:
        parts = []
        if missing:
            parts.append(f"{', '.join(missing[:5])} in the data but not in the draw")
        if absent:
            parts.append(f"{', '.join(absent[:5])} in the draw but not in the data")
        message = f"design {folder}: clusters differ: {'; '.join(parts)}"
        raise InputError(message)
    if set(declared.arms) != set(trial.arms):
        message = (
            f"design {folder}: arms are {', '.join(declared.arms)}, but column "
            f"'{trial.plan.arm}' holds {', '.join(trial.arms)}"
        )
        raise InputError(message)
    found = reordered(declared, clusters=labels, arms=trial.arms)
    _check_drawn(found, trial, folder)
    return found


def _check_drawn(declared: AllocationSet, trial: TrialData, folder: Path) -> None:
    """Refuse arms that the draw cannot have given, naming where the nearest allocation differs."""
    if not declared.enumerated or np.any(trial.arm < 0):
        return
    differing = declared.allocations != trial.arm
    nearest = differing[differing.sum(axis=1).argmin()]
    if nearest.any():
        names = [declared.clusters[place] for place in np.flatnonzero(nearest)]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        message = (
            f"design {folder}: the arms of column '{trial.plan.arm}' are not an allocation that "
            f"this draw admits; the nearest one differs at {', '.join(names[:5])}{more}. Correct "
            "the arms, or name the design that was used"
        )
        raise AssumptionError(message)


def _all_scales(
    estimated: Sequence[Estimated], trials: Sequence[TrialData], scales: Sequence[Scale]
) -> tuple[EffectEstimate, ...]:
    by_outcome = {trial.outcome: trial for trial in trials}
    effects: list[EffectEstimate] = []
    for one in estimated:
        effects.append(one.effect)
        for scale in scales:
            if scale != one.effect.scale:
                other = on_scale(by_outcome[one.effect.outcome], one, scale)
                effects += [] if other is None else [other]
    given = {effect.scale for effect in effects}
    missing = [scale for scale in scales if scale not in given]
    if missing:
        message = (
            f"scales: {', '.join(missing)} cannot be had from these estimators, which give no arm "
            "means; add zone-welch, or ols-cr2 without covariates and strata, to the estimators"
        )
        raise AssumptionError(message)
    return tuple(effects)


def _sample_ratio(trial: TrialData) -> SampleRatio | None:
    if np.any(trial.arm < 0):
        return None
    ratios = trial.plan.ratios or {}
    unknown = [label for label in ratios if label not in trial.arms]
    if unknown:
        message = (
            f"ratios: {', '.join(unknown)} does not occur in column '{trial.plan.arm}', which "
            f"holds {', '.join(trial.arms)}"
        )
        raise InputError(message)
    return sample_ratio(
        trial.arm,
        ratios=[ratios.get(label, 1.0) for label in trial.arms],
        arms=trial.arms,
        stratum=None if trial.block_varies else trial.block,
        units=trial.clusters.n,
        seed=trial.plan.seed,
    )


def _heterogeneity(trials: Sequence[TrialData], plan: AnalysisPlan) -> tuple[Heterogeneity, ...]:
    return tuple(
        heterogeneity(trial, moderator) for trial in trials for moderator in plan.moderators
    )


def _with_t(effects: Sequence[EffectEstimate]) -> dict[str, tuple[EffectEstimate, float, float]]:
    """First difference of each contrast that has a t distribution, with its error and df."""
    found: dict[str, tuple[EffectEstimate, float, float]] = {}
    seen: set[tuple[str, str]] = set()
    for one in effects:
        pair = (one.outcome, one.contrast)
        if pair in seen or one.scale != "difference" or one.df is None or one.std_error is None:
            continue
        seen.add(pair)
        found[f"{one.outcome}: {one.contrast} ({one.estimator})"] = (one, one.std_error, one.df)
    if not found:
        message = (
            "margin: a test against a margin needs a difference with degrees of freedom; add "
            "zone-t, zone-welch or ols-cr2 to the estimators"
        )
        raise AssumptionError(message)
    return found


def _equivalence(
    effects: Sequence[EffectEstimate], plan: AnalysisPlan
) -> dict[str, EquivalenceTest] | None:
    if plan.margin is None:
        return None
    return {
        key: equivalence_test(
            estimate=one.estimate,
            std_error=error,
            df=df,
            lower=plan.margin.lower,
            upper=plan.margin.upper,
            alpha=1 - plan.level,
        )
        for key, (one, error, df) in _with_t(effects).items()
    }


def _non_inferiority(
    effects: Sequence[EffectEstimate], plan: AnalysisPlan
) -> dict[str, NonInferiorityTest] | None:
    if plan.non_inferiority is None:
        return None
    return {
        key: non_inferiority_test(
            estimate=one.estimate,
            std_error=error,
            df=df,
            margin=plan.non_inferiority,
            higher_is_better=plan.higher_is_better,
            alpha=(1 - plan.level) / 2,
        )
        for key, (one, error, df) in _with_t(effects).items()
    }
