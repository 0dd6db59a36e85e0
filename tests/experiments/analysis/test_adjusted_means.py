import json
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis.adjusted_means import adjusted_means
from experiments.analysis.cluster_means import difference_in_means
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError, InputError

# R's glm agrees to its convergence; made by zone_adjusted_means.R.
TOLERANCE = 1e-9
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "zone_adjusted_means.json").read_text("utf-8")
)


def grouped(cluster, x, y, names, *, aggregate=True):
    """Patterns of unit rows, or one pattern a row."""
    rows = np.column_stack([cluster, x, np.ones(len(y)), y, y**2])
    key = rows[:, : 1 + x.shape[1]] if aggregate else np.arange(len(y))[:, None]
    order = np.lexsort(key.T[::-1]) if aggregate else np.argsort(cluster, kind="stable")
    rows, key = rows[order], key[order]
    first = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]).any(axis=1)])
    sums = np.add.reduceat(rows[:, -3:], first)
    labels, start = np.unique(rows[first, 0], return_index=True)
    return CovariatePatterns(
        clusters=np.array([f"zone {label:g}" for label in labels], dtype=object),
        columns=("intercept", *names),
        start=np.append(start, len(first)),
        x=np.column_stack([np.ones(len(first)), rows[first, 1 : 1 + x.shape[1]]]),
        n=sums[:, 0],
        sum_y=sums[:, 1],
        sum_yy=sums[:, 2],
    )


SIZE = 20 + (37 * np.arange(1, 9)) % 30
CLUSTER = np.repeat(np.arange(1, 9), SIZE)
UNIT = np.concatenate([np.arange(1, n + 1) for n in SIZE])
AGE = 20 + (7 * UNIT + 3 * CLUSTER) % 50
HOUSE = (UNIT + CLUSTER) % 3
SCORE = np.sin(1.3 * UNIT) + 0.03 * AGE + 0.4 * HOUSE + np.cos(CLUSTER)
X = np.column_stack([AGE, HOUSE == 1, HOUSE == 2]).astype(float)
NAMES = ("age", "house 1", "house 2")
OUTCOME = {
    "gaussian": SCORE,
    "binomial": (SCORE > 1.6).astype(float),
    "poisson": np.floor(np.maximum(0, 2 * SCORE)),
}


@pytest.mark.parametrize("aggregate", [True, False])
@pytest.mark.parametrize("family", OUTCOME)
def test_equals_r(family, aggregate):
    patterns = grouped(CLUSTER, X, OUTCOME[family], NAMES, aggregate=aggregate)
    found = adjusted_means(patterns, family=family)
    assert list(found.coefficients.values()) == pytest.approx(
        REFERENCE[family]["coefficients"], rel=TOLERANCE
    )
    assert found.values == pytest.approx(REFERENCE[family]["difference"], rel=TOLERANCE)
    ratio = adjusted_means(patterns, family=family, scale="log_ratio")
    assert ratio.values == pytest.approx(REFERENCE[family]["log_ratio"], rel=TOLERANCE)
    assert found.observed - found.expected == pytest.approx(found.values)


def test_units_of_covariates_and_order_of_rows_do_not_matter():
    order = np.random.default_rng(0).permutation(len(CLUSTER))
    here = adjusted_means(grouped(CLUSTER, X, OUTCOME["binomial"], NAMES), family="binomial")
    shifted = X * np.array([1e5, 1, 1]) + np.array([2e7, 0, 0])
    there = adjusted_means(
        grouped(CLUSTER[order], shifted[order], OUTCOME["binomial"][order], NAMES),
        family="binomial",
    )
    assert there.values == pytest.approx(here.values, abs=1e-9)


def test_counts_covariates_of_clusters_against_the_second_stage():
    urban = (CLUSTER % 2).astype(float)
    patterns = grouped(CLUSTER, np.column_stack([X, urban]), SCORE, (*NAMES, "urban"))
    found = adjusted_means(patterns, family="gaussian")
    assert found.cluster_level == ("urban",)
    assert found.df_lost == 1


def test_level_holds_and_covariates_narrow_with_ten_zones():
    rng = np.random.default_rng(4)
    size = rng.integers(15, 60, 10)
    cluster = np.repeat(np.arange(10), size)
    treated = np.arange(10) < 5
    rejected, adjusted_width, raw_width = 0, [], []
    for _ in range(600):
        dwelling = rng.random(len(cluster)) < rng.random(10)[cluster]
        logit = -0.5 + 2 * dwelling + 0.3 * rng.normal(size=10)[cluster]
        y = (rng.random(len(cluster)) < 1 / (1 + np.exp(-logit))).astype(float)
        fitted = adjusted_means(
            grouped(cluster, dwelling[:, None].astype(float), y, ("dwelling",)), family="binomial"
        )
        adjusted = difference_in_means(fitted.values, treated)
        rejected += adjusted.p_value < 0.05
        adjusted_width.append(adjusted.std_error)
        raw_width.append(difference_in_means(fitted.observed, treated).std_error)
    assert rejected / 600 == pytest.approx(0.05, abs=0.025)
    assert np.mean(adjusted_width) < 0.75 * np.mean(raw_width)


def test_perfect_prediction_keeps_adjusted_means_and_says_so():
    y = OUTCOME["binomial"] * (HOUSE > 0)
    patterns = grouped(CLUSTER, X[:, 1:], y, NAMES[1:])
    found = adjusted_means(patterns, family="binomial")
    assert "perfectly" in found.warnings[0]
    linear = adjusted_means(patterns, family="gaussian")
    # Saturated in the house, so that both families fit the same shares.
    assert found.values == pytest.approx(linear.values, abs=1e-6)


def test_refuses_what_cannot_be_adjusted():
    none = grouped(CLUSTER, X, np.where(CLUSTER == 3, 0, OUTCOME["binomial"]), NAMES)
    with pytest.raises(AssumptionError, match=r"cluster 'zone 3' has no events.*difference"):
        adjusted_means(none, family="binomial", scale="log_ratio")
    with pytest.raises(AssumptionError, match="same outcome"):
        adjusted_means(grouped(CLUSTER, X, np.ones(len(CLUSTER)), NAMES), family="binomial")
    twice = np.column_stack([AGE, 3 * AGE + 1]).astype(float)
    with pytest.raises(InputError, match="covariate 'again'"):
        adjusted_means(grouped(CLUSTER, twice, SCORE, ("age", "again")), family="gaussian")
