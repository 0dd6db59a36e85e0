import json

import pytest

from experiments.calibration.measurement import measure
from experiments.calibration.scenario import grid
from experiments.calibration.study import rows, run_study
from experiments.errors import InputError

NAMES = ("zone-t", "ols-cr2")
SCENARIOS = grid(clusters=(4, 6), iccs=(0.05,), outcomes=("binary", "continuous"))
SETTINGS = {"n_trials": 8, "seed": 1}


def study(folder, estimators=NAMES, scenarios=SCENARIOS, jobs=1, **changes):
    return run_study(scenarios, estimators, folder=folder, jobs=jobs, **SETTINGS | changes)


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_one_file_a_scenario_holds_what_measuring_it_gives(tmp_path):
    steps = []
    found = study(tmp_path / "new" / "folder", progress=lambda: steps.append(1))
    assert len(steps) == len(found) == len(SCENARIOS) == 8
    assert [one.scenario for one in found] == list(SCENARIOS)
    assert len(times(tmp_path / "new" / "folder")) == 8
    for one in found[:2]:
        assert one.tallies == measure(one.scenario, NAMES, **SETTINGS)


def test_a_second_run_computes_nothing(tmp_path, monkeypatch):
    first, before = study(tmp_path), times(tmp_path)

    def fail(*_arguments, **_settings):
        pytest.fail("a scenario was measured again")

    monkeypatch.setattr("experiments.calibration.study.measure", fail)
    steps = []
    assert study(tmp_path, progress=lambda: steps.append(1)) == first
    assert times(tmp_path) == before
    assert len(steps) == len(SCENARIOS)


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    whole, before = study(tmp_path), times(tmp_path)
    lost = sorted(tmp_path.glob("*.json"))[2]
    content = lost.read_text(encoding="utf-8")
    lost.rename(lost.with_suffix(".partial"))
    lost.with_suffix(".partial").write_text(content[: len(content) // 2], encoding="utf-8")
    assert study(tmp_path) == whole
    after = times(tmp_path)
    assert [name for name, time in after.items() if before.get(name) != time] == [lost.name]
    assert lost.read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    "changes", [{"n_trials": 12}, {"seed": 2}, {"estimators": ("zone-t", "zone-welch")}]
)
def test_changed_settings_start_afresh(tmp_path, changes):
    study(tmp_path, scenarios=SCENARIOS[:2])
    before = times(tmp_path)
    study(tmp_path, scenarios=SCENARIOS[:2], **changes)
    after = times(tmp_path)
    assert len(after) == 4
    assert all(after[name] == time for name, time in before.items())


def test_mixed_models_are_left_out_where_the_outcome_is_not_binary(tmp_path):
    found = study(tmp_path, ("zone-t", "mixed-logit"), SCENARIOS[:2])
    kinds = {one.scenario.outcome: set(one.tallies) for one in found}
    assert kinds == {"binary": {"zone-t", "mixed-logit"}, "continuous": {"zone-t"}}


def test_an_unknown_estimator_is_named_before_anything_runs(tmp_path):
    with pytest.raises(InputError, match="estimators: zone-x unknown; there are zone-t"):
        study(tmp_path / "none", ("zone-x",))
    assert not (tmp_path / "none").exists()


def test_rows_hold_rates_with_their_intervals(tmp_path):
    found = study(tmp_path, scenarios=SCENARIOS[:2])
    table = list(rows(found))
    assert len(table) == 4
    for row, (result, name) in zip(
        table, [(one, name) for one in found for name in NAMES], strict=True
    ):
        tally = result.tallies[name]
        assert row["estimator"] == name
        assert row["type_1_error"] == tally.rejected_null / 8
        assert row["type_1_error_low"] <= row["type_1_error"] <= row["type_1_error_high"]
        assert row["power"] == tally.rejected_effect / 2
        assert row["coverage"] == tally.covered_effect / 2
        assert (row["trials"], row["refused"]) == (8, 0)
        json.dumps(row)
