import dataclasses
import json

import numpy as np
import pytest

from experiments.design import allocation_set
from experiments.design.allocation_file import load_record
from experiments.design.draw import draw
from experiments.design.draw_folder import write_draw
from experiments.design.trial_design import TrialDesign
from experiments.design.verification import verify
from experiments.errors import InputError


@pytest.fixture
def folder(zones, tmp_path):
    design = TrialDesign(
        name="x",
        cluster="zone",
        arms=("control", "sticker"),
        pairs={"match_on": ("income", "flats")},
        balance_covariates=("habitat",),
        seed=20260315,
    )
    write_draw(draw(design, zones), tmp_path / "draw")
    return tmp_path / "draw"


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_untouched_folder_is_identical(folder):
    result = verify(folder)
    assert result.identical
    assert result.differences == result.remarks == ()
    assert result.n_clusters == 24
    assert result.fingerprint in (folder / "report.html").read_text(encoding="utf-8")


def test_an_edited_seed_is_named(folder):
    edit(folder / "design.yaml", "seed: 20260315", "seed: 20260316")
    assert verify(folder).differences == (
        "design.yaml, field seed: drawn with 20260315, now 20260316",
    )


def test_an_edited_cell_is_named(folder):
    lines = (folder / "clusters.csv").read_text(encoding="utf-8").splitlines()
    edit(folder / "clusters.csv", lines[7], lines[7].replace("urban", "rural"))
    assert verify(folder).differences == (
        "clusters.csv, line 8 (cluster Z07), column habitat: drawn with 'urban', now 'rural'",
    )


def test_rows_and_columns_added_or_removed_are_named(folder):
    lines = (folder / "clusters.csv").read_text(encoding="utf-8").splitlines()
    lines = [line + ",1" for line in lines]
    lines[0] = lines[0][:-2] + ",extra"
    lines[3] = lines[3].replace("Z03", "Z99")
    (folder / "clusters.csv").write_text("\n".join(lines), encoding="utf-8")
    assert verify(folder).differences == (
        "clusters.csv: cluster Z03 was drawn and is no longer listed",
        "clusters.csv, line 4: cluster Z99 was not in the draw",
        "clusters.csv, column extra: it was not in the draw",
    )


def test_a_swapped_arm_is_named(folder):
    lines = (folder / "allocation.csv").read_text(encoding="utf-8").splitlines()
    was = lines[1].split(",")[1]
    now = "sticker" if was == "control" else "control"
    edit(folder / "allocation.csv", f"Z01,{was}", f"Z01,{now}")
    assert verify(folder).differences == (
        f"allocation.csv, cluster Z01: arm is '{now}', the draw gives '{was}'",
    )


def test_missing_and_foreign_clusters_in_the_allocation_are_named(folder):
    edit(folder / "allocation.csv", "\nZ24", "\nZ42")
    assert verify(folder).differences == (
        "allocation.csv: cluster Z24 is missing",
        "allocation.csv: cluster Z42 is not in the draw",
    )


def test_an_edited_balance_table_and_report_are_named(folder):
    edit(folder / "balance.csv", "no", "yes")
    result = verify(folder)
    edit(folder / "report.html", result.fingerprint, "0" * 64)
    assert verify(folder).differences[0].startswith("balance.csv, line 2: 'income,")
    assert verify(folder).differences[1].startswith("report.html: it does not carry")
    (folder / "balance.csv").write_text("covariate\n", encoding="utf-8")
    assert "balance.csv: 0 rows, the draw gives 4" in verify(folder).differences


def test_an_edited_set_is_named(folder):
    path = folder / "allocations.npz"
    stored, record = allocation_set.load(path), load_record(path)
    cut = dataclasses.replace(stored, allocations=stored.allocations[:10], size=10.0)
    allocation_set.save(cut, path, record=record)
    assert verify(folder).differences == (
        "allocations.npz: its 10 allocations are not the 4096 that the design admits with this "
        "seed",
        "allocations.npz: 10 admissible allocations stored, 4096 drawn",
    )
    allocation_set.save(stored, path, record={**record, "index": 3, "fingerprint": "f"})
    found = verify(folder).differences
    assert "the recorded fingerprint" in found[0]
    assert "row 3 is said to be drawn" in found[1]
    swapped = dataclasses.replace(stored, arms=stored.arms[::-1])
    allocation_set.save(swapped, path, record=record)
    assert "its clusters or arms" in verify(folder).differences[0]


def test_another_version_of_software_is_a_remark(folder):
    path = folder / "allocations.npz"
    record = load_record(path)
    record["versions"]["numpy"] = "1.0"
    allocation_set.save(allocation_set.load(path), path, record=record)
    result = verify(folder)
    assert result.identical
    assert result.remarks == (f"drawn with numpy 1.0, verified with {np.__version__}",)


@pytest.mark.parametrize(
    "name", ["design.yaml", "clusters.csv", "allocation.csv", "allocations.npz", "balance.csv"]
)
def test_missing_files_are_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        verify(folder)


def test_a_damaged_record_is_refused(folder):
    path = folder / "allocations.npz"
    stored, record = allocation_set.load(path), load_record(path)
    for broken in (
        {**record, "design": {"name": "x"}},
        {**record, "clusters": {"other": ["a"]}},
        {key: value for key, value in record.items() if key != "index"},
    ):
        allocation_set.save(stored, path, record=json.loads(json.dumps(broken)))
        with pytest.raises(InputError, match="damaged"):
            verify(folder)
    allocation_set.save(stored, path, record={**record, "seed": 3})
    with pytest.raises(InputError, match="contradicts itself"):
        verify(folder)
    with pytest.raises(InputError, match="no such folder"):
        verify(folder / "none")
