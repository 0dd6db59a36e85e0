import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.plan import make_plan
from experiments.power.trial_of_sums import trial_of_sums

NUMBERS = ("estimate", "std_error", "ci_low", "ci_high", "p_value")
NEEDS = {
    "zone-ancova": {"strata": "block"},
    "mantel-haenszel": {"strata": "block"},
    "mantel-haenszel-ratio": {"strata": "block"},
    "matched-pairs": {"pairs": "pair"},
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_sums_of_clusters_give_the_numbers_of_their_rows(trial_rows, name):
    rows = trial_rows(arms=("0", "1"))
    settings = NEEDS.get(name, {})
    plan = make_plan(
        outcome="sorted", arm="arm", cluster="zone", control="0", draws=199, **settings
    )
    (expected,) = analyze(rows, plan.model_copy(update={"estimators": (name,)})).estimates
    zones = rows.groupby("zone").agg(
        n=("sorted", "size"), y=("sorted", "sum"), arm=("arm", "first"), block=("block", "first"),
        pair=("pair", "first"),
    )  # fmt: skip
    block = None
    if settings:
        column = settings.get("strata") or settings["pairs"]
        block = zones[column].astype("category").cat.codes.to_numpy().astype(np.int64)
    trial = trial_of_sums(
        n=zones["n"].to_numpy(float),
        sum_y=zones["y"].to_numpy(float),
        sum_yy=zones["y"].to_numpy(float),
        arm=zones["arm"].astype(np.int8).to_numpy(),
        plan=plan,
        block=block,
    )
    found = CATALOGUE[name].estimate(trial)[0].effect
    for number in NUMBERS:
        one, other = getattr(found, number), getattr(expected, number)
        assert one == pytest.approx(other, rel=1e-6, abs=1e-9), number
    assert (found.df is None) == (expected.df is None)
    assert (found.df or 0) == pytest.approx(expected.df or 0)
    assert found.contrast == expected.contrast == "1 vs 0"
    assert sum(found.n_units.values()) == len(rows)


def test_several_arms_and_means_are_kept():
    rng = np.random.default_rng(1)
    n = rng.integers(5, 20, 9).astype(float)
    y = rng.normal(size=9)
    trial = trial_of_sums(
        n=n,
        sum_y=n * y,
        sum_yy=n * y**2 + n,
        arm=np.array([0, 1, 2] * 3, dtype=np.int8),
        plan=make_plan(outcome="y", arm="a", cluster="c", control="0"),
    )
    assert trial.arms == ("0", "1", "2")
    assert trial.clusters.means == pytest.approx(y)
    assert trial.family == "gaussian"
    frame = pd.DataFrame({"y": y, "arm": [0, 1, 2] * 3})
    means = frame.groupby("arm")["y"].mean()
    found = CATALOGUE["zone-t"].estimate(trial)
    assert [one.effect.estimate for one in found] == pytest.approx(
        [means[1] - means[0], means[2] - means[0]]
    )
