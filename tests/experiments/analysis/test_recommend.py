import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.analysis.analyze import analyze
from experiments.analysis.cluster_means import difference_in_means
from experiments.analysis.plan import make_plan
from experiments.analysis.recommend import DesignFacts, design_facts, recommend
from experiments.design.allocation_set import AllocationSet
from experiments.errors import AssumptionError
from experiments.power.design_simulation import simulate_design
from experiments.power.outcome import ContinuousOutcome
from experiments.power.simulated_trials import simulate_trials
from experiments.power.stepped_wedge import SteppedWedgeDesign
from experiments.power.trial_of_sums import trial_of_sums
from experiments.power.wedge_schedule import stepped_wedge_sequences

CHOICES = [
    ({"clusters_per_arm": (4, 4)}, "zone-t", "8 clusters: a t test on cluster means"),
    ({"clusters_per_arm": (4, 8)}, "zone-t", "12 clusters"),
    ({"clusters_per_arm": (50, 50)}, "zone-t", "100 clusters"),
    ({"clusters_per_arm": (8, 16)}, "zone-welch", "24 clusters in unequal arms"),
    ({"clusters_per_arm": (6, 6), "block": "pairs", "n_blocks": 6}, "matched-pairs", "6 matched"),
    ({"clusters_per_arm": (6, 6), "restricted": True}, "randomization", "restricted"),
    (
        {"clusters_per_arm": (6, 6), "block": "strata", "smallest_cell": 1, "n_blocks": 4},
        "randomization",
        "single cluster of an arm",
    ),
    (
        {"clusters_per_arm": (6, 6), "block": "strata", "smallest_cell": 2, "n_blocks": 3},
        "zone-t",
        "12 clusters",
    ),
    ({"clusters_per_arm": (6, 6), "covariates": 2}, "zone-ancova", "covariates measured before"),
    ({"clusters_per_arm": (4, 4), "covariates": 2}, "zone-t", "8 clusters"),
    ({"clusters_per_arm": (20, 20), "estimand": "unit"}, "ols-cr2", "average unit"),
    ({"clusters_per_arm": (8, 8), "estimand": "unit"}, "zone-t", "16 clusters"),
    (
        {"clusters_per_arm": (0, 0), "n_mixed": 6, "arms_within_clusters": True},
        "ols-cr2",
        "inside 6 clusters",
    ),
    (
        {"clusters_per_arm": (1, 0), "n_mixed": 7, "arms_within_clusters": True},
        "gee-md",
        "inside 8 clusters",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "primary", "reason"), CHOICES)
def test_each_kind_of_design_has_its_estimator_and_reason(facts, primary, reason):
    found = recommend(DesignFacts(**facts))
    assert found.primary == primary
    assert reason in found.reasons[0]
    assert primary not in found.companions


def test_what_a_small_trial_cannot_do_is_said():
    six = DesignFacts(clusters_per_arm=(3, 3), n_allocations=20, smallest_p=0.1)
    found = recommend(six)
    assert found.companions == ("ols-cr2",)
    allocations, power = found.cautions
    assert "admits 20 allocations" in allocations
    assert "cannot give a p value below 0.100" in allocations
    assert "with 6 clusters" in power
    assert "only very large effects can be seen" in power
    twelve = DesignFacts(clusters_per_arm=(6, 6), n_allocations=924, smallest_p=2 / 924)
    assert "randomization" in recommend(twelve).companions
    (caution,) = recommend(twelve).cautions
    assert "says little about small effects" in caution
    assert recommend(DesignFacts(clusters_per_arm=(15, 15))).cautions == ()


def test_a_restricted_draw_too_small_for_its_own_test_is_cautioned():
    found = recommend(
        DesignFacts(clusters_per_arm=(4, 4), restricted=True, n_allocations=8, smallest_p=0.25)
    )
    assert found.primary == "randomization"
    assert found.companions == ("ols-cr2",)
    assert "cannot give a p value below 0.250" in found.cautions[0]


def test_what_can_reach_the_level_depends_on_the_level():
    facts = {"clusters_per_arm": (3, 3), "n_allocations": 20, "smallest_p": 0.1}
    assert "randomization" not in recommend(DesignFacts(**facts)).companions
    # 1 - 0.9 is a little more than 0.1 in floating point, 1 - 0.8 a little less than 0.2.
    assert "randomization" in recommend(DesignFacts(**facts, level=0.9)).companions
    facts["smallest_p"] = 0.2
    assert "randomization" in recommend(DesignFacts(**facts, level=0.8)).companions


def test_designs_without_an_answer_are_refused():
    with pytest.raises(AssumptionError, match=r"the control first: 5, 1.*Draw more clusters"):
        recommend(DesignFacts(clusters_per_arm=(5, 1)))
    with pytest.raises(AssumptionError, match="no allocation but the observed one"):
        recommend(DesignFacts(clusters_per_arm=(4, 4), block="strata", n_allocations=1))


def facts_of(arm, *, block=None, **settings):
    """Facts of a trial whose clusters have these arms and strata."""
    arm = np.asarray(arm, dtype=np.int8)
    n = np.full(len(arm), 10.0)
    plan = make_plan(
        outcome="y", arm="a", cluster="c", control="0",
        strata=None if block is None else "s", **settings,
    )  # fmt: skip
    y = np.random.default_rng(1).normal(size=len(arm))
    trial = trial_of_sums(
        n=n, sum_y=n * y, sum_yy=n * y**2 + n, arm=arm, plan=plan,
        block=None if block is None else np.asarray(block),
    )  # fmt: skip
    return design_facts(trial), trial


def brute(arm, one, block):
    """Allocations that move clusters between an arm and the control, and p of the observed."""
    place = np.flatnonzero(np.isin(arm, (0, one)))
    count, mirrored = 0, 0
    swapped = np.where(arm[place] == 0, one, 0)
    treated = int(np.sum(arm == one))
    for chosen in itertools.combinations(place, treated):
        drawn = np.where(np.isin(place, chosen), one, 0)
        kept = all(
            np.sum(drawn[block[place] == code] == one) == np.sum(arm[block == code] == one)
            for code in np.unique(block)
        )
        count += kept
        mirrored += kept and np.array_equal(drawn, swapped)
    return count, (1 + mirrored) / count


@pytest.mark.parametrize(
    ("arm", "block"),
    [
        ([0, 1, 0, 1, 0, 1], None),
        ([0, 0, 0, 0, 1, 1], None),
        ([0, 1, 0, 1, 0, 1, 0, 1], [0, 0, 0, 0, 1, 1, 1, 1]),
        ([0, 1, 1, 0, 0, 1, 0], [0, 0, 0, 1, 1, 1, 1]),
        ([0, 1, 2, 0, 1, 2, 0, 1, 2], None),
        ([0, 1, 2, 0, 1, 2, 0, 2], None),
    ],
)
def test_the_allocations_of_a_contrast_are_counted(arm, block):
    arm = np.array(arm)
    facts, _ = facts_of(arm, block=block)
    strata = np.zeros(len(arm)) if block is None else np.array(block)
    counted = [brute(arm, one, strata) for one in range(1, arm.max() + 1)]
    assert facts.n_allocations == min(count for count, _ in counted)
    assert facts.smallest_p == pytest.approx(max(p for _, p in counted))
    assert facts.clusters_per_arm == tuple(np.bincount(arm))


def test_three_arms_of_three_clusters_cannot_reach_the_usual_level():
    facts, _ = facts_of([0, 1, 2, 0, 1, 2, 0, 1, 2])
    # The whole draw admits 1,680 allocations, but each contrast only 20.
    assert facts.smallest_p == pytest.approx(0.1)
    assert "randomization" not in recommend(facts).companions


def with_set(trial, allocations, *, enumerated=True, size=None):
    allocations = np.asarray(allocations, dtype=np.int8)
    return replace(
        trial,
        allocation_set=AllocationSet(
            clusters=tuple(trial.clusters.labels),
            arms=trial.arms,
            allocations=allocations,
            enumerated=enumerated,
            size=float(len(allocations) if size is None else size),
        ),
    )


def test_a_declared_set_is_counted_as_it_is():
    arm = np.array([0, 1, 0, 1, 0, 1])
    _, trial = facts_of(arm)
    every = np.array(
        [np.isin(np.arange(6), chosen) for chosen in itertools.combinations(range(6), 3)]
    )
    whole = design_facts(with_set(trial, every))
    assert (whole.n_allocations, whole.smallest_p) == (20, pytest.approx(0.1))
    assert not whole.restricted
    kept = every[~every[:, 0]]
    part = design_facts(with_set(trial, kept))
    # The mirror image of the observed allocation was left out.
    assert part.n_allocations == len(kept) == 10
    assert part.smallest_p == pytest.approx(0.1)
    assert part.restricted
    assert recommend(part).primary == "randomization"


def test_a_sampled_set_counts_by_its_estimated_size():
    arm = np.tile([0, 1, 2], 8)
    _, trial = facts_of(arm)
    share = 0.01
    rows = np.tile(arm, (10, 1))
    total = math.factorial(24) / math.factorial(8) ** 3
    facts = design_facts(with_set(trial, rows, enumerated=False, size=share * total))
    assert facts.n_allocations == pytest.approx(share * math.comb(16, 8))
    assert facts.smallest_p == pytest.approx(2 / (share * math.comb(16, 8)))
    assert facts.restricted


def test_facts_are_read_off_the_data_and_the_plan(trial_rows):
    rows = trial_rows(clusters=12)
    plan = make_plan(
        outcome="score", arm="arm", cluster="zone", covariates=["income", "house"], strata="block"
    )
    found = analyze(rows, plan)
    # Twelve clusters less two arms, one stratum, one number and two dummies leave six.
    assert found.recommendation.primary == "zone-t"
    plan = make_plan(outcome="score", arm="arm", cluster="zone", covariates=["income"])
    assert analyze(rows, plan).recommendation.primary == "zone-ancova"
    plan = make_plan(outcome="score", arm="arm", cluster="zone", pairs="pair")
    assert analyze(rows, plan).recommendation.primary == "matched-pairs"
    mixed = rows.assign(arm=np.where(rows.index % 2, "nudge", "control"))
    plan = make_plan(outcome="score", arm="arm", cluster="zone", arms_within_clusters=True)
    found = analyze(mixed, plan)
    assert [one.estimator for one in found.estimates] == ["gee-md", "ols-cr2"]


def test_the_default_of_a_stepped_wedge_keeps_its_level_and_sees_more_than_the_other():
    """200 trials each: Monte Carlo standard error 1.5 points under no effect."""
    wedge = {
        "outcome": ContinuousOutcome(), "sequences": stepped_wedge_sequences(steps=4),
        "clusters": 3, "units": 30, "icc": 0.05, "cluster_autocorrelation": 0.8, "cv": 0.4,
    }  # fmt: skip
    none, some = (SteppedWedgeDesign(effect=effect, **wedge) for effect in (1e-9, 0.25))
    assert simulate_design(none, estimator="gee-md", n_trials=200, seed=3).power < 0.095
    seen = simulate_design(some, estimator="gee-md", n_trials=200, seed=3).power
    assert seen > simulate_design(some, estimator="ols-cr2", n_trials=200, seed=3).power + 0.1


def student(trials):
    """P values of Student's t test on cluster means of many trials at once."""
    means = trials.sum_y / trials.n
    treated = trials.arm == 1
    n1, n0 = treated.sum(axis=1), (~treated).sum(axis=1)
    m1 = np.where(treated, means, 0).sum(axis=1) / n1
    m0 = np.where(treated, 0, means).sum(axis=1) / n0
    spread = np.where(treated, means - m1[:, None], means - m0[:, None])
    variance = (spread**2).sum(axis=1) / (n1 + n0 - 2) * (1 / n1 + 1 / n0)
    return 2 * stats.t.sf(np.abs(m1 - m0) / np.sqrt(variance), n1 + n0 - 2)


LEVELS = {"binary": 0.7, "continuous": 0.0, "count": 2.0}


@pytest.mark.parametrize("clusters_per_arm", [(4, 4), (6, 6), (5, 3), (8, 4)])
@pytest.mark.parametrize("outcome", LEVELS)
@pytest.mark.parametrize("icc", [0.01, 0.2])
def test_the_default_keeps_its_level_with_few_clusters(clusters_per_arm, outcome, icc):
    """20,000 trials: Monte Carlo standard error 0.15 points, so 0.5 points are clear."""
    assert recommend(DesignFacts(clusters_per_arm=clusters_per_arm)).primary == "zone-t"
    trials = simulate_trials(
        outcome=outcome,
        clusters_per_arm=clusters_per_arm,
        units=40,
        cv=0.4,
        level=LEVELS[outcome],
        effects=(0.0,),
        icc=icc,
        n_trials=20_000 if outcome != "count" else 6_000,
        rng=np.random.default_rng([7, *clusters_per_arm]),
    )
    p = student(trials)
    assert 0.04 <= np.mean(p <= 0.05) <= 0.06
    # The vectorised test is the estimator's own.
    for place in range(3):
        own = difference_in_means(
            trials.sum_y[place] / trials.n[place], trials.arm[place] == 1, equal_variance=True
        )
        assert p[place] == pytest.approx(own.p_value)


def test_analysis_of_covariance_keeps_its_level_with_twelve_clusters():
    """8,000 trials: Monte Carlo standard error 0.24 points."""
    rng = np.random.default_rng(8)
    arm = np.arange(12) % 2
    age = rng.normal(size=(8_000, 12))
    y = 0.8 * age + rng.normal(size=(8_000, 12))
    x = np.stack([np.ones_like(age), np.broadcast_to(arm, age.shape), age], axis=2)
    inverse = np.linalg.inv(x.transpose(0, 2, 1) @ x)
    slopes = np.einsum("sij,sgj,sg->si", inverse, x, y)
    rest = y - np.einsum("sgj,sj->sg", x, slopes)
    error = np.sqrt((rest**2).sum(axis=1) / 9 * inverse[:, 1, 1])
    p = 2 * stats.t.sf(np.abs(slopes[:, 1] / error), 9)
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.008)
    rows = pd.DataFrame(
        {
            "zone": np.repeat(np.arange(12), 2),
            "arm": np.repeat(arm, 2),
            "age": np.repeat(age[0], 2),
            "y": np.repeat(y[0], 2) + np.tile([0.5, -0.5], 12),
        }
    )
    plan = make_plan(outcome="y", arm="arm", cluster="zone", covariates="age")
    one = analyze(rows, plan).estimates[0]
    assert one.estimator == "zone-ancova"
    assert one.p_value == pytest.approx(p[0])
