import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from experiments.analysis.estimators.zone_ancova import zone_ancova
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=14)


def cluster_design(rows, *columns):
    """Arm and the cluster means of columns, with an intercept."""
    zones = rows.groupby("zone")
    arm = zones["arm"].first().eq("nudge").astype(float)
    return sm.add_constant(pd.concat([arm, *(zones[name].mean() for name in columns)], axis=1))


def test_equals_least_squares_of_cluster_means(read, rows):
    (one,) = zone_ancova(read(rows, covariates=["income", "density"], keys=False))
    y = rows.groupby("zone")["score"].mean()
    fit = sm.OLS(y, cluster_design(rows, "income", "density")).fit()
    assert one.effect.estimate == pytest.approx(fit.params["arm"])
    assert one.effect.std_error == pytest.approx(fit.bse["arm"])
    assert one.effect.p_value == pytest.approx(fit.pvalues["arm"])
    assert one.effect.df == fit.df_resid == 10
    assert one.effect.extra["theta"] == pytest.approx(fit.params[["income", "density"]].to_dict())


def test_a_factor_enters_by_the_share_of_each_level(read, rows):
    (one,) = zone_ancova(read(rows, covariates=["house"]))
    shares = rows.assign(flat=rows["house"] == "flat", villa=rows["house"] == "villa")
    y = rows.groupby("zone")["score"].mean()
    fit = sm.OLS(y, cluster_design(shares, "flat", "villa")).fit()
    assert one.effect.estimate == pytest.approx(fit.params["arm"])
    assert one.effect.std_error == pytest.approx(fit.bse["arm"])


def test_the_unit_estimand_weighs_clusters_by_size(read, rows):
    (one,) = zone_ancova(read(rows, covariates=["income"], estimand="unit"))
    zones = rows.groupby("zone")["score"]
    fit = sm.WLS(zones.mean(), cluster_design(rows, "income"), weights=zones.size()).fit()
    assert one.effect.estimate == pytest.approx(fit.params["arm"])


def test_a_strong_baseline_narrows_the_interval(read, rows, two_waves):
    before = rows["score"] + np.random.default_rng(1).normal(0, 0.3, len(rows))
    (one,) = zone_ancova(read(two_waves(rows, before), period="wave", baseline="0"))
    plain = rows.groupby("zone").agg(score=("score", "mean"), arm=("arm", "first"))
    spread = plain.groupby("arm")["score"].std().mean() * np.sqrt(2 / 7)
    assert one.effect.std_error < spread / 3
    assert one.effect.extra["variance_reduction"] > 0.9


def test_unequal_arms_take_a_variance_of_their_own(read, rows):
    fewer = rows[~rows["zone"].isin(["z00", "z02"])]
    (one,) = zone_ancova(read(fewer, covariates=["income"]))
    assert "hc2" in one.effect.method
    y = fewer.groupby("zone")["score"].mean()
    fit = sm.OLS(y, cluster_design(fewer, "income")).fit(cov_type="HC2")
    assert one.effect.std_error == pytest.approx(fit.bse["arm"])


def test_nothing_to_adjust_for_is_refused(read, rows):
    with pytest.raises(AssumptionError, match="use zone-t or zone-welch"):
        zone_ancova(read(rows))
    assert zone_ancova(read(rows, strata="block"))[0].effect.df == 11
