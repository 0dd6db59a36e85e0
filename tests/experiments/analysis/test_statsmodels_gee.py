import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from experiments.analysis.gee import fit_gee
from experiments.analysis.gee_small_sample import coefficient_test, small_sample_covariance
from experiments.analysis.statsmodels_gee import from_statsmodels
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError, InputError


def rows():
    """Twelve zones in shuffled rows, six of them treated."""
    rng = np.random.default_rng(5)
    zone = np.repeat(np.arange(12), rng.integers(20, 60, 12))
    treated = (zone % 2).astype(float)
    eta = 0.5 + 0.4 * treated + rng.normal(0, 0.4, 12)[zone]
    sorted_bins = (rng.random(len(zone)) < 1 / (1 + np.exp(-eta))).astype(float)
    table = pd.DataFrame(
        {"zone": zone, "treated": treated, "dwelling": rng.choice(list("abc"), len(zone))}
    )
    table["sorted"] = sorted_bins
    table["weeks"] = rng.integers(1, 5, len(zone))
    table["bags"] = rng.poisson(table["weeks"] * np.exp(eta))
    return table.sample(frac=1, random_state=1).reset_index(drop=True)


ROWS = rows()
FORMULA = "sorted ~ treated + C(dwelling)"


def fitted(structure=None, **options):
    return smf.gee(
        FORMULA,
        "zone",
        ROWS,
        cov_struct=structure or sm.cov_struct.Exchangeable(),
        family=sm.families.Binomial(),
        **options,
    ).fit(cov_type="bias_reduced", ctol=1e-10)


@pytest.mark.parametrize("structure", [sm.cov_struct.Exchangeable(), sm.cov_struct.Independence()])
def test_a_formula_keeps_its_estimates_and_gains_the_other_covariances(structure):
    theirs = fitted(structure)
    ours = from_statsmodels(theirs)
    assert ours.columns == ("Intercept", "C(dwelling)[T.b]", "C(dwelling)[T.c]", "treated")
    assert ours.coefficients == pytest.approx(theirs.params.to_numpy())
    assert ours.model_covariance == pytest.approx(theirs.cov_naive, rel=1e-8, abs=1e-12)
    robust = small_sample_covariance(ours, correction="robust")
    assert robust == pytest.approx(theirs.cov_robust, rel=1e-8, abs=1e-12)
    corrected = small_sample_covariance(ours, correction="mancl-derouen")
    assert corrected == pytest.approx(theirs.cov_robust_bc, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("correction", ["kauermann-carroll", "fay-graubard"])
def test_tests_equal_those_of_a_fit_on_counts(correction):
    dummies = [ROWS["dwelling"] == level for level in "bc"]
    design = np.column_stack([np.ones(len(ROWS)), *dummies, ROWS["treated"]]).astype(float)
    order = np.argsort(ROWS["zone"].to_numpy(), kind="stable")
    y = ROWS["sorted"].to_numpy()[order]
    patterns = CovariatePatterns(
        clusters=np.arange(12).astype(object),
        columns=("Intercept", "b", "c", "treated"),
        start=np.searchsorted(ROWS["zone"].to_numpy()[order], np.arange(13)),
        x=design[order],
        n=np.ones(len(y)),
        sum_y=y,
        sum_yy=y,
    )
    here = coefficient_test(
        from_statsmodels(fitted()), "treated", correction=correction, df="satterthwaite"
    )
    there = coefficient_test(
        fit_gee(patterns, family="binomial"), "treated", correction=correction, df="satterthwaite"
    )
    assert here.p_value == pytest.approx(there.p_value, rel=1e-6)
    assert here.df == pytest.approx(there.df, rel=1e-6)
    assert coefficient_test(from_statsmodels(fitted()), "treated").df == 10


def test_exposures_and_other_families_are_taken_over():
    theirs = smf.gee(
        "bags ~ treated",
        "zone",
        ROWS,
        exposure=ROWS["weeks"],
        cov_struct=sm.cov_struct.Exchangeable(),
        family=sm.families.NegativeBinomial(alpha=0.3),
    ).fit(cov_type="bias_reduced", ctol=1e-10)
    found = small_sample_covariance(from_statsmodels(theirs), correction="mancl-derouen")
    assert found == pytest.approx(theirs.cov_robust_bc, rel=1e-8, abs=1e-12)


def test_what_cannot_be_taken_over_is_refused():
    with pytest.raises(InputError, match="Autoregressive is not supported"):
        from_statsmodels(fitted(sm.cov_struct.Autoregressive(grid=True)))
    with pytest.raises(InputError, match="weighted"):
        from_statsmodels(
            smf.gee(FORMULA, "zone", ROWS, weights=np.ones(len(ROWS))).fit(cov_type="robust")
        )
    with pytest.raises(InputError, match="takes a fitted GEE, not"):
        from_statsmodels(smf.ols("sorted ~ treated", ROWS).fit())
    unfinished = fitted()
    unfinished.converged = False
    with pytest.raises(AssumptionError, match="did not converge"):
        from_statsmodels(unfinished)
