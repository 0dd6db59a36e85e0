import numpy as np
import pandas as pd
import pytest

from experiments.analysis.intraclass_correlation import intraclass_correlation
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.outcomes.catalogue import OUTCOMES
from nudge.simulation.bin_truth import AssessorTruth, BinTruth, Confusion, SetOutTruth
from nudge.simulation.season import SeasonTruth
from nudge.simulation.simulate import simulate
from nudge.simulation.truth import Attrition, Boomerang

NOISY = Confusion(green=(0.9, 0.1, 0.0), orange=(0.3, 0.6, 0.1), red=(0.0, 0.3, 0.7))


@pytest.fixture
def field(make_campaign, make_zones, halves):
    def build(truth, *, number=800, second_homes=0.0, primary="bac_bien_trie", seed=1, **changes):
        zones, pairs = make_zones(number, second_homes=second_homes)
        family = OUTCOMES[primary].family
        campaign = make_campaign(primary=primary, family=family, **changes)
        arms = halves(zones)
        found = simulate(campaign, zones, pairs, arms, truth, seed=seed, units_per_zone=40)
        return found, arms, zones, pairs

    return build


def values(found, outcome="bac_bien_trie"):
    return OUTCOMES[outcome].values(found.frames[OUTCOMES[outcome].instrument])


def difference(table, arms, wave):
    part = table[table["vague"] == wave]
    means = part.groupby("zone_id")["y"].mean()
    arm = means.index.map(arms)
    return means[arm == "comparaison"].mean() - means[arm == "temoin"].mean()


def test_columns_are_those_of_the_instruments(field, calm, sure):
    found, *_ = field(calm(arms={"comparaison": sure(0.05)}), number=40)

    assert set(found.frames) == {"controle_bac", "distribution", "reclamation"}
    for name, frame in found.frames.items():
        assert tuple(frame.columns) == INSTRUMENTS[name].column_names
        assert not frame.duplicated(list(INSTRUMENTS[name].key)).any()


def test_stated_levels_are_recovered(field, calm):
    found, *_ = field(calm())
    checks = found.frames["controle_bac"]
    seen = checks["couleur"].dropna()

    assert values(found)["y"].mean() == pytest.approx(0.75, abs=0.01)
    assert checks["presente"].mean() == pytest.approx(0.65, abs=0.01)
    assert (seen == "rouge").sum() / (seen != "vert").sum() == pytest.approx(0.25, abs=0.015)


def test_stated_correlation_between_bins_of_a_zone_is_recovered_by_analysis_of_variance(
    field, calm
):
    bins = BinTruth(icc_round=0, icc_zone=0.08, icc_household=0.3, week_noise=0, zone_wave_noise=0)
    found, *_ = field(calm(bins=bins), number=1_500, seed=2)
    table = values(found)
    y = table[table["vague"] == "reference"].groupby("zone_id")["y"]

    icc = intraclass_correlation(n=y.count(), sum_y=y.sum(), sum_yy=y.sum())

    assert icc.estimate == pytest.approx(0.08, abs=0.012)
    assert icc.ci_low < 0.08 < icc.ci_high


def test_a_dwelling_is_like_itself_from_wave_to_wave_as_stated(field, calm):
    found, *_ = field(calm(set_out=SetOutTruth(main_home=0.95, icc_zone=0, icc_household=0)))
    wide = values(found).pivot_table(index="foyer_id", columns="vague", values="y").dropna()

    alike = np.corrcoef(wide["reference"], wide["suivi-1"])[0, 1]

    assert alike == pytest.approx(0.05 + 0.3, abs=0.02)


def test_rounds_differ_as_stated(field, calm):
    bins = BinTruth(icc_round=0.1, icc_zone=0, icc_household=0, week_noise=0, zone_wave_noise=0)
    found, _, zones, _ = field(calm(bins=bins), number=3_000)
    table = values(found)
    table = table[table["vague"] == "reference"]
    rounds = table["zone_id"].map(zones.set_index("zone_id")["tournee_id"])
    y = table["y"].groupby(rounds)

    icc = intraclass_correlation(n=y.count(), sum_y=y.sum(), sum_yy=y.sum())

    assert icc.estimate == pytest.approx(0.1, abs=0.025)


def test_stated_effect_is_recovered_and_recorded(field, calm, sure):
    found, arms, *_ = field(calm(arms={"comparaison": sure(0.08)}), number=2_000)

    assert difference(values(found), arms, "reference") == pytest.approx(0, abs=0.012)
    assert difference(values(found), arms, "suivi-1") == pytest.approx(0.08, abs=0.012)
    effect = found.effects[0]
    assert effect.on_average_zone == pytest.approx(0.08, abs=0.003)
    assert effect.on_average_unit == pytest.approx(0.08, abs=0.003)
    assert effect.on_average_zone_as_seen == pytest.approx(effect.on_average_zone)
    assert found.truth_record["effets"][0]["groupe"] == "comparaison"


def test_undelivered_messages_dilute_the_effect(field, calm, sure):
    arm = sure(0.10).model_copy(update={"delivered": 0.6})
    found, arms, *_ = field(calm(arms={"comparaison": arm}), number=2_000)
    deliveries = found.frames["distribution"]

    assert deliveries["remis"].mean() == pytest.approx(0.6, abs=0.01)
    assert (deliveries["motif_non_remis"].notna() == ~deliveries["remis"]).all()
    assert found.effects[0].on_average_zone == pytest.approx(0.06, abs=0.003)
    assert difference(values(found), arms, "suivi-2") == pytest.approx(0.06, abs=0.012)


def test_effect_halves_after_its_half_life(field, calm, sure):
    arm = sure(0.16, half_life=10.0)
    found, arms, *_ = field(calm(arms={"comparaison": arm}), number=2_000)

    by_wave = found.effects[0].by_wave
    assert by_wave["suivi-2"] / by_wave["suivi-1"] == pytest.approx(0.5, abs=0.01)
    assert difference(values(found), arms, "suivi-2") == pytest.approx(0.08, abs=0.015)


def test_effect_comes_after_its_delay(field, calm, sure):
    found, arms, *_ = field(calm(arms={"comparaison": sure(0.16, delay=4.0)}), number=1_000)

    assert found.effects[0].by_wave["suivi-1"] == 0
    assert difference(values(found), arms, "suivi-1") == pytest.approx(0, abs=0.02)
    assert difference(values(found), arms, "suivi-2") == pytest.approx(0.16, abs=0.02)


def test_control_zones_next_to_a_nudged_one_receive_the_stated_share(field, calm, sure):
    truth = calm(arms={"comparaison": sure(0.16)}, spillover=0.5)
    found, arms, _, pairs = field(truth, number=2_500)
    near = set(pairs.loc[pairs["voisin_id"].map(arms) == "comparaison", "zone_id"])
    table = values(found)
    means = table[table["vague"] == "suivi-1"].groupby("zone_id")["y"].mean()
    control = means.index.map(arms) == "temoin"
    exposed = means.index.isin(near)

    gap = means[control & exposed].mean() - means[control & ~exposed].mean()

    assert gap == pytest.approx(0.08, abs=0.02)
    share = (control & exposed).sum() / control.sum()
    assert found.effects[0].spilled == pytest.approx(0.08 * share, abs=0.004)
    assert found.effects[0].on_average_zone == pytest.approx(0.16, abs=0.004)


def test_assessors_err_as_stated_against_a_reference(field, calm):
    who = AssessorTruth(confusion=NOISY, bias=0, double_share=0.5, second="referent")
    found, *_ = field(calm(assessors=who))
    checks = found.frames["controle_bac"]
    first, second = checks[checks["rang"] == 1], checks[checks["rang"] == 2]
    assert set(second["controleur"]) == {"referent"}
    pairs = first.merge(second, on=["foyer_id", "vague"], suffixes=("", "_vrai"))

    table = pd.crosstab(pairs["couleur_vrai"], pairs["couleur"], normalize="index")

    assert table.loc["vert", "vert"] == pytest.approx(0.9, abs=0.01)
    assert table.loc["orange", "vert"] == pytest.approx(0.3, abs=0.02)
    assert table.loc["orange", "rouge"] == pytest.approx(0.1, abs=0.02)
    assert table.loc["rouge", "rouge"] == pytest.approx(0.7, abs=0.03)


def test_true_effect_as_seen_shrinks_with_assessors_errors(field, calm, sure):
    who = AssessorTruth(confusion=NOISY, bias=0, double_share=0)
    truth = calm(arms={"comparaison": sure(0.10)}, assessors=who)
    found, arms, *_ = field(truth, number=2_000)
    specificity = 1 - 0.75 * 0.3

    effect = found.effects[0]

    assert effect.on_average_zone_as_seen == pytest.approx(
        effect.on_average_zone * (0.9 + specificity - 1)
    )
    seen = difference(values(found), arms, "suivi-1")
    assert seen == pytest.approx(effect.on_average_zone_as_seen, abs=0.015)


def test_lenient_assessors_see_more_green(field, calm):
    who = AssessorTruth(
        number=6, confusion=Confusion(green=(1, 0, 0), orange=(0, 1, 0), red=(0, 0, 1)),
        bias=0.08, double_share=0,
    )  # fmt: skip
    found, *_ = field(calm(assessors=who), number=1_500)
    checks = found.frames["controle_bac"]
    levels = (checks[checks["presente"]]["couleur"] == "vert").groupby(checks["controleur"]).mean()

    assert levels.std() > 0.03
    assert levels.mean() == pytest.approx(0.75, abs=0.015)


def test_second_homes_set_out_in_summer_and_sort_less_well(field, calm):
    truth = calm(season=SeasonTruth(summer_months=(5,)))
    found, *_ = field(truth, second_homes=1.0)
    checks = found.frames["controle_bac"]

    out = checks.groupby("vague")["presente"].mean()
    assert out["reference"] == pytest.approx(0.08, abs=0.01)
    assert out["suivi-2"] == pytest.approx(0.60, abs=0.01)
    green = values(found).groupby("vague")["y"].mean()
    assert green["reference"] == pytest.approx(0.75 - 0.05, abs=0.02)
    assert green["suivi-2"] == pytest.approx(0.75 - 0.05 - 0.07, abs=0.01)


def test_second_homes_respond_as_stated(field, calm, sure):
    truth = calm(arms={"comparaison": sure(0.10)}, second_home_response=0.2)
    found, *_ = field(truth, second_homes=1.0)

    assert found.effects[0].on_average_zone == pytest.approx(0.02, abs=0.002)


def test_effect_is_reversed_in_zones_that_already_sort_well(field, calm, sure):
    boomerang = Boomerang(threshold=0.8, effect=-0.05, level="zone")
    truth = calm(
        arms={"comparaison": sure(0.10)},
        boomerang=boomerang,
        bins=BinTruth(icc_round=0, icc_zone=0.15, icc_household=0, week_noise=0, zone_wave_noise=0),
    )
    found, arms, *_ = field(truth, number=3_000)
    table = values(found)
    wide = table.pivot_table(index="zone_id", columns="vague", values="y")
    nudged = wide.index.map(arms) == "comparaison"
    change = wide["suivi-1"] - wide["reference"]
    good, poor = wide["reference"] > 0.95, wide["reference"] < 0.65

    assert change[good & nudged].mean() < change[good & ~nudged].mean() - 0.03
    assert change[poor & nudged].mean() > change[poor & ~nudged].mean() + 0.05
    assert -0.05 < found.effects[0].on_average_zone < 0.10


def test_participation_effect_moves_set_out_and_not_quality(field, calm, sure):
    arm = sure(0.0, set_out_effect=0.12)
    found, arms, *_ = field(calm(arms={"comparaison": arm}), primary="bac_presente", number=1_000)

    assert difference(values(found, "bac_presente"), arms, "suivi-1") == pytest.approx(
        0.12, abs=0.015
    )
    assert difference(values(found), arms, "suivi-1") == pytest.approx(0, abs=0.02)
    assert found.effects[0].on_average_zone == pytest.approx(0.12, abs=0.002)


def test_without_effect_the_truth_is_exactly_zero(field, calm, sure):
    found, *_ = field(calm(arms={"comparaison": sure(0.0)}, spillover=0.5), number=50)

    effect = found.effects[0]
    assert effect.on_average_zone == 0
    assert effect.on_average_unit_as_seen == 0
    assert effect.spilled == 0
    assert set(effect.by_wave.values()) == {0.0}


def test_lost_zones_do_not_come_back(field, calm):
    found, *_ = field(calm(attrition=Attrition(zones_per_wave=0.2, unseen=0.1)), number=1_000)
    checks = found.frames["controle_bac"]
    zones = checks.groupby("vague")["zone_id"].agg(set)

    assert len(zones["reference"]) == 1_000
    assert len(zones["suivi-1"]) == pytest.approx(800, abs=40)
    assert len(zones["suivi-2"]) == pytest.approx(640, abs=45)
    assert zones["suivi-2"] < zones["suivi-1"]
    rows = checks[checks["vague"] == "reference"]
    assert len(rows) == pytest.approx(0.9 * 40_000, rel=0.01)


def test_tallies_are_those_of_the_checks(make_campaign, make_zones, halves, calm):
    zones, pairs = make_zones(30)
    campaign = make_campaign(primary="bac_bien_trie_agrege", criteres_secondaires=["bac_presente"])

    found = simulate(campaign, zones, pairs, halves(zones), calm(), seed=1, units_per_zone=40)

    one = (
        values(found, "bac_bien_trie_agrege")
        .groupby(["zone_id", "vague"])["y"]
        .agg(["sum", "size"])
    )
    other = values(found).groupby(["zone_id", "vague"])["y"].agg(["sum", "size"])
    pd.testing.assert_frame_equal(one, other)
