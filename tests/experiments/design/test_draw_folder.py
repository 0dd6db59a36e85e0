import csv

import pytest

from experiments.design.allocation_set import load
from experiments.design.draw import draw
from experiments.design.draw_folder import write_draw
from experiments.design.trial_design import Buffers, TrialDesign, load_design
from experiments.errors import InputError

FILES = ["allocation.csv", "allocations.npz", "balance.csv", "clusters.csv", "design.yaml"]


@pytest.fixture
def drawn(zones):
    design = TrialDesign(
        name="x",
        cluster="zone",
        arms=("c", "t"),
        seed=1,
        buffers=Buffers(rule="exclude", neighbours=(("Z01", "Z02"),)),
    )
    return draw(design, zones)


def test_six_files_hold_the_draw(drawn, tmp_path):
    files = write_draw(drawn, tmp_path / "deep" / "draw")
    assert [path.name for path in files] == [*FILES, "report.html"]
    assert load_design(files[4]) == drawn.design
    stored = load(files[1])
    assert stored.allocations.tolist() == drawn.allocation_set.allocations.tolist()
    with files[0].open(encoding="utf-8", newline="") as file:
        rows = {row["cluster"]: row for row in csv.DictReader(file)}
    assert {label: row["arm"] for label, row in rows.items() if row["arm"]} == drawn.allocation
    assert rows["Z02"]["status"] == "left out as a buffer"


def test_equal_draws_give_equal_bytes(drawn, tmp_path):
    one, two = write_draw(drawn, tmp_path / "one"), write_draw(drawn, tmp_path / "two")
    for first, second in zip(one, two, strict=True):
        assert first.read_bytes() == second.read_bytes()


def test_a_draw_is_never_written_over(drawn, tmp_path):
    folder = tmp_path / "draw"
    folder.mkdir()
    write_draw(drawn, folder)
    with pytest.raises(InputError, match="a draw is not written over"):
        write_draw(drawn, folder)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="already exists"):
        write_draw(drawn, tmp_path / "file")


def test_a_failure_leaves_nothing_behind(drawn, tmp_path, monkeypatch):
    def full_disk(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("experiments.design.allocation_set.save", full_disk)
    with pytest.raises(InputError, match="No space left"):
        write_draw(drawn, tmp_path / "draw")
    assert list(tmp_path.iterdir()) == []
