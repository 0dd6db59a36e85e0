"""One outcome of one trial, grouped and checked: what every estimator reads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from experiments.analysis.effect_estimate import EffectEstimate, Estimand
from experiments.analysis.intraclass_correlation import intraclass_correlation
from experiments.analysis.plan import AnalysisPlan
from experiments.design.allocation_set import AllocationSet
from experiments.engine.cluster_moments import ClusterMoments, cluster_moments
from experiments.engine.cluster_table import ClusterTable, cluster_table
from experiments.engine.covariate_patterns import CovariatePatterns, covariate_patterns
from experiments.engine.grouped_table import GroupedTable
from experiments.engine.row_selection import select_rows
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ResolvedFamily = Literal["gaussian", "binomial", "poisson"]

# In order of preference.
USUAL_CONTROLS = (
    "control", "controls", "contrôle", "controle", "témoin", "temoin", "placebo", "reference",
    "référence", "ctrl", "0", "false", "no", "non",
)  # fmt: skip
# Initials of an intervention, beside which "c" is a control and not the third of A, B, C.
INTERVENTIONS = {"e", "i", "t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """Everything an estimator may need about one outcome.

    Attributes
    ----------
    outcome
        Outcome column.
    plan
        Settings of the analysis.
    table
        Grouped rows of the measured waves (baseline waves left out).
    clusters
        One row per cluster.
    arms
        Arm labels, the control first.
    arm
        Codes into ``arms``, shape (G,); -1 where the arm varies inside a cluster.
    block
        Stratum or pair code of each cluster, shape (G,), or None.
    family
        Distribution of the outcome.
    factors, numeric
        Covariates by kind.
    baseline
        Cluster means of the outcome before the draw, shape (G,), or None.
    allocation_set
        Admissible allocations of the declared draw, or None.
    icc, design_effect
        By analysis of variance within arms, or None where not estimable.
    warnings
        What holds for every estimate of this outcome.
    """

    outcome: str
    plan: AnalysisPlan
    table: GroupedTable
    clusters: ClusterTable
    arms: tuple[str, ...]
    arm: Ints
    block: Ints | None
    family: ResolvedFamily
    factors: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    baseline: Floats | None = None
    allocation_set: AllocationSet | None = None
    icc: float | None = None
    design_effect: float | None = None
    warnings: tuple[str, ...] = ()

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of the covariates in the plan."""
        return (*self.factors, *self.numeric)

    @property
    def block_varies(self) -> bool:
        """Whether some cluster spans several strata."""
        return self.block is not None and bool(np.any(self.block < 0))

    def moments(self, *, block_dummies: bool = False) -> ClusterMoments:
        """Cross-products with one column per arm beside the control, then the covariates."""
        return cluster_moments(
            self.table,
            outcome=self.outcome,
            control=self.arms[0],
            factors=self.factors,
            numeric=self.numeric,
            stratum_dummies=block_dummies,
        )

    def patterns(self, *, block_dummies: bool = False) -> CovariatePatterns:
        """Distinct design rows with their counts, columns as in :meth:`moments`."""
        return covariate_patterns(
            self.table,
            outcome=self.outcome,
            control=self.arms[0],
            factors=self.factors,
            numeric=self.numeric,
            stratum_dummies=block_dummies,
        )


def trial_data(
    table: GroupedTable,
    plan: AnalysisPlan,
    *,
    outcome: str,
    factors: Sequence[str] = (),
    numeric: Sequence[str] = (),
    allocation_set: AllocationSet | None = None,
) -> TrialData:
    """Check one outcome of a grouped table against the plan and gather what estimators read.

    Raises
    ------
    InputError
        An arm inside a cluster, a control that does not occur, fewer than two arms, an arm named
        like a covariate, or a family that the outcome contradicts.
    """
    measured, baseline = _split_baseline(table, plan, outcome)
    clusters = cluster_table(
        measured, outcome=outcome, arms_within_clusters=plan.arms_within_clusters
    )
    arms, guessed = _order_arms(clusters, plan)
    _refuse_namesakes(arms, numeric, plan)
    place = {label: code for code, label in enumerate(arms)}
    recode = np.array([*(place[str(label)] for label in clusters.arm_labels), -1])
    arm = recode[clusters.arm]
    icc, deff = _intraclass(clusters, arm)
    lone = (
        ("each cluster has one row: rows count as clusters, and no correlation is estimated",)
        if np.all(clusters.n == 1)
        else ()
    )
    spread = (
        (
            f"levels of '{plan.block}' vary inside every cluster of column '{plan.cluster}': if "
            "clusters of different strata share their names, put the stratum into the name",
        )
        if clusters.stratum is not None and np.all(clusters.stratum < 0)
        else ()
    )
    dropped = f"{table.n_dropped} of {table.n_rows} rows were dropped for a missing value"
    return TrialData(
        outcome=outcome,
        plan=plan,
        table=measured,
        clusters=clusters,
        arms=arms,
        arm=arm,
        block=clusters.stratum,
        family=_family(measured, plan, outcome),
        factors=tuple(factors),
        numeric=tuple(numeric),
        baseline=None if baseline is None else _baseline_means(baseline, clusters, outcome),
        allocation_set=allocation_set,
        icc=icc,
        design_effect=deff,
        warnings=(*guessed, *lone, *spread, *((dropped,) if table.n_dropped else ())),
    )


def trial_of_pair(trial: TrialData, arm: int) -> TrialData:
    """Return the trial with the clusters of one arm and of the control only.

    The declared allocation set is left out: it is of all arms.
    """
    pair = [trial.arms[0], trial.arms[arm]]
    labels = [str(label) for label in trial.table.arm_labels]
    codes = [labels.index(label) for label in pair]
    inside = np.isin(trial.table.arm, codes)
    used = np.sort(codes)
    recode = np.full(len(labels), -1)
    recode[used] = np.arange(2)
    rows = select_rows(trial.table, inside)
    table = replace(rows, arm=recode[rows.arm], arm_labels=trial.table.arm_labels[used])
    found = trial_data(
        table,
        trial.plan.model_copy(update={"control": pair[0], "baseline": (), "family": trial.family}),
        outcome=trial.outcome,
        factors=trial.factors,
        numeric=trial.numeric,
    )
    kept = np.isin(trial.clusters.labels, found.clusters.labels)
    return replace(
        found, plan=trial.plan, baseline=None if trial.baseline is None else trial.baseline[kept]
    )


def effect(
    trial: TrialData,
    arm: int,
    *,
    estimator: str,
    estimand: Estimand,
    warnings: Sequence[str] = (),
    used: Ints | None = None,
    **numbers: Any,
) -> EffectEstimate:
    """Put an estimator's numbers for one arm against the control into the common result.

    Parameters
    ----------
    arm
        Code of the arm in ``trial.arms``, from 1.
    used
        Places of the clusters that the estimator used, where it left some out.
    numbers
        The remaining fields of :class:`EffectEstimate`: estimate, p_value, scale…
    """
    pair = (trial.arms[0], trial.arms[arm])
    n_clusters, n_units, in_both = _counts(trial, pair, used)
    return EffectEstimate(
        outcome=trial.outcome,
        contrast=f"{pair[1]} vs {pair[0]}",
        estimator=estimator,
        estimand=estimand,
        n_clusters=n_clusters,
        n_units=n_units,
        n_clusters_in_both=in_both,
        warnings=(*trial.warnings, *warnings),
        icc=trial.icc,
        design_effect=trial.design_effect,
        level=trial.plan.level,
        **numbers,
    )


def unused_baseline(trial: TrialData) -> tuple[str, ...]:
    """Return the caveat of an estimator of unit-level models, which has no place for baselines."""
    if trial.baseline is None:
        return ()
    return ("the baseline is not adjusted for; zone-ancova does so",)


def require_whole_clusters(trial: TrialData, method: str) -> None:
    """Refuse a zone-level method when arms or strata vary inside clusters."""
    if np.any(trial.arm < 0):
        message = (
            f"{method}: arms vary inside clusters of column '{trial.plan.cluster}', so a cluster "
            "has no arm of its own; use the estimator ols-cr2"
        )
        raise AssumptionError(message)
    if trial.block_varies:
        message = (
            f"{method}: levels of '{trial.plan.block}' vary inside clusters of column "
            f"'{trial.plan.cluster}', so they cannot be strata of a draw of clusters; name it as a "
            "covariate, or, if clusters of different strata share their names, put the stratum "
            "into the cluster's name"
        )
        raise AssumptionError(message)


def _counts(
    trial: TrialData, pair: tuple[str, str], used: Ints | None
) -> tuple[dict[str, int], dict[str, int], int]:
    """Clusters and units by arm, and the clusters that are in both arms."""
    held, units = {}, {}
    labels = [str(label) for label in trial.table.arm_labels]
    inside = np.ones(len(trial.table.n), dtype=np.bool_)
    if used is not None:
        inside = np.isin(trial.table.cluster, used)
    for label in pair:
        rows = inside & (trial.table.arm == labels.index(label))
        held[label] = np.unique(trial.table.cluster[rows])
        units[label] = round(float(trial.table.n[rows].sum()))
    in_both = len(np.intersect1d(held[pair[0]], held[pair[1]], assume_unique=True))
    return {label: len(places) for label, places in held.items()}, units, in_both


def _split_baseline(
    table: GroupedTable, plan: AnalysisPlan, outcome: str
) -> tuple[GroupedTable, GroupedTable | None]:
    if plan.period is None or not plan.baseline:
        return table, None
    levels = [str(level) for level in table.factor_levels[plan.period]]
    unknown = [wave for wave in plan.baseline if wave not in levels]
    if unknown:
        message = (
            f"baseline: {', '.join(unknown)} does not occur in column '{plan.period}', "
            f"which holds {', '.join(levels[:10])}"
        )
        raise InputError(message)
    before = np.isin(table.factors[plan.period], [levels.index(wave) for wave in plan.baseline])
    if before.all():
        message = f"baseline: every wave of column '{plan.period}' is named, none is left"
        raise InputError(message)
    return select_rows(table, ~before), select_rows(table, before)


def _baseline_means(baseline: GroupedTable, clusters: ClusterTable, outcome: str) -> Floats:
    before = cluster_table(baseline, outcome=outcome, arms_within_clusters=True)
    means = dict(zip(before.labels, before.means, strict=True))
    absent = [str(label) for label in clusters.labels if label not in means]
    if absent:
        message = (
            f"baseline: {len(absent)} clusters have no baseline rows ({', '.join(absent[:5])}); "
            "leave the baseline out or those clusters"
        )
        raise InputError(message)
    return np.array([means[label] for label in clusters.labels])


def _order_arms(
    clusters: ClusterTable, plan: AnalysisPlan
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    labels = [str(label) for label in clusters.arm_labels]
    if len(labels) < 2:
        message = f"column '{plan.arm}' holds one arm only ({labels[0]}); a trial needs two or more"
        raise InputError(message)
    warnings: tuple[str, ...] = ()
    control = plan.control
    if control is None:
        usual = _usual_controls(labels)
        control = usual[0] if usual else labels[0]
        if len(usual) != 1:
            warnings = (f"'{control}' was taken as the control; --control names another",)
    found = _arm_named(control, labels)
    if found is None:
        message = (
            f"control '{control}' does not occur in column '{plan.arm}', "
            f"which holds {', '.join(labels)}"
        )
        raise InputError(message)
    return (found, *(label for label in labels if label != found)), warnings


def _usual_controls(labels: Sequence[str]) -> list[str]:
    """Labels that name a control by custom, the likeliest first."""
    folded = {label.strip().casefold(): label for label in labels}
    usual = [folded[name] for name in USUAL_CONTROLS if name in folded]
    if not usual and "c" in folded and len(labels) == 2 and INTERVENTIONS & set(folded):
        usual = [folded["c"]]
    return usual


def _arm_named(control: str, labels: Sequence[str]) -> str | None:
    """Label that a control means: the same text, or the same but for capitals, spaces or zeros."""
    if control in labels:
        return control
    alike = [label for label in labels if _plain_label(label) == _plain_label(control)]
    return alike[0] if len(alike) == 1 else None


def _plain_label(label: str) -> str:
    """Label without what writing adds: 0, 0.0 and False are one, Control and " control" too."""
    folded = label.strip().casefold()
    folded = {"false": "0", "true": "1"}.get(folded, folded)
    try:
        return f"{float(folded):g}"
    except ValueError:
        return folded


def _refuse_namesakes(arms: Sequence[str], numeric: Sequence[str], plan: AnalysisPlan) -> None:
    """Refuse an arm whose column in a model would have the name of another column."""
    taken = [label for label in arms if label in {"(intercept)", *numeric}]
    if taken:
        message = (
            f"arm '{taken[0]}' of column '{plan.arm}' has the name of a covariate or of the "
            "intercept: rename the arm or the covariate's column"
        )
        raise InputError(message)


def _family(table: GroupedTable, plan: AnalysisPlan, outcome: str) -> ResolvedFamily:
    place = table.numeric.index(outcome)
    sums, squares = table.sums[:, place], table.products[:, place, place]
    totals = sums + table.n * table.centre[place]
    # Sums about a centre come back to whole numbers but for rounding.
    whole = bool(np.all(np.abs(totals - np.rint(totals)) <= 1e-6))
    # For whole numbers y² - y is never negative, so equal sums mean that every y is 0 or 1.
    binary = whole and not table.centre[place] and bool(np.all(sums == squares))
    if plan.family == "binomial" and not binary:
        message = (
            f"column '{outcome}': family binomial, but some values are not 0 or 1; leave the "
            "family out, or say gaussian"
        )
        raise InputError(message)
    if plan.family == "poisson" and not (whole and np.all(totals >= 0)):
        message = f"column '{outcome}': family poisson, but the values are not counts; say gaussian"
        raise InputError(message)
    if plan.family == "auto":
        return "binomial" if binary else "gaussian"
    return plan.family


def _intraclass(clusters: ClusterTable, arm: Ints) -> tuple[float | None, float | None]:
    known = arm >= 0
    if not known.all() or np.all(clusters.n <= 1):
        return None, None
    try:
        found = intraclass_correlation(
            n=clusters.n, sum_y=clusters.sum_y, sum_yy=clusters.sum_yy, arm=arm
        )
    except InputError:
        return None, None
    return found.estimate, found.design_effect
