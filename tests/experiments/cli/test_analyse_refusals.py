import re
import time

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from serving.cli import app

runner = CliRunner()
COLUMNS = ("--outcome", "score", "--arm", "arm", "--cluster", "zone")


def invoke(data, *options, columns=COLUMNS):
    return runner.invoke(
        app, ["experiment", "analyse", str(data), *columns, "--no-track", *map(str, options)]
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


def test_arms_inside_clusters_need_to_be_declared_and_suit_no_zone_method(trial):
    columns = ("--outcome", "score", "--arm", "own", "--cluster", "zone")
    words = refused(trial, columns=columns)
    assert "Column 'own' varies inside 15 of 15 clusters" in words
    assert "'Z01' has 'control'" in words
    words = refused(trial, "--arms-within-clusters", "--estimator", "zone-welch", columns=columns)
    assert "use the estimator ols-cr2" in words
