from dataclasses import replace
from datetime import date

import pytest

from experiments.analysis.effect_estimate import EffectEstimate
from nudge.campaign.wave import Wave
from nudge.monitoring.boomerang import closed_waves, verdict

ESTIMATE = EffectEstimate(
    outcome="y", contrast="a vs t", estimate=0.0, std_error=0.01, df=20.0, ci_low=0.0, ci_high=0.0,
    p_value=1.0, scale="difference", method="", estimator="zone-t", reference="",
    estimand="cluster", n_clusters={}, n_units={},
)  # fmt: skip


def bounded(low, high):
    return replace(ESTIMATE, ci_low=low, ci_high=high)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ([(-0.12, -0.06)], "alerte"),
        ([(-0.12, -0.05)], "alerte"),
        ([(-0.12, -0.04)], "non_exclue"),
        ([(-0.04, 0.10)], "exclue"),
        ([(-0.04, 0.10), (-0.12, -0.06)], "alerte"),
        ([(-0.04, 0.10), (-0.06, 0.06)], "non_exclue"),
        ([], "impossible"),
    ],
)
def test_rule_where_more_is_better(bounds, expected):
    estimates = [bounded(*one) for one in bounds]

    assert verdict(estimates, sign=-1.0, threshold=0.05) == expected


def test_rule_where_less_is_better():
    assert verdict([bounded(0.06, 0.12)], sign=1.0, threshold=0.05) == "alerte"
    assert verdict([bounded(-0.12, -0.06)], sign=1.0, threshold=0.05) == "exclue"


def test_a_wave_is_closed_once_its_last_day_is_past():
    wave = Wave(name="s", kind="suivi", start=date(2027, 3, 1), end=date(2027, 3, 7))

    assert closed_waves([wave], today=date(2027, 3, 7)) == ()
    assert closed_waves([wave], today=date(2027, 3, 8)) == (wave,)
