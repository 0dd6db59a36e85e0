import gzip
import itertools
import json
import re
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


def numbers(records):
    """Numbers of records in one row, NaN where there is none."""
    return np.array(
        [[np.nan if one[name] is None else one[name] for name in NUMBERS] for one in records]
    )


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
    words = refused(trial, "--arms-within-clusters", "--estimator", "zone-welch", columns=columns)
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


def set_value(column, value, *rows):
    """Change of some rows' value in a column."""

    def alter(table):
        table[column] = table[column].astype(object)
        table.loc[list(rows), column] = value

    return alter


BAD_DATA = {
    "missing clusters": (
        set_value("zone", np.nan, 3, 8), (),
        ("Column 'zone'", "2 of 261 rows are missing", "row 3", "row 8", "--missing drop"),
    ),
    "an arm inside a cluster": (
        set_value("arm", "control", 3), (),
        ("Column 'arm'", "'Z01' has 'control' (1 rows) and 'nudge'", "Give each cluster one arm"),
    ),
    "outcome out of range": (
        set_value("score", 900, 5), ("--outcome-range", 0, 100),
        ("Column 'score'", "1 of 261 rows are outside [0, 100]", "row 5 ('900')", "widen"),
    ),
    "2 in a binomial outcome": (
        set_value("sorted", 2, 6), ("--family", "binomial", "--outcome", "sorted"),
        ("Column 'sorted'", "1 of 261 rows are neither 0 nor 1", "row 6 ('2')", "Correct"),
    ),
    "a unit twice": (
        lambda rows: rows.assign(unit=rows.index).pipe(
            lambda table: table.assign(unit=table["unit"].where(table.index != 7, 4))
        ), ("--unit", "unit"),
        ("Column 'unit'", "1 unit occurs more than once", "row 4 ('4'), row 7 ('4')", "Keep one"),
    ),
    "no outcome": (
        set_value("score", np.nan, 12), (),
        ("Column 'score'", "1 of 261 rows are missing", "row 12", "--missing drop"),
    ),
    "no control": (
        None, ("--control", "placebo"),
        ("control 'placebo' does not occur in column 'arm'", "control, nudge"),
    ),
    "an empty arm": (
        lambda rows: rows[rows["arm"] == "nudge"], (),
        ("Column 'arm' has one value only, 'nudge'", "check that no arm was filtered out"),
    ),
    "an arm lost as missing": (
        lambda rows: rows.assign(score=rows["score"].where(rows["arm"] == "nudge")),
        ("--missing", "drop"),
        ("Column 'arm' has one value only, 'nudge'", "lost as missing"),
    ),
    "text for numbers": (
        set_value("score", "ten", 9), (),
        ("Column 'score'", "1 of 261 rows are not numbers", "row 9 ('ten')", "Write them"),
    ),
    "an unknown column": (
        None, ("--covariate", "incom"),
        ("Column 'incom' does not occur", "Did you mean 'income'?"),
    ),
    "an unknown estimator": (
        None, ("--estimator", "ols-cr9"),
        ("estimators: ols-cr9 is unknown", "ols-cr2"),
    ),
    "a negative count": (
        set_value("sorted", -1, 6), ("--family", "poisson", "--outcome", "sorted"),
        ("Column 'sorted'", "row 6 ('-1')", "Correct"),
    ),
    "counts that are not whole": (
        set_value("sorted", 0.5, 6),
        ("--family", "poisson", "--outcome", "sorted"),
        ("column 'sorted'", "family poisson", "not counts; say gaussian"),
    ),
    "a covariate named like an arm": (
        lambda rows: rows.rename(columns={"income": "nudge"}), ("--covariate", "nudge"),
        ("arm 'nudge' of column 'arm'", "rename"),
    ),
    "a wave that does not occur": (
        None, ("--period", "house", "--baseline", "castle"),
        ("castle does not occur in column 'house'", "farm, flat, villa"),
    ),
    "a moderator that varies inside clusters": (
        None, ("--moderator", "income"),
        ("moderator 'income' varies inside cluster 'Z01'", "cluster's mean"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_are_named_with_their_mend(trial, change, case):
    alter, options, words = BAD_DATA[case]
    path = trial if alter is None else change(alter)
    columns = list(COLUMNS)
    for name in ("--outcome", "--cluster"):
        if name in options:
            place = columns.index(name)
            del columns[place : place + 2]
    found = refused(path, *options, columns=columns)
    for word in words:
        assert word in found, found


def test_millions_of_clusters_are_told_for_units_within_seconds(tmp_path):
    rows = pd.DataFrame({"zone": np.arange(3_000_000), "score": 1.0})
    rows["arm"] = np.where(rows["zone"] % 2, "nudge", "control")
    path = tmp_path / "units.parquet"
    rows.to_parquet(path)
    start = time.perf_counter()
    found = refused(path)
    assert time.perf_counter() - start < 5
    assert "Column 'zone'" in found
    assert "3,000,000 rows" in found
    assert "identifies units, not clusters" in found
    assert "Name the column of the group that was randomised" in found


def test_files_and_plans_that_cannot_be_read_are_named(trial):
    assert "No file matches" in refused(trial.with_name("none.csv"))
    assert "nowhere.yaml: cannot be read" in refused(trial, "--plan", "nowhere.yaml")
    plan = trial.with_name("plan.yaml")
    plan.write_text("arm: [a", encoding="utf-8")
    assert "plan.yaml: cannot be read as YAML" in refused(trial, "--plan", plan)
    plan.write_text("{outcome: score, arm: arm, cluster: zone, estimator: zone-t}", "utf-8")
    found = refused(trial, "--plan", plan, columns=())
    assert "plan.yaml: estimator: unknown setting (did you mean estimators?)" in found
    plan.write_text("{outcome: score, arm: arm}", encoding="utf-8")
    assert "plan.yaml: cluster: needed" in refused(trial, "--plan", plan, columns=())
    assert "--arm, --cluster: needed" in refused(trial, columns=("--outcome", "score"))
    assert "level" in refused(trial, "--level", "95")


def test_results_that_cannot_be_written_leave_with_status_2(trial):
    for option in ("--json", "--output"):
        path = trial if option == "--output" else trial.parent
        done = invoke(trial, option, path)
        assert done.exit_code == 2
        assert "cannot be written" in done.stderr


def few(rows, *zones):
    return rows[rows["zone"].isin([f"Z{place:02d}" for place in zones])]


def paired(rows):
    """Zones Z01 to Z14 in seven pairs, the first of each arm together, and so on."""
    zones = rows.groupby("zone", as_index=False)["arm"].first()
    pair = "p" + zones.groupby("arm").cumcount().astype(str)
    labels = dict(zip(zones["zone"], pair, strict=True))
    return rows[rows["zone"] != "Z15"].assign(pair=rows["zone"].map(labels))


SINGLE_CELL = {"Z01": "a", "Z02": "a"}
ASSUMPTIONS = {
    "two clusters": (
        lambda rows: few(rows, 1, 2), "ols-cr2", (), "Draw more clusters",
    ),
    "one cluster in an arm": (
        lambda rows: few(rows, 1, 2, 3, 5), "zone-welch", (), "Draw more clusters",
    ),
    "one cluster of an arm in a stratum": (
        lambda rows: rows.assign(stratum=rows["zone"].map(SINGLE_CELL).fillna("b")),
        "zone-welch", ("--strata", "stratum"), "'a'.*randomisation inference",
    ),
    "strata that hold one arm": (
        lambda rows: rows.assign(stratum="in " + rows["arm"]),
        "ols-cr2", ("--strata", "stratum"), "Name the strata that the draw used",
    ),
    "no variation": (
        lambda rows: rows.assign(score=(rows["arm"] == "nudge").astype(float)),
        "zone-t", (), "use randomisation inference",
    ),
    "no variation, least squares": (
        lambda rows: rows.assign(score=(rows["arm"] == "nudge").astype(float)),
        "ols-cr2", (), "report the arm means",
    ),
    "pairs with one cluster": (
        lambda rows: paired(rows)[lambda table: table["zone"] != "Z04"],
        "matched-pairs", ("--pairs", "pair"), "'p1' holds Z03.*randomization",
    ),
    "no pairs": (None, "matched-pairs", (), "use zone-t or zone-welch"),
    "nothing to adjust for": (None, "zone-ancova", (), "use zone-t or zone-welch"),
    "separation in a GEE": (
        lambda rows: rows.assign(score=rows["sorted"].where(rows["arm"] == "nudge", 0)),
        "gee-md", (), "every outcome is 0.*randomisation inference",
    ),
    "separation in a mixed model": (
        lambda rows: rows.assign(score=rows["sorted"].where(rows["arm"] == "nudge", 0)),
        "mixed-logit", (), "every outcome is 0.*randomisation inference",
    ),
    "a mixed logit of scores": (None, "mixed-logit", (), "use zone-t, or gee-md"),
    "pairs in a GEE": (
        paired, "gee-md", ("--pairs", "pair"), "use matched-pairs",
    ),
    "pairs in a mixed model": (
        lambda rows: paired(rows.assign(score=rows["sorted"])),
        "mixed-logit", ("--pairs", "pair"), "use matched-pairs",
    ),
    "joint p values without a joint distribution": (
        None, "wild-webb", ("--multiplicity", "dunnett"), "or choose holm",
    ),
    "an odds ratio of scores": (
        None, "zone-t", ("--scale", "odds_ratio"), "use scale 'difference' or 'ratio'",
    ),
    "a ratio without arm means": (
        None, "randomization", ("--scale", "ratio"), "add zone-welch",
    ),
    "equivalence without degrees of freedom": (
        None, "randomization", ("--margin", "1"), "add zone-t",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ASSUMPTIONS)
def test_methods_refuse_where_their_assumptions_fail_and_name_another(trial, change, case):
    alter, estimator, options, words = ASSUMPTIONS[case]
    path = trial if alter is None else change(alter)
    found = refused(path, "--estimator", estimator, *options)
    assert re.search(words, found), found
