import pandas as pd
import pytest


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
