from types import SimpleNamespace

import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.outcome import (
    BinaryOutcome,
    ContinuousOutcome,
    CountOutcome,
    OrdinalOutcome,
)
from experiments.power.outcome_model import RandomEffects, outcome_model
from experiments.power.simulated_cells import simulate_cells

UNITS = 40


def cells(outcome, *, effect, icc, seed=1, **settings):
    """One trial of 8,000 clusters, in two periods of which the second is treated."""
    model = outcome_model(outcome, effect=effect, icc=icc, random=RandomEffects(**settings))
    treated = np.broadcast_to(np.array([False, True]), (1, 8_000, 2))
    return simulate_cells(
        model,
        arm=treated.astype(np.int8),
        treated=treated,
        units=np.full(treated.shape, float(UNITS)),
        rng=np.random.default_rng(seed),
    )


def moments(found):
    """Mean, variance of true cluster means and within-cluster variance of each period."""
    n, sums, squares = (part[0].sum(axis=-1) for part in (found.n, found.sum_y, found.sum_yy))
    means = sums / n
    within = ((squares - sums**2 / n).sum(axis=0)) / (n - 1).sum(axis=0)
    return means.mean(axis=0), means.var(axis=0) - within / UNITS, within


OUTCOMES = {
    "continuous": (ContinuousOutcome(sd=2.0), 0.5),
    "binary": (BinaryOutcome(level=0.2), 0.1),
    "count": (CountOutcome(level=1.5, exposure=2.0, dispersion=1.5), -0.5),
}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_arms_have_the_components_of_the_closed_form(kind):
    outcome, effect = OUTCOMES[kind]
    unit = outcome.exposure if kind == "count" else 1.0
    control, treated = outcome.components(effect=effect, icc=0.1, variance_at="each arm")
    level = 0.0 if kind == "continuous" else outcome.level
    mean, between, within = moments(
        cells(outcome, effect=effect, icc=0.1, cluster_autocorrelation=0.7)
    )
    spread = outcome.sd if kind == "continuous" else 1.0
    assert mean == pytest.approx(unit * np.array([level, level + effect]), abs=0.03 * spread)
    expected = unit**2 * np.array([control.between, treated.between])
    assert between == pytest.approx(expected, rel=0.1)
    assert within == pytest.approx(unit**2 * np.array([control.within, treated.within]), rel=0.03)


@pytest.mark.parametrize("kind", OUTCOMES)
def test_cluster_means_of_two_periods_correlate_by_the_autocorrelation(kind):
    outcome, _ = OUTCOMES[kind]
    found = cells(outcome, effect=0.0, icc=0.2, cluster_autocorrelation=0.7)
    means = found.sum_y[0, :, :, 0] / UNITS
    _, between, _ = moments(found)
    assert np.cov(means.T)[0, 1] / between.mean() == pytest.approx(0.7, abs=0.03)


def test_ordinal_shares_are_those_of_the_odds_ratio_and_scores_have_the_icc():
    outcome = OrdinalOutcome(probabilities=(0.2, 0.5, 0.3))
    mean, between, within = moments(cells(outcome, effect=0.7, icc=0.1))
    scores = np.arange(3)
    for period, effect in enumerate((0.0, 0.7)):
        shares = outcome.shares(effect)
        assert mean[period] == pytest.approx(shares @ scores, abs=0.01)
        total = shares @ scores**2 - (shares @ scores) ** 2
        assert between[period] + within[period] == pytest.approx(total, rel=0.02)
        assert between[period] / total == pytest.approx(0.1, abs=0.008)


@pytest.mark.parametrize("kind", OUTCOMES)
def test_effects_vary_between_clusters(kind):
    """Variance between treated clusters: level, effect and twice their covariance."""
    outcome, effect = OUTCOMES[kind]
    spread = 0.3 * abs(effect)
    unit = outcome.exposure if kind == "count" else 1.0
    _, treated = outcome.components(effect=effect, icc=0.1, variance_at="each arm")
    _, between, _ = moments(
        cells(outcome, effect=effect, icc=0.1, treatment_sd=spread, treatment_correlation=0.5)
    )
    expected = treated.between + spread**2 + spread * np.sqrt(treated.between)
    assert between[1] == pytest.approx(unit**2 * expected, rel=0.1)


def test_ordinal_effects_vary_on_the_scale_of_log_odds():
    outcome = OrdinalOutcome(probabilities=(0.3, 0.4, 0.3))
    settings = RandomEffects(treatment_sd=0.4)
    model = outcome_model(outcome, effect=0.5, icc=0.05, random=settings)
    alone = outcome_model(outcome, effect=0.5, icc=0.05, random=RandomEffects())
    assert model.treated.sd**2 == pytest.approx(alone.treated.sd**2 + 0.16)
    mean, _, _ = moments(cells(outcome, effect=0.5, icc=0.05, treatment_sd=0.4))
    assert mean[1] == pytest.approx(outcome.shares(0.5) @ np.arange(3), abs=0.015)


@pytest.mark.parametrize(
    ("outcome", "effect"),
    [
        (ContinuousOutcome(sd=2.0), 0.5),
        (BinaryOutcome(level=0.2), 0.1),
        (CountOutcome(level=1.5, dispersion=2.0), 0.5),
        (OrdinalOutcome(probabilities=(0.1, 0.3, 0.6)), 0.5),
    ],
)
def test_covariates_explain_their_shares(outcome, effect):
    found = cells(outcome, effect=effect, icc=0.2, cluster_r2=0.5, unit_r2=0.2, covariates=2)
    assert found.covariates.shape == (1, 8_000, 2)
    means = found.sum_y[0].sum(axis=-1) / UNITS
    _, between, within = moments(found)
    design = np.column_stack([np.ones(8_000), found.covariates[0]])
    fitted = design @ np.linalg.lstsq(design, means, rcond=None)[0]
    assert fitted.var(axis=0) / between == pytest.approx([0.5, 0.5], abs=0.04)
    # Units: the spread of the two levels' means about their cluster, over that of units.
    n, sums = found.n[0], found.sum_y[0]
    both = (n > 0).all(axis=-1)
    gap = (sums[both][:, 1] / n[both][:, 1] - sums[both][:, 0] / n[both][:, 0])[:, None]
    treated = np.broadcast_to([0, 1], both.shape)[both]
    width = found.levels[1] - found.levels[0]
    for period in (0, 1):
        slope = gap[treated == period].mean() / width
        assert slope**2 / within[period] == pytest.approx(0.2, abs=0.03)


def test_what_has_no_model_is_named():
    binary = BinaryOutcome(level=0.2)
    with pytest.raises(InputError, match="leaves the range 0 to 1"):
        outcome_model(binary, effect=0.9, icc=0.1, random=RandomEffects())
    with pytest.raises(InputError, match=r"unit_r2 of 0\.2 it must be 1\.2\d or more"):
        outcome_model(
            CountOutcome(level=1.0), effect=0.5, icc=0.01, random=RandomEffects(unit_r2=0.2)
        )
    with pytest.raises(InputError, match="must be 1 or more"):
        outcome_model(
            CountOutcome(level=1.0, dispersion=0.5), effect=0.5, icc=0.1, random=RandomEffects()
        )
    with pytest.raises(InputError, match=r"cluster_r2: 0\.99 is above 0\.9"):
        outcome_model(
            binary, effect=0.1, icc=0.1, random=RandomEffects(cluster_r2=0.99, covariates=1)
        )
    with pytest.raises(InputError, match="survival outcomes are not simulated; use the closed"):
        outcome_model(SimpleNamespace(kind="survival"), effect=0.1, icc=0.1, random=RandomEffects())
    with pytest.raises(InputError, match="must be positive"):
        outcome_model(CountOutcome(level=1.0), effect=-1.0, icc=0.1, random=RandomEffects())
