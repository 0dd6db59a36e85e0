import gzip
import itertools
import json

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


def numbers(records):
    """Numbers of records in one row, NaN where there is none."""
    return np.array(
        [[np.nan if one[name] is None else one[name] for name in NUMBERS] for one in records]
    )


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
    assert [one["estimator"] for one in records] == ["gee-md", "ols-cr2"]
    for name in NUMBERS:
        assert records[1][name] == pytest.approx(r_numbers["ols"]["inside"][name], rel=1e-8), name


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
    observed = stats.ttest_ind(y[treated], y[~treated], equal_var=False).statistic
    draws = np.zeros((6435, 15), dtype=bool)
    for row, chosen in enumerate(itertools.combinations(range(15), int(treated.sum()))):
        draws[row, list(chosen)] = True
    sums, squares = draws @ y, draws @ y**2
    n1, n0 = treated.sum(), (~treated).sum()
    m1, m0 = sums / n1, (y.sum() - sums) / n0
    v1 = (squares - n1 * m1**2) / (n1 - 1) / n1
    v0 = ((y**2).sum() - squares - n0 * m0**2) / (n0 - 1) / n0
    t = (m1 - m0) / np.sqrt(v1 + v0)
    assert np.isclose(t, observed).any()
    assert one["p_value"] == pytest.approx(np.mean(np.abs(t) >= abs(observed) - 1e-9), abs=1e-12)
    assert one["extra"]["n_allocations"] == 6435
    assert one["extra"]["enumerated"] is True


@pytest.mark.parametrize("covariates", [(), ("income", "house")])
def test_mancl_derouen_equals_statsmodels(trial, covariates):
    rows = pd.read_csv(trial)
    formula = "sorted ~ C(arm)" + "".join(f" + {name}" for name in covariates)
    fit = smf.gee(
        formula,
        "zone",
        rows,
        family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
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
    names = ("zone-welch", "ols-cr2", "wild-webb")
    options = ["--strata", "stratum", "--covariate", "house"]
    options += [word for name in names for word in ("--estimator", name)]
    expected = numbers(analysed(trial, *options))
    for name in ("trial.parquet", "trial.csv.gz", "parts/*.parquet"):
        assert numbers(analysed(folder / name, *options)) == pytest.approx(
            expected, rel=1e-9, nan_ok=True
        ), name


def test_the_default_shows_the_recommended_estimator_first_and_says_why(trial):
    done = invoke(trial)
    assert done.exit_code == 0
    text = " ".join(done.stdout.split())
    assert "why zone-t: 15 clusters" in text
    records = analysed(trial)
    assert [one["estimator"] for one in records] == ["zone-t", "randomization", "ols-cr2"]
    assert "no effect" not in text
    assert "a difference of zero is not excluded" in text


def test_estimators_are_listed_with_what_they_do_and_follow(trial):
    done = invoke(trial, "--estimator", "list", columns=())
    assert done.exit_code == 0
    for word in ("zone-t", "mixed-logit", "gee-kc", "Student's t test", "Hayes & Moulton"):
        assert word in done.stdout


def test_options_replace_settings_of_the_plan(trial):
    plan = trial.with_name("plan.yaml")
    plan.write_text(
        "{outcome: sorted, arm: arm, cluster: zone, estimators: [zone-t], level: 0.9}", "utf-8"
    )
    (one,) = analysed(trial, "--plan", plan, columns=())
    assert (one["outcome"], one["estimator"], one["level"]) == ("sorted", "zone-t", 0.9)
    (one,) = analysed(trial, "--plan", plan, "--outcome", "score", columns=())
    assert (one["outcome"], one["level"]) == ("score", 0.9)


def test_the_folder_holds_estimates_plan_and_figures(trial):
    folder = trial.parent / "made" / "here"
    assert invoke(trial, "--output", folder, "--scale", "ratio").exit_code == 0
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "estimates.csv", "plan.yaml", "effects-score-difference.svg", "effects-score-ratio.svg",
        "influence-nudge-vs-control.svg",
    }  # fmt: skip
    again = analysed(trial, "--plan", folder / "plan.yaml", columns=())
    table = pd.read_csv(folder / "estimates.csv")
    assert table["estimate"].to_numpy() == pytest.approx([one["estimate"] for one in again])


def test_dropped_rows_are_counted(change):
    def blank(rows):
        rows.loc[[3, 8, 9], "zone"] = np.nan
        rows.loc[11, "score"] = np.nan

    (one,) = analysed(change(blank), "--missing", "drop", "--estimator", "zone-welch")
    assert "4 of 261 rows were dropped for a missing value" in one["warnings"]
    assert one["n_units"] == 257


def test_a_text_outcome_counts_its_success(change, trial):
    path = change(lambda rows: rows.assign(sorted=rows["sorted"].map({1: "yes", 0: "no"})))
    columns = ("--outcome", "sorted", "--arm", "arm", "--cluster", "zone")
    found = analysed(path, "--success", "yes", "--estimator", "gee-md", columns=columns)
    expected = analysed(trial, "--estimator", "gee-md", columns=columns)
    assert numbers(found) == pytest.approx(numbers(expected))


def test_a_table_with_row_names_and_french_words_is_analysed_as_it_is(change, trial):
    path = change(lambda rows: rows.assign(sorted=rows["sorted"].map({1: "Oui", 0: "Non"})))
    lines = path.read_text(encoding="utf-8").splitlines()
    named = [
        f'"{i or ""}";{line.replace(",", ";").replace(".", ",")}' for i, line in enumerate(lines)
    ]
    path.write_text("sep=;\n" + "\n".join(named), encoding="utf-8")
    columns = ("--outcome", "sorted", "--arm", "arm", "--cluster", "zone")
    options = ("--covariate", "income", "--estimator", "ols-cr2")
    found = analysed(path, *options, columns=columns)
    expected = analysed(trial, *options, columns=columns)
    assert numbers(found) == pytest.approx(numbers(expected))
