import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from serving.cli import app

runner = CliRunner()
GRID = ("--clusters", 4, "--clusters", 6, "--icc", 0.05, "--outcome", "binary", "--trials", 8)
NAMES = ("--estimator", "zone-t", "--estimator", "mixed-logit")


def invoke(output, *options, grid=GRID, names=NAMES, jobs=1):
    words = ["experiment", "calibrate", *grid, *names, "--jobs", jobs, "--output", output, *options]
    return runner.invoke(app, list(map(str, words)))


def files(folder):
    return {path: path.stat().st_mtime_ns for path in (folder / "scenarios").iterdir()}


def test_the_folder_holds_table_figure_and_summary(tmp_path):
    done = invoke(tmp_path / "study", "--no-track", "--json", tmp_path / "new" / "rows.json")
    assert done.exit_code == 0, done.output
    assert "| zone-t |" in done.stdout
    table = pd.read_csv(tmp_path / "study" / "calibration.csv")
    assert len(table) == 2 * 2 * 2
    assert set(table["estimator"]) == {"zone-t", "mixed-logit"}
    records = json.loads((tmp_path / "new" / "rows.json").read_text(encoding="utf-8"))
    assert [one["power"] for one in records] == pytest.approx(list(table["power"]))
    assert "<svg" in (tmp_path / "study" / "type_1_error.svg").read_text(encoding="utf-8")
    text = (tmp_path / "study" / "type_1_error.md").read_text(encoding="utf-8")
    assert text in done.stdout
    assert len(files(tmp_path / "study")) == 4


def test_a_second_run_computes_nothing_and_says_the_same(tmp_path):
    first = invoke(tmp_path, "--no-track")
    before = files(tmp_path)
    again = invoke(tmp_path, "--no-track")
    assert files(tmp_path) == before
    assert again.stdout == first.stdout


def test_a_larger_grid_computes_only_what_is_new(tmp_path):
    invoke(tmp_path, "--no-track", grid=("--clusters", 4, *GRID[4:]))
    before = files(tmp_path)
    assert invoke(tmp_path, "--no-track").exit_code == 0
    after = files(tmp_path)
    assert len(before) == 2
    assert len(after) == 4
    assert all(after[path] == time for path, time in before.items())


def test_processes_do_not_change_the_results(tmp_path):
    for jobs in (1, 2):
        assert invoke(tmp_path / str(jobs), "--no-track", jobs=jobs).exit_code == 0
    one, two = ((tmp_path / name / "calibration.csv").read_bytes() for name in "12")
    assert one == two


@pytest.mark.parametrize(
    ("grid", "names", "words"),
    [
        (("--clusters", 3), NAMES, "clusters: at least 4"),
        (("--icc", 1.5), NAMES, "icc: each must lie in [0, 1)"),
        (("--outcome", "ordinal"), NAMES, "--outcome ordinal: one of binary, continuous, count"),
        (GRID, ("--estimator", "zone-x"), "estimators: zone-x unknown; there are zone-t"),
        (
            ("--clusters", 4, "--outcome", "count", "--trials", 2),
            ("--estimator", "mixed-logit"),
            "--estimator mixed-logit: for binary outcomes only",
        ),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(tmp_path, grid, names, words):
    done = invoke(tmp_path, "--no-track", grid=grid, names=names)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "calibration.csv").exists()


def test_no_trials_are_refused_by_the_option_itself(tmp_path):
    assert invoke(tmp_path, "--trials", 0).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_result_that_cannot_be_written_is_said(tmp_path):
    done = invoke(tmp_path, "--no-track", "--json", tmp_path)
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
