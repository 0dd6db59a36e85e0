import pytest

from experiments.power.detectability import answer_rows, detectability, effect_in_words
from experiments.power.outcome import (
    BinaryOutcome,
    ContinuousOutcome,
    CountOutcome,
    OrdinalOutcome,
)
from experiments.power.parallel import ParallelDesign
from experiments.power.power_analysis import (
    minimum_detectable_effect,
    power,
    units_needed,
)
from experiments.power.stepped_wedge import SteppedWedgeDesign

DESIGN = ParallelDesign(
    outcome=BinaryOutcome(level=0.25), effect=0.1, clusters=6, units=25, icc=0.05
)


@pytest.mark.parametrize(
    ("effect", "outcome", "words"),
    [
        (-0.1, BinaryOutcome(level=0.25), "10.0 points (25 % to 15 %)"),
        (0.5, CountOutcome(level=2.0), "0.5 events per unit of exposure (2 to 2.5)"),
        (3.0, ContinuousOutcome(sd=6.0), "3 units of the outcome (0.50 s.d.)"),
        (0.6931472, OrdinalOutcome(probabilities=(0.5, 0.5)), "an odds ratio of 2.00"),
    ],
)
def test_effects_are_told_in_the_readers_unit(effect, outcome, words):
    assert effect_in_words(effect, outcome) == words


def test_the_sentence_names_size_effect_power_and_what_silence_does_not_mean():
    found = minimum_detectable_effect(DESIGN)
    sentence = detectability(found)
    assert "6 clusters per arm (12 in all)" in sentence
    assert f"{100 * found.solution:.1f} points" in sentence
    assert "80.0 %" in sentence
    assert "would leave them open" in sentence


def test_a_search_in_vain_is_told_with_its_limit():
    found = units_needed(DESIGN)
    assert f"levels off at {100 * found.limit:.1f} %" in detectability(found)
    rare = ParallelDesign(
        outcome=BinaryOutcome(level=0.02), effect=0.0, clusters=3, units=25, icc=0.2
    )
    hopeless = minimum_detectable_effect(rare, direction="decrease")
    assert "none of the effects that the outcome allows" in detectability(hopeless)


def test_other_designs_are_described_as_they_are():
    uneven = ParallelDesign(
        outcome=BinaryOutcome(level=0.25),
        effect=0.1,
        clusters=6,
        control_clusters=9,
        units=25,
        icc=0.05,
        waves=2,
        cluster_autocorrelation=0.8,
    )
    assert "6 treated and 9 control clusters" in detectability(power(uneven))
    assert "2 waves after the start" in detectability(power(uneven))
    wedge = SteppedWedgeDesign(
        outcome=ContinuousOutcome(), effect=0.3, sequences=("011", "001"), clusters=4, units=10,
        icc=0.1,
    )  # fmt: skip
    assert "8 clusters in 2 sequences over 3 periods" in detectability(power(wedge))


def test_the_table_gives_the_exact_solution_and_the_design():
    rows = dict(answer_rows(minimum_detectable_effect(DESIGN)))
    assert rows["degrees of freedom"] == "10"
    assert float(rows["effect (exact)"]) == pytest.approx(0.249, abs=0.001)
    assert dict(answer_rows(units_needed(DESIGN)))["units (exact)"] == "none"
    assert answer_rows(power(DESIGN))[0][0] == "power"
