import numpy as np
import pytest

from experiments.design.allocation_file import load_record
from experiments.design.allocation_set import load, observed_allocations, save
from experiments.errors import InputError


@pytest.fixture
def small():
    return observed_allocations(np.repeat([0, 1], 4), n_arms=2)


def test_equal_sets_give_equal_bytes(small, tmp_path):
    save(small, tmp_path / "one.npz", record={"seed": 3})
    save(small, tmp_path / "two.npz", record={"seed": 3})
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert load_record(tmp_path / "one.npz") == {"seed": 3}


def test_what_is_no_allocation_set_is_refused(small, tmp_path):
    save(small, tmp_path / "set.npz")
    with pytest.raises(InputError, match="without its draw"):
        load_record(tmp_path / "set.npz")
    with pytest.raises(InputError, match="No such file"):
        load(tmp_path / "none.npz")
    content = (tmp_path / "set.npz").read_bytes()
    for name, broken in {
        "text.npz": b"not an archive",
        "empty.npz": b"",
        "cut.npz": content[: len(content) // 2],
    }.items():
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(InputError, match="not an allocation set"):
            load(tmp_path / name)
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(InputError, match="not an allocation set"):
        load(tmp_path / "other.npz")
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(InputError, match="not an allocation set"):
        load(tmp_path / "array.npy")
