import numpy as np
import pytest

from experiments.analysis.intraclass_correlation import intraclass_correlation
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.outcomes.catalogue import OUTCOMES
from nudge.simulation.measure_truth import MEASURES
from nudge.simulation.simulate import simulate
from nudge.simulation.truth import Attrition, Truth

BINS = {"controle_bac", "comptage_bacs"}
READ = sorted(name for name, one in OUTCOMES.items() if one.instrument not in BINS)


def simulated(make_campaign, make_zones, halves, outcome, truth, *, number=300, units=12):
    zones, pairs = make_zones(number)
    campaign = make_campaign(primary=outcome, family=OUTCOMES[outcome].family)
    arms = halves(zones)
    found = simulate(campaign, zones, pairs, arms, truth, seed=8, units_per_zone=units)
    return found, found.frames[OUTCOMES[outcome].instrument], arms


def measure_of(outcome):
    return "remplissage_pav" if outcome == "pav_deborde" else outcome


@pytest.mark.parametrize("outcome", READ)
def test_rows_fit_the_instrument(make_campaign, make_zones, halves, outcome):
    _, frame, _ = simulated(make_campaign, make_zones, halves, outcome, Truth(), number=20, units=3)
    instrument = INSTRUMENTS[OUTCOMES[outcome].instrument]

    assert tuple(frame.columns) == instrument.column_names
    assert not frame.duplicated(list(instrument.key)).any()
    for column in instrument.columns:
        values = frame[column.name].dropna()
        assert len(values) == len(frame) or not column.required
        if values.empty:
            continue
        if column.levels:
            assert set(values) <= set(column.levels)
        if column.minimum is not None:
            assert values.min() >= column.minimum
        if column.maximum is not None:
            assert values.max() <= column.maximum
        if column.pattern is not None:
            assert values.str.fullmatch(column.pattern).all()


@pytest.mark.parametrize("outcome", [name for name in READ if name != "pav_deborde"])
def test_stated_level_spread_and_correlation_are_recovered(
    make_campaign, make_zones, halves, outcome
):
    told = MEASURES[outcome].model_copy(update={"icc": 0.2})
    truth = Truth(measures={outcome: told}, attrition=Attrition(unseen=0))
    _, frame, _ = simulated(make_campaign, make_zones, halves, outcome, truth, number=600, units=20)
    values = OUTCOMES[outcome].values(frame)
    values = values[values["vague"] == "reference"]
    y = values.assign(square=values["y"] ** 2).groupby("zone_id")
    icc = intraclass_correlation(n=y["y"].count(), sum_y=y["y"].sum(), sum_yy=y["square"].sum())

    of_mean = told.sd * (0.2 / 600) ** 0.5
    assert values["y"].mean() == pytest.approx(told.level, rel=0.03, abs=3 * of_mean)
    assert values["y"].std() == pytest.approx(told.sd, rel=0.08)
    assert icc.estimate == pytest.approx(0.2, abs=0.04)


@pytest.mark.parametrize("outcome", READ)
def test_stated_effect_is_recovered(make_campaign, make_zones, halves, sure, outcome):
    name = measure_of(outcome)
    told = MEASURES[name]
    size = 0.3 * told.level
    truth = Truth(
        arms={"comparaison": sure(0.0)},
        measures={name: told.model_copy(update={"icc": 0.02, "effects": {"comparaison": size}})},
    )
    found, frame, arms = simulated(make_campaign, make_zones, halves, outcome, truth, number=900)
    values = OUTCOMES[outcome].values(frame)
    after = values[values["vague"] != "reference"].groupby("zone_id")["y"].mean()
    arm = after.index.map(arms)
    gap = after[arm == "comparaison"].mean() - after[arm == "temoin"].mean()

    effect = found.effects[0]
    if outcome == name:
        assert effect.on_average_zone == pytest.approx(size, rel=0.03)
    assert gap == pytest.approx(effect.on_average_zone, rel=0.12)
    assert effect.control_level == pytest.approx(after[arm == "temoin"].mean(), rel=0.08)


def test_meters_keep_their_dwelling(make_campaign, make_zones, halves):
    _, frame, _ = simulated(make_campaign, make_zones, halves, "consommation_eau", Truth())
    wide = frame.pivot_table(index="foyer_id", columns="vague", values="volume_m3").dropna()

    assert np.corrcoef(wide["reference"], wide["suivi-2"])[0, 1] > 0.6


def test_summer_adds_what_is_stated(make_campaign, make_zones, halves):
    told = MEASURES["megots_au_sol"]
    truth = Truth.model_validate({"saison": {"mois_ete": [5]}})
    _, frame, _ = simulated(make_campaign, make_zones, halves, "megots_au_sol", truth)
    level = OUTCOMES["megots_au_sol"].values(frame).groupby("vague")["y"].mean()

    assert level["suivi-2"] - level["suivi-1"] == pytest.approx(told.summer, abs=0.1)


def test_readings_are_spread_over_the_days_of_a_wave(make_campaign, make_zones, halves):
    _, frame, _ = simulated(
        make_campaign, make_zones, halves, "depots_sauvages", Truth(), number=10, units=3
    )
    part = frame[(frame["zone_id"] == "rue-0000") & (frame["vague"] == "reference")]

    assert part["date"].nunique() == len(part)
