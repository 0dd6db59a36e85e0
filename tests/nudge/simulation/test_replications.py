import pytest

from experiments.analysis.plan import make_plan
from nudge.simulation.replications import (
    drawn_arms,
    naive_p_value,
    proportion,
    replicate,
    simulated_campaign_power,
)
from nudge.simulation.truth import ArmTruth, Truth

ESTIMATORS = ["zone-t", "zone-ancova"]


@pytest.fixture(scope="module")
def plan():
    return make_plan(
        outcome="bac_bien_trie",
        arm="bras",
        cluster="zone",
        control="temoin",
        estimators=ESTIMATORS,
        period="vague",
        baseline=["reference"],
    )


@pytest.fixture
def repeated(make_campaign, make_zones, plan):
    zones, pairs = make_zones(24, second_homes=0.3)

    def run(effect, replications):
        truth = Truth(arms={"comparaison": ArmTruth(effect=effect)})
        found = replicate(
            make_campaign(), zones, pairs, truth,
            plan=plan, replications=replications, seed=11, units_per_zone=38,
        )  # fmt: skip
        return {one.estimator: one for one in found}

    return run


@pytest.mark.slow
def test_without_effect_one_test_in_twenty_rejects_and_the_naive_one_far_more(repeated):
    found = repeated(0.0, 200)

    assert set(found) == set(ESTIMATORS)
    for one in found.values():
        assert one.rejection.low < 0.05 < one.rejection.high
        assert one.coverage.low < 0.95 < one.coverage.high
        # Units of a zone taken as independent: about four times too many false alarms.
        assert one.naive_rejection.low > 0.12
        assert one.mean_truth == 0


def test_with_an_effect_intervals_cover_the_truth_that_can_be_seen(repeated):
    found = repeated(0.12, 60)

    for one in found.values():
        assert one.coverage.low < 0.95 < one.coverage.high
        assert one.mean_estimate == pytest.approx(one.mean_truth, abs=0.01)
        assert 0.05 < one.mean_truth < 0.12


def test_power_of_a_campaign_grows_with_its_effect(make_campaign, make_zones):
    zones, pairs = make_zones(24)

    def power(effect):
        truth = Truth(arms={"comparaison": ArmTruth(effect=effect, delivered=1.0)})
        return simulated_campaign_power(
            make_campaign(), zones, pairs, truth, replications=20, seed=3, units_per_zone=30
        )["comparaison"]

    weak, strong = power(0.0), power(0.20)

    assert weak.share < 0.3
    assert strong.share > 0.9
    assert strong.of == 20


def test_a_plan_adjusted_for_a_zone_column_finds_it(make_campaign, make_zones):
    zones, pairs = make_zones(16)
    zones["part_residences_secondaires"] = [k / 40 for k in range(16)]
    campaign = make_campaign(
        analyse={"estimateur": "zone-ancova", "ajuste_sur": ["part_residences_secondaires"]}
    )

    (found,) = replicate(campaign, zones, pairs, Truth(), replications=2, seed=1, units_per_zone=20)

    assert found.estimator == "zone-ancova"
    assert found.rejection.of == 2


def test_arms_are_drawn_in_the_ratios_of_the_campaign(make_campaign, make_zones):
    zones, _ = make_zones(30)
    campaign = make_campaign(arms=("un", "deux"))

    drawn = drawn_arms(campaign, zones, seed=1)

    assert sorted(drawn.values()).count("temoin") == 10
    assert drawn != drawn_arms(campaign, zones, seed=2)


def test_naive_test_is_the_textbook_one():
    assert naive_p_value([1, 1, 1, 0, 0, 0, 0, 1], [1, 1, 1, 1, 0, 0, 0, 0]) == pytest.approx(
        0.1573, abs=1e-3
    )


def test_wilson_interval_of_a_share():
    found = proportion(10, 200)

    assert (found.low, found.high) == (
        pytest.approx(0.0274, abs=1e-4),
        pytest.approx(0.0896, abs=1e-4),
    )
