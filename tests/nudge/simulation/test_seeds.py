from dataclasses import replace

import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.simulation.simulate import simulate
from nudge.simulation.truth import ArmTruth, Truth
from nudge.simulation.write_field import field_csv, write_field

TRUTH = Truth(arms={"comparaison": ArmTruth(effect=0.05)}, spillover=0.3)


@pytest.fixture
def drawn(make_campaign, make_zones, halves):
    zones, pairs = make_zones(30, second_homes=0.3)
    campaign = make_campaign()

    def build(seed=4, allocated=True, truth=TRUTH):
        arms = halves(zones) if allocated else None
        return simulate(campaign, zones, pairs, arms, truth, seed=seed, units_per_zone=20)

    return build


def test_a_seed_gives_the_same_files_byte_for_byte(drawn, tmp_path):
    for name in ("one", "two"):
        write_field(drawn(), TRUTH, tmp_path / name)

    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {"controle_bac.csv", "verite.json", "verite.yaml"} <= set(names)
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_another_seed_gives_another_field(drawn):
    assert field_csv(drawn(4).frames["controle_bac"]) != field_csv(drawn(5).frames["controle_bac"])


def test_reference_rows_are_the_same_before_and_after_the_draw(drawn):
    before, after = drawn(allocated=False).frames, drawn().frames

    assert set(before) == {"controle_bac"}
    rows = after["controle_bac"]
    kept = rows[rows["vague"] == "reference"].reset_index(drop=True)
    pd.testing.assert_frame_equal(before["controle_bac"], kept)


def test_a_change_of_effect_leaves_deliveries_and_reference_rows_alone(drawn):
    stronger = TRUTH.model_copy(update={"arms": {"comparaison": ArmTruth(effect=0.15)}})

    one, two = drawn().frames, drawn(truth=stronger).frames

    pd.testing.assert_frame_equal(one["distribution"], two["distribution"])
    assert field_csv(one["controle_bac"]) != field_csv(two["controle_bac"])


def test_files_hold_french_truth_values_and_iso_dates(drawn):
    text = field_csv(drawn().frames["distribution"])

    row = dict(zip(*(line.split(",") for line in text.splitlines()[:2]), strict=True))
    assert row["remis"] in {"oui", "non"}
    assert row["date"].startswith("2027-0")
    assert len(row["date"]) == 10


def test_an_unknown_arm_in_the_truth_is_refused(drawn):
    with pytest.raises(CampaignError, match="groupe inconnu : « autre »"):
        drawn(truth=Truth(arms={"autre": ArmTruth(effect=0.1)}))


def test_a_control_arm_with_an_effect_is_refused(drawn):
    with pytest.raises(CampaignError, match="témoin n'a pas d'effet"):
        drawn(truth=Truth(arms={"temoin": ArmTruth(effect=0.1)}))


def test_an_arm_of_the_draw_that_the_campaign_has_not_is_refused(make_campaign, make_zones, halves):
    zones, pairs = make_zones(6)
    arms = halves(zones) | {"rue-0003": "autre"}

    with pytest.raises(CampaignError, match="groupe inconnu de la campagne : « autre »"):
        simulate(make_campaign(), zones, pairs, arms, TRUTH, seed=1, units_per_zone=5)


def test_buffers_are_measured_before_the_draw_only(make_campaign, make_zones, halves):
    zones, pairs = make_zones(6)
    left_out = zones["zone_id"].iloc[2]
    arms = {zone: arm for zone, arm in halves(zones).items() if zone != left_out}
    settings = {"seed": 1, "units_per_zone": 5}
    truth = Truth(
        arms={name: ArmTruth(complaints_per_100=50) for name in ("temoin", "comparaison")},
        spillover=0.3,
        misdelivered=0.5,
    )

    before = simulate(make_campaign(), zones, pairs, None, truth, **settings).frames
    after = simulate(make_campaign(), zones, pairs, arms, truth, **settings).frames

    checks = after["controle_bac"]
    mine = checks[checks["zone_id"] == left_out]
    assert set(mine["vague"]) == {"reference"}
    reference = checks[checks["vague"] == "reference"].reset_index(drop=True)
    pd.testing.assert_frame_equal(reference, before["controle_bac"])
    for name in ("distribution", "reclamation"):
        assert len(after[name]) > 0
        assert left_out not in set(after[name]["zone_id"])


def test_consents_come_before_the_draw_and_stay_the_same(make_campaign, make_zones, halves):
    zones, pairs = make_zones(6)
    campaign = make_campaign()
    addressed = campaign.arms[1].model_copy(update={"addressed": True})
    campaign = campaign.model_copy(update={"arms": (campaign.arms[0], addressed)})

    before, after = (
        simulate(campaign, zones, pairs, arms, TRUTH, seed=1, units_per_zone=5).frames
        for arms in (None, halves(zones))
    )

    assert set(before) == {"controle_bac", "consentement"}
    assert len(before["consentement"]) > 0
    pd.testing.assert_frame_equal(before["consentement"], after["consentement"])


def test_an_instrument_without_a_row_leaves_no_file(drawn, tmp_path):
    found = drawn()
    assert "reclamation" in write_field(found, TRUTH, tmp_path)
    none = {name: frame.iloc[:0] for name, frame in found.frames.items() if name == "reclamation"}

    written = write_field(replace(found, frames={**found.frames, **none}), TRUTH, tmp_path)

    assert "reclamation" not in written
    assert not (tmp_path / "reclamation.csv").exists()
