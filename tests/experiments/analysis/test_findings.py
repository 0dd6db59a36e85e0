import re

import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.findings import findings
from experiments.analysis.plan import make_plan

COLUMNS = {"outcome": "score", "arm": "arm", "cluster": "zone"}


def said(rows, **settings):
    return findings(analyze(rows, make_plan(**COLUMNS | settings)))


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows()


def test_excluded_effects_are_the_ends_of_the_primary_interval(rows):
    plan = make_plan(**COLUMNS, estimators=["zone-t", "ols-cr2"])
    analysis = analyze(rows, plan)
    one = analysis.estimates[0]
    sentence = findings(analysis)[0]
    assert sentence.startswith("score, nudge vs control (zone-t): ")
    low, high = re.findall(r"(?:below|above) (-?[\d.]+)", sentence)
    assert [float(low), float(high)] == pytest.approx([one.ci_low, one.ci_high], rel=1e-3)


def test_zero_is_said_to_be_excluded_only_when_it_is(rows):
    assert "a difference of zero is not excluded" in said(rows)[0]
    strong = rows.assign(score=rows["score"] + 50 * (rows["arm"] == "nudge"))
    assert "zero" not in said(strong)[0]
    assert "zero" not in said(strong, control="nudge")[0]


def test_an_interval_without_bounds_excludes_nothing(rows):
    sentence = said(rows, pairs="pair", estimators="randomization")[0]
    assert sentence.endswith("an effect of any size remains possible")
    assert "inf" not in sentence


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"estimators": ["randomization"], "pairs": "pair"},
        {"outcome": "sorted", "estimators": ["gee-md", "mixed-logit"]},
        {"margin": {"lower": -9, "upper": 9}, "moderators": ["density"]},
        {"estimators": ["zone-welch"], "strata": "block", "scales": ["ratio"]},
    ],
)
def test_no_sentence_says_that_there_is_no_effect(rows, settings):
    for sentence in said(rows, **settings):
        assert not re.search(r"\bno (significant )?(effect|difference|impact)\b", sentence)
        assert "not significant" not in sentence


def test_reasons_cautions_and_checks_are_all_there(rows):
    text = "\n".join(said(rows, margin={"lower": -20, "upper": 20}, moderators=["density"]))
    assert "why zone-t: 8 clusters" in text
    assert "with 8 clusters an interval is wide" in text
    assert re.search(r"sample ratio of clusters \(control 4, nudge 4\): p = 1, consistent", text)
    assert re.search(
        r"equivalence within \[-20, 20\], score: nudge vs control .*: equivalent", text
    )
    assert "does the effect depend on density? F = " in text
    assert "leaving out" in text
    assert "no draw was declared" in text


def test_a_cluster_that_carries_the_conclusion_is_named(trial_rows):
    rows = trial_rows(clusters=12)
    step = rows["zone"].str[1:].astype(int)
    nudge = rows["arm"] == "nudge"
    clear = rows.assign(score=2.0 * nudge + (step % 4 > 1))
    assert "changes no conclusion" in "\n".join(said(clear, estimators="zone-welch"))
    pulled = clear.assign(score=clear["score"] - 12 * (rows["zone"] == "z03"))
    text = "\n".join(said(pulled, estimators="zone-welch"))
    assert "leaving out z03 alone would change the conclusion" in text


def test_planned_ratios_are_named_as_the_yardstick(rows):
    text = "\n".join(said(rows, ratios={"control": 1, "nudge": 1}))
    assert "consistent with the planned numbers" in text


def test_warnings_of_every_estimator_are_repeated_once(rows):
    holed = rows.assign(score=rows["score"].where(rows.index != 4))
    text = said(holed, missing="drop", estimators=["zone-t"], scales=["ratio"])
    (dropped,) = [line for line in text if "dropped" in line]
    assert dropped == f"zone-t: 1 of {len(rows)} rows were dropped for a missing value"
