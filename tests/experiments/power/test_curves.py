import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.curves import detectable_effects, power_curve, usual_values
from experiments.power.outcome import BinaryOutcome
from experiments.power.parallel import ParallelDesign
from experiments.power.power_analysis import power_of

DESIGN = ParallelDesign(
    outcome=BinaryOutcome(level=0.25),
    effect=0.1,
    clusters=10,
    units=25,
    icc=0.05,
    cluster_autocorrelation=0.8,
)


@pytest.mark.parametrize(
    ("along", "rises"),
    [("effect", 1), ("clusters", 1), ("units", 1), ("waves", 1), ("icc", -1)],
)
def test_curves_are_tidy_monotone_and_pass_through_the_design(along, rises):
    curve = power_curve(DESIGN, along=along)
    assert list(curve.columns) == ["along", "value", "icc", "power"]
    assert np.all(rises * np.diff(curve["power"]) >= -1e-12)
    own = curve[curve["value"] == getattr(DESIGN, along)]
    assert own["power"].item() == pytest.approx(power_of(DESIGN))


def test_each_icc_gives_a_curve():
    curve = power_curve(DESIGN, along="clusters", values=[5, 10], iccs=[0.02, 0.05])
    assert curve[["value", "icc"]].values.tolist() == [
        [5, 0.02], [10, 0.02], [5, 0.05], [10, 0.05]
    ]  # fmt: skip
    expected = [power_of(DESIGN.vary(clusters=k, icc=i)) for i in (0.02, 0.05) for k in (5, 10)]
    assert curve["power"].tolist() == pytest.approx(expected)
    with pytest.raises(InputError, match="leave them out"):
        power_curve(DESIGN, along="icc", iccs=[0.1])


def test_effects_stop_at_the_outcomes_range():
    falling = DESIGN.vary(effect=-0.2)
    assert min(usual_values(falling, "effect")) > -0.25
    assert power_curve(falling, along="effect")["power"].notna().all()


def test_the_table_of_detectable_effects_has_a_row_for_each_pair():
    table = detectable_effects(DESIGN, clusters=[4, 40], iccs=[0.05, 0.9], direction="decrease")
    assert len(table) == 4
    assert np.isnan(table["effect"].iloc[1])
    assert -0.25 < table["effect"].iloc[2] < 0
