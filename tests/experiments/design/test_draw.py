import numpy as np
import pytest
from scipy import stats

from experiments.design.draw import draw
from experiments.design.trial_design import Constraint, TrialDesign
from experiments.errors import InputError


@pytest.fixture
def design():
    return TrialDesign(
        name="x",
        cluster="zone",
        size="bins",
        arms=("c", "t"),
        strata=("habitat",),
        constraint=Constraint(covariates=("income", "flats"), keep=0.1),
        seed=20260315,
    )


def test_a_draw_is_the_same_whatever_the_order_of_rows(design, zones):
    first = draw(design, zones)
    again = draw(design, zones.sample(frac=1, random_state=4))
    assert first.allocation == again.allocation
    assert first.fingerprint == again.fingerprint
    assert first.index == again.index


def test_the_allocation_is_a_member_of_its_set_and_meets_its_rules(design, zones):
    found = draw(design, zones)
    assert found.codes.tolist() in found.allocation_set.allocations.tolist()
    assert found.declared.space.admits(found.codes[None]).all()
    for habitat in ("urban", "rural"):
        arms = [found.allocation[zone] for zone in zones.zone[zones.habitat == habitat]]
        assert arms.count("t") == 6
    assert {row.covariate for row in found.balance.rows} == {"income", "flats", "bins"}


def test_the_seed_given_replaces_the_declared_one_and_is_recorded(design, zones):
    other = draw(design, zones, seed=7)
    assert other.design.seed == 7
    assert other.allocation != draw(design, zones).allocation
    assert other.fingerprint != draw(design, zones).fingerprint
    with pytest.raises(InputError, match="no seed"):
        draw(design.model_copy(update={"seed": None}), zones)


def test_changing_a_cell_changes_the_fingerprint(design, zones):
    changed = zones.assign(bins=zones.bins + (zones.zone == "Z05"))
    assert draw(design, changed).fingerprint != draw(design, zones).fingerprint


def test_over_seeds_every_allocation_is_as_likely(zones):
    design = TrialDesign(name="x", cluster="zone", arms=("c", "t"), seed=0)
    few = zones.head(5)
    drawn = [tuple(draw(design, few, seed=seed).codes.tolist()) for seed in range(1_000)]
    counts = np.unique(drawn, axis=0, return_counts=True)[1]
    assert len(counts) == 20
    assert stats.chisquare(counts).pvalue > 0.001


def test_sizes_that_do_not_vary_are_left_out_of_the_balance_table(design, zones):
    found = draw(design, zones.assign(bins=50))
    assert {row.covariate for row in found.balance.rows} == {"income", "flats"}


def test_warnings_come_with_the_draw(zones):
    design = TrialDesign(name="x", cluster="zone", arms=("c", "t"), seed=0)
    assert "4 against" not in "".join(draw(design, zones.head(12)).warnings)
    assert draw(design, zones.head(4)).warnings[0].startswith("t against c: 6 admissible")
