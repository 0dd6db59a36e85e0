import gzip
import itertools
import json
import shutil
import time

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from typer.testing import CliRunner

from serving.cli import app

runner = CliRunner()
FIELDS = {
    "contrast", "estimate", "std_error", "df", "ci_low", "ci_high", "p_value", "scale", "method",
    "n_clusters", "n_units", "warnings",
}  # fmt: skip
NUMBERS = ("estimate", "std_error", "df", "p_value", "ci_low", "ci_high")
COLUMNS = ("--outcome", "score", "--arm", "arm", "--cluster", "zone")


def invoke(data, *options, columns=COLUMNS):
    return runner.invoke(
        app, ["experiment", "analyse", str(data), *columns, "--no-track", *map(str, options)]
    )


def analysed(data, *options, columns=COLUMNS):
    """Records that the command writes."""
    out = data.parent / "out.json"
    done = invoke(data, *options, "--json", out, columns=columns)
    assert done.exit_code == 0, done.output
    records = json.loads(out.read_text(encoding="utf-8"))
    out.unlink()
    return records


def refused(data, *options, columns=COLUMNS):
    """Words of an error that left no file and no traceback."""
    folder = data.parent
    before = sorted(path.name for path in folder.iterdir())
    done = invoke(
        data, *options, "--json", folder / "o.json", "--output", folder / "o", columns=columns
    )
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert sorted(path.name for path in folder.iterdir()) == before
    return " ".join(done.stderr.split())


@pytest.fixture
def trial(tmp_path, r_rows):
    path = tmp_path / "trial.csv"
    r_rows.to_csv(path, index=False)
    return path


@pytest.fixture
def change(trial):
    """Maker of the trial's file with changed rows."""

    def write(alter, name="changed.csv"):
        rows = pd.read_csv(trial)
        rows.index = rows.index + 1
        found = alter(rows)
        path = trial.with_name(name)
        (rows if found is None else found).to_csv(path, index=False)
        return path

    return write


@pytest.mark.parametrize(
    "estimator",
    ["ols-cr2", "zone-welch", "wild-webb", "randomization", "gee-md", "gee-kc", "gee-fg",
     "mixed-logit"],
)  # fmt: skip
def test_one_named_estimator_gives_one_object_for_each_contrast(trial, estimator):
    columns = ("--outcome", "sorted", "--arm", "arms", "--cluster", "zone")
    records = analysed(trial, "--estimator", estimator, columns=columns)
    assert [one["contrast"] for one in records] == ["letter vs control", "nudge vs control"]
    for one in records:
        assert set(one) >= FIELDS
        assert one["estimator"] == estimator
        assert one["ci_low"] < one["estimate"] < one["ci_high"]
        assert 0 < one["p_value"] <= 1
        log_odds = estimator.startswith(("gee", "mixed"))
        assert one["scale"] == ("log_odds_ratio" if log_odds else "difference")
    rows = pd.read_csv(trial)
    letter = rows[rows["arms"] != "nudge"]
    assert records[0]["n_clusters"] == letter["zone"].nunique()
    assert records[0]["n_units"] == len(letter)


# clubSandwich and estimatr agree to rounding.
@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("plain", ()),
        ("strata", ("--strata", "stratum")),
        ("covariates", ("--covariate", "income", "--covariate", "house")),
        ("strata_and_covariates",
         ("--strata", "stratum", "--covariate", "income", "--covariate", "house")),
    ],
)  # fmt: skip
def test_least_squares_equal_r(trial, r_numbers, case, options):
    (one,) = analysed(trial, "--estimator", "ols-cr2", *options)
    for name in NUMBERS:
        assert one[name] == pytest.approx(r_numbers["ols"][case][name], rel=1e-8), name


def test_least_squares_of_several_arms_equal_r(trial, r_numbers):
    columns = ("--outcome", "score", "--arm", "arms", "--cluster", "zone")
    for one in analysed(trial, "--estimator", "ols-cr2", columns=columns):
        expected = r_numbers["ols"][one["contrast"].removesuffix(" vs control")]
        for name in NUMBERS:
            assert one[name] == pytest.approx(expected[name], rel=1e-8), name


def test_arms_inside_clusters_are_analysed_only_when_declared(trial, r_numbers):
    columns = ("--outcome", "score", "--arm", "own", "--cluster", "zone")
    records = analysed(trial, "--arms-within-clusters", columns=columns)
    assert records[0]["estimator"] == "ols-cr2"
    for name in NUMBERS:
        assert records[0][name] == pytest.approx(r_numbers["ols"]["inside"][name], rel=1e-8), name
    words = refused(trial, columns=columns)
    assert "Column 'own' varies inside 15 of 15 clusters" in words
    assert "'Z01' has 'control'" in words
    words = refused(
        trial, "--arms-within-clusters", "--estimator", "zone-welch", columns=columns
    )
    assert "use the estimator ols-cr2" in words


# glmer stops at 1e-5 of the standard error.
@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("plain", ()),
        ("strata_and_covariates",
         ("--strata", "stratum", "--covariate", "income", "--covariate", "house")),
    ],
)  # fmt: skip
def test_mixed_logit_equals_glmer_with_25_points(trial, r_numbers, case, options):
    columns = ("--outcome", "sorted", "--arm", "arm", "--cluster", "zone")
    (one,) = analysed(trial, "--estimator", "mixed-logit", *options, columns=columns)
    expected = r_numbers["mixed_logit"][case]
    assert one["estimate"] == pytest.approx(expected["estimate"], abs=1e-5)
    assert one["std_error"] == pytest.approx(expected["std_error"], rel=1e-5)
    assert one["extra"]["sd_random_intercept"] == pytest.approx(expected["sd"], rel=1e-4)


def test_welch_equals_scipy_on_cluster_means(trial):
    (one,) = analysed(trial, "--estimator", "zone-welch")
    zones = pd.read_csv(trial).groupby("zone").agg(score=("score", "mean"), arm=("arm", "first"))
    parts = [zones.loc[zones["arm"] == arm, "score"] for arm in ("nudge", "control")]
    test = stats.ttest_ind(*parts, equal_var=False)
    interval = test.confidence_interval(0.95)
    assert one["estimate"] == pytest.approx(parts[0].mean() - parts[1].mean(), rel=1e-10)
    assert one["p_value"] == pytest.approx(test.pvalue, rel=1e-10)
    assert one["df"] == pytest.approx(test.df, rel=1e-10)
    assert [one["ci_low"], one["ci_high"]] == pytest.approx([interval.low, interval.high])


def test_randomization_equals_brute_force(trial):
    (one,) = analysed(trial, "--estimator", "randomization")
    zones = pd.read_csv(trial).groupby("zone").agg(score=("score", "mean"), arm=("arm", "first"))
    y, treated = zones["score"].to_numpy(), (zones["arm"] == "nudge").to_numpy()

    def statistic(inside):
        return stats.ttest_ind(y[inside], y[~inside], equal_var=False).statistic

    draws = np.zeros((6435, 15), dtype=bool)
    for row, chosen in enumerate(itertools.combinations(range(15), int(treated.sum()))):
        draws[row, list(chosen)] = True
    sums, squares = draws @ y, draws @ y**2
    n1, n0 = treated.sum(), (~treated).sum()
    m1, m0 = sums / n1, (y.sum() - sums) / n0
    v1 = (squares - n1 * m1**2) / (n1 - 1) / n1
    v0 = ((y**2).sum() - squares - n0 * m0**2) / (n0 - 1) / n0
    t = (m1 - m0) / np.sqrt(v1 + v0)
    observed = statistic(treated)
    assert np.isclose(t, observed).any()
    assert one["p_value"] == pytest.approx(np.mean(np.abs(t) >= abs(observed) - 1e-9), abs=1e-12)
    assert one["extra"]["n_allocations"] == 6435
    assert one["extra"]["enumerated"] is True


@pytest.mark.parametrize("covariates", [(), ("income", "house")])
def test_mancl_derouen_equals_statsmodels(trial, covariates):
    rows = pd.read_csv(trial)
    formula = "sorted ~ C(arm)" + "".join(f" + {name}" for name in covariates)
    fit = smf.gee(
        formula, "zone", rows, family=sm.families.Binomial(), cov_struct=sm.cov_struct.Exchangeable()
    ).fit(cov_type="bias_reduced", ctol=1e-12, maxiter=200)
    columns = ("--outcome", "sorted", "--arm", "arm", "--cluster", "zone")
    options = [word for name in covariates for word in ("--covariate", name)]
    (one,) = analysed(trial, "--estimator", "gee-md", *options, columns=columns)
    estimate, error = fit.params["C(arm)[T.nudge]"], fit.bse["C(arm)[T.nudge]"]
    assert one["estimate"] == pytest.approx(estimate, rel=1e-6)
    assert one["std_error"] == pytest.approx(error, rel=1e-6)
    assert one["df"] == 13
    assert one["p_value"] == pytest.approx(2 * stats.t.sf(abs(estimate / error), 13), rel=1e-6)


def test_every_kind_of_file_gives_the_same_numbers(trial):
    rows = pd.read_csv(trial)
    folder = trial.parent
    rows.to_parquet(folder / "trial.parquet")
    with gzip.open(folder / "trial.csv.gz", "wt", encoding="utf-8") as file:
        rows.to_csv(file, index=False)
    (folder / "parts").mkdir()
    for place, part in enumerate(np.array_split(np.arange(len(rows)), 3)):
        rows.iloc[part].to_parquet(folder / "parts" / f"part-{place}.parquet")
    options = ("--strata", "stratum", "--covariate", "house", "--estimator", "zone-welch",
               "--estimator", "ols-cr2", "--estimator", "wild-webb")  # fmt: skip
    expected = analysed(trial, *options)
    for name in ("trial.parquet", "trial.csv.gz", "parts/*.parquet"):
        found = analysed(folder / name.split("/")[0], *options) if "/" not in name else None
        if found is None:
            shutil.copy(trial, folder / "parts" / "kept.txt")
            found = _glob(folder, name, options)
        for one, other in zip(expected, found, strict=True):
            for key in NUMBERS:
                assert one[key] == pytest.approx(other[key], rel=1e-9), (name, key)


def _glob(folder, pattern, options):
    out = folder / "out.json"
    done = invoke(folder / pattern, *options, "--json", out)
    assert done.exit_code == 0, done.output
    return json.loads(out.read_text(encoding="utf-8"))
