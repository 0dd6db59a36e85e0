import math

import pytest

from nudge.portfolio.campaign_effect import campaign_effect
from nudge.portfolio.meta import pools


def test_one_campaign_is_not_pooled(make):
    (pool,) = pools([make("seule", [0.05])])
    assert pool.pooled is None
    assert "Une seule" in pool.caution


def test_two_campaigns_warn_and_predict_nothing(make):
    (pool,) = pools([make("une", [0.02]), make("deux", [0.06])])
    assert pool.pooled.k == 2
    assert pool.pooled.estimate == pytest.approx(0.04)
    assert math.isinf(pool.pooled.prediction_high)
    assert "Deux campagnes seulement" in pool.caution


def test_alike_campaigns_never_narrow_the_interval_below_the_plain_one(make):
    alike = [make(f"n{place}", [0.050 + place / 10_000]) for place in range(3)]
    pooled = pools(alike)[0].pooled
    assert pooled.ci_high - pooled.estimate > 1.96 * 0.02 / math.sqrt(3)
    assert "Moins de 5" in pools(alike)[0].caution


def test_five_campaigns_need_no_caution(make):
    assert pools([make(f"n{place}", [0.01 * place]) for place in range(5)])[0].caution == ""


def test_families_kinds_units_and_simulations_are_kept_apart(make):
    found = pools(
        [
            make("tri", [0.02]),
            make("sortie", [0.09], outcome="bac_presente"),
            make("refus", [-0.04], outcome="taux_refus"),
            make("eau", [-3.0], outcome="consommation_eau", error=1.0),
            make("blanc", [0.2], simulation=True),
            make("tri-2", [0.03]),
        ]
    )
    assert [[one.identifier for one in pool.effects] for pool in found] == [
        ["tri", "tri-2"], ["sortie"], ["refus"], ["eau"], ["blanc"],
    ]  # fmt: skip


@pytest.mark.parametrize("grade", ["C", "D"])
def test_weak_evidence_is_listed_and_never_pooled(make, grade):
    (pool,) = pools([make("une", [0.02]), make("deux", [0.04]), make("faible", [0.3], grade=grade)])
    assert pool.pooled.k == 2
    assert pool.pooled.ci_high < 0.35
    assert pool.effects[-1].identifier == "faible"
    assert pool.effects[-1].gain is None
    assert "jamais combinée" in pool.effects[-1].note


def test_improvement_is_positive_whatever_the_outcome(make):
    one = campaign_effect(make("bord", [-0.04], outcome="pav_deborde", error=0.01))
    assert one.gain == pytest.approx(0.04)
    assert one.gain_low == pytest.approx(0.04 - 0.0196)


def test_arms_of_one_campaign_count_once_and_no_more_precisely(make):
    one = campaign_effect(make("trois", [0.02, 0.06], error=0.03))
    assert (one.gain, one.std_error) == pytest.approx((0.04, 0.03))
    assert "plusieurs groupes" in one.note


def test_a_method_without_standard_error_gives_it_by_its_interval(make):
    one = campaign_effect(make("tirages", [0.02], error=0.03, known=False))
    assert one.std_error == pytest.approx(0.03, rel=1e-3)
