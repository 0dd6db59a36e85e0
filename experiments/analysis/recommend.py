"""The estimator that a design calls for, with the reasons."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from experiments.analysis.trial_data import TrialData
from experiments.errors import AssumptionError

MANY_CLUSTERS = 40
ANCOVA_DF = 8
# Below this Welch's degrees of freedom make it too cautious, or rough, in unequal arms.
ENOUGH_FOR_WELCH = 20
# From here on Mancl and DeRouen's variance keeps the level of stepped wedges (1.5 to 6.2 % in
# simulation) and has 10 to 35 points more power than CR2 without weights.
ENOUGH_FOR_GEE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignFacts:
    """What the choice of an estimator depends on.

    Attributes
    ----------
    clusters_per_arm
        Clusters in each arm, the control first.
    block
        Whether clusters were drawn within strata or matched pairs.
    smallest_cell
        Fewest clusters of any arm in any stratum; None without strata.
    n_blocks
        Number of strata or pairs.
    n_allocations
        Admissible allocations that move clusters between one arm and the control only; the
        fewest over arms.
    smallest_p
        Smallest p value that these allocations can give; the largest over arms.
    restricted
        Whether allocations were constrained or re-randomised.
    covariates
        Number of cluster-level columns an adjusted analysis would spend, the baseline included.
    estimand
        ``"cluster"`` or ``"unit"``.
    arms_within_clusters
        Whether arms vary inside clusters, as when units are drawn or in a stepped wedge.
    n_mixed
        Clusters that hold several arms.
    level
        Coverage of intervals, so that ``1 - level`` is the level of tests.
    """

    clusters_per_arm: tuple[int, ...]
    block: Literal["strata", "pairs"] | None = None
    smallest_cell: int | None = None
    n_blocks: int = 1
    n_allocations: float = math.inf
    smallest_p: float = 0.0
    restricted: bool = False
    covariates: int = 0
    estimand: Literal["cluster", "unit"] = "cluster"
    arms_within_clusters: bool = False
    n_mixed: int = 0
    level: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Primary estimator, its companions and the reasons.

    Attributes
    ----------
    primary
        Name in the catalogue of estimators.
    companions
        Estimators to show beside it.
    reasons
        Why, in sentences.
    cautions
        What this design cannot do.
    """

    primary: str
    companions: tuple[str, ...]
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]


def recommend(design: DesignFacts) -> Recommendation:
    """Choose the primary estimator of a trial from its design.

    The rules rest on the operating characteristics that ``pouce experiment calibrate`` measures:
    Student's t test on cluster means holds its level whatever the outcome, Welch's from some 20
    clusters, CR2 from some 40, and a restricted draw is analysed by the draw itself.

    Raises
    ------
    AssumptionError
        One cluster in an arm: its effect cannot be told from the cluster's own. Or strata that
        hold one arm each.
    """
    if design.arms_within_clusters:
        return _choose_within(design)
    if min(design.clusters_per_arm) < 2:
        counts = ", ".join(str(count) for count in design.clusters_per_arm)
        message = (
            f"one arm has a single cluster (clusters in each arm, the control first: {counts}): "
            "its effect cannot be told from what is particular to that cluster. Draw more "
            "clusters, or analyse a series of measurements over time"
        )
        raise AssumptionError(message)
    if design.n_allocations < 2 and len(design.clusters_per_arm) == 2:
        message = (
            "the draw admits no allocation but the observed one, as when every stratum holds one "
            "arm only: effects cannot be told from the strata. Name the strata that the draw used, "
            "or none"
        )
        raise AssumptionError(message)
    primary, reason = _choose(design)
    # An exact p may equal the level, which floating point puts on either side.
    attainable = design.smallest_p <= (1 - design.level) * (1 + 1e-9)
    companions = ("randomization", "ols-cr2") if attainable else ("ols-cr2",)
    return Recommendation(
        primary=primary,
        companions=tuple(name for name in companions if name != primary),
        reasons=(reason,),
        cautions=_cautions(design, attainable),
    )


def design_facts(trial: TrialData) -> DesignFacts:
    """Read the facts of a design off a trial's data and plan."""
    counts = tuple(int(np.sum(trial.arm == code)) for code in range(len(trial.arms)))
    plan = trial.plan
    if np.any(trial.arm < 0):
        return DesignFacts(
            clusters_per_arm=counts,
            arms_within_clusters=True,
            n_mixed=int(np.sum(trial.arm < 0)),
            level=plan.level,
        )
    block: Literal["strata", "pairs"] | None = None
    smallest, n_blocks = None, 1
    if trial.block is not None and not trial.block_varies:
        block = "pairs" if plan.pairs else "strata"
        cells = _cells(trial)
        smallest, n_blocks = int(cells.min()), len(cells)
    spent = len(trial.numeric) + int(trial.baseline is not None)
    spent += sum(len(trial.table.factor_levels[name]) - 1 for name in trial.factors)
    found = trial.allocation_set
    reach = [_reach(trial, arm) for arm in range(1, len(trial.arms))]
    return DesignFacts(
        clusters_per_arm=counts,
        block=block,
        smallest_cell=smallest,
        n_blocks=n_blocks,
        n_allocations=min(n for n, _ in reach),
        smallest_p=max(p for _, p in reach),
        restricted=found is not None and found.size < 0.99 * _arrangements(trial),
        covariates=spent,
        estimand=plan.estimand,
        level=plan.level,
    )


def _choose_within(design: DesignFacts) -> Recommendation:
    clusters = sum(design.clusters_per_arm) + design.n_mixed
    if clusters >= ENOUGH_FOR_GEE:
        return Recommendation(
            primary="gee-md",
            companions=("ols-cr2",),
            reasons=(
                f"arms vary inside {clusters} clusters, so clusters have no arm of their own: "
                "estimating equations weigh comparisons inside clusters as they deserve, with "
                "Mancl and DeRouen's variance",
            ),
            cautions=_cautions_of_size(clusters),
        )
    return Recommendation(
        primary="ols-cr2",
        companions=("gee-md",),
        reasons=(
            f"arms vary inside {clusters} clusters, so clusters have no arm of their own, and they "
            "are too few to estimate their correlation: regression with CR2 variance and "
            "Satterthwaite degrees of freedom",
        ),
        cautions=_cautions_of_size(clusters),
    )


def _choose(design: DesignFacts) -> tuple[str, str]:
    total = sum(design.clusters_per_arm)
    if design.block == "pairs":
        return "matched-pairs", (
            f"{design.n_blocks} matched pairs: a paired t test on the pairs' differences"
        )
    singletons = design.smallest_cell is not None and design.smallest_cell < 2
    if design.restricted or singletons:
        return "randomization", (
            "the draw was restricted, so the test permutes only the allocations that it admits"
            if design.restricted
            else "some stratum holds a single cluster of an arm, so its variance cannot be "
            "estimated: randomisation inference within strata"
        )
    if design.estimand == "unit" and total >= MANY_CLUSTERS:
        return "ols-cr2", (
            f"{total} clusters and the average unit as estimand: regression with CR2 variance and "
            "Satterthwaite degrees of freedom"
        )
    spare = total - len(design.clusters_per_arm) - design.covariates - (design.n_blocks - 1)
    if design.covariates and spare >= ANCOVA_DF:
        return "zone-ancova", (
            f"{total} clusters with covariates measured before the draw: analysis of covariance "
            "on cluster means"
        )
    unequal = max(design.clusters_per_arm) > min(design.clusters_per_arm)
    if unequal and total >= ENOUGH_FOR_WELCH:
        return "zone-welch", (
            f"{total} clusters in unequal arms: Welch's t test on cluster means does not need "
            "equal variances"
        )
    return "zone-t", (
        f"{total} clusters: a t test on cluster means keeps its level whatever the cluster sizes "
        "and the outcome's distribution, where estimators of unit-level models do not"
    )


def _cautions(design: DesignFacts, attainable: bool) -> tuple[str, ...]:
    total = sum(design.clusters_per_arm)
    cautions = []
    if not attainable:
        cautions.append(
            f"the draw admits {design.n_allocations:.0f} allocations, so randomisation inference "
            f"cannot give a p value below {design.smallest_p:.3f}"
        )
    return (*cautions, *_cautions_of_size(total))


def _cautions_of_size(total: int) -> tuple[str, ...]:
    if total < 8:
        return (
            f"with {total} clusters every method leans on the normality of cluster means and only "
            "very large effects can be seen; no method here keeps its level for sure",
        )
    if total < 20:
        return (
            f"with {total} clusters an interval is wide; a result that does not exclude zero says "
            "little about small effects",
        )
    return ()


def _reach(trial: TrialData, arm: int) -> tuple[float, float]:
    """Allocations that move clusters between an arm and the control only, and their smallest p."""
    swapped = np.select([trial.arm == 0, trial.arm == arm], [arm, 0], trial.arm)
    pair = swapped != trial.arm
    count = _arrangements(trial, pair)
    cells = _cells(trial, pair)
    mirrored = bool(np.all(cells[:, 0] == cells[:, arm]))
    found = trial.allocation_set
    if found is not None and found.enumerated:
        rows = found.allocations
        held = (rows[:, ~pair] == trial.arm[~pair]).all(axis=1)
        rows = rows[held & np.isin(rows[:, pair], (0, arm)).all(axis=1)]
        count = float(len(rows))
        mirrored = bool((rows == swapped).all(axis=1).any())
    elif found is not None and math.isfinite(_arrangements(trial)):
        count *= found.size / _arrangements(trial)
    # The mirror image of an allocation has the same absolute statistic.
    return count, min(1.0, (1 + mirrored) / max(count, 1.0))


def _arrangements(trial: TrialData, chosen: npt.NDArray[np.bool_] | None = None) -> float:
    """Number of ways to give the arms to the chosen clusters, within strata."""
    cells = _cells(trial, chosen)
    log_count = float(gammaln(cells.sum(axis=1) + 1).sum() - gammaln(cells + 1).sum())
    return float(round(math.exp(log_count))) if log_count < 700 else math.inf


def _cells(trial: TrialData, chosen: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int64]:
    """Clusters of each stratum and arm, shape (S, arms)."""
    strata = np.zeros(len(trial.arm), dtype=np.int64)
    if trial.block is not None and not trial.block_varies:
        strata = trial.block
    cells = np.zeros((strata.max() + 1, len(trial.arms)), dtype=np.int64)
    inside = np.ones(len(strata), dtype=np.bool_) if chosen is None else chosen
    np.add.at(cells, (strata[inside], trial.arm[inside]), 1)
    return cells
