import numpy as np
import pytest

from experiments.power.cluster_effects import EffectSettings, cluster_effects
from experiments.power.wedge_variance import WedgeComponents, cluster_period_covariance

CLUSTERS = 60_000


def drawn(settings, schedule=(0, 0, 1), seed=1):
    treated = np.broadcast_to(np.array(schedule, dtype=bool), (1, CLUSTERS, len(schedule)))
    effects, covariates = cluster_effects(treated, settings, np.random.default_rng(seed))
    return effects[0], covariates[0]


def test_effects_are_standard_and_correlate_by_the_autocorrelation():
    effects, covariates = drawn(EffectSettings(autocorrelation=0.7))
    assert effects.var(axis=0) == pytest.approx(np.ones(3), abs=0.02)
    correlation = np.corrcoef(effects.T)
    assert correlation[np.triu_indices(3, 1)] == pytest.approx(np.full(3, 0.7), abs=0.01)
    assert covariates.shape == (CLUSTERS, 0)


def test_an_autocorrelation_of_one_keeps_the_effect():
    effects, _ = drawn(EffectSettings(autocorrelation=1.0))
    assert np.ptp(effects, axis=1).max() == pytest.approx(0, abs=1e-12)


def test_effects_that_vary_between_clusters_correlate_as_in_the_closed_form():
    """The covariance of :func:`cluster_period_covariance`, brought back to unit variance."""
    between, autocorrelation, treatment, correlation = 0.5, 0.6, 0.3, -0.4
    effects, _ = drawn(
        EffectSettings(
            autocorrelation=autocorrelation,
            treated_spreads=(np.sqrt(between), np.sqrt(treatment)),
            treatment_correlation=correlation,
        ),
        schedule=(0, 0, 1, 1),
    )
    covariance = cluster_period_covariance(
        np.array([[0.0, 0.0, 1.0, 1.0]]),
        np.full((1, 4), np.inf),
        WedgeComponents(
            cluster=between * autocorrelation,
            cluster_period=between * (1 - autocorrelation),
            residual=1.0,
            treatment=treatment,
            correlation=correlation,
        ),
    )[0]
    spread = np.sqrt(np.diag(covariance))
    assert np.cov(effects.T) == pytest.approx(covariance / np.outer(spread, spread), abs=0.02)


def test_covariates_explain_their_share_whatever_their_number():
    for number in (1, 3):
        effects, covariates = drawn(
            EffectSettings(autocorrelation=0.5, covariates=number, explained=(0.4, 0.2))
        )
        design = np.column_stack([np.ones(CLUSTERS), covariates])
        fitted = design @ np.linalg.lstsq(design, effects, rcond=None)[0]
        assert fitted.var(axis=0) / effects.var(axis=0) == pytest.approx([0.4, 0.4, 0.2], abs=0.01)
        left = np.corrcoef((effects - fitted).T)
        assert left[0, 1] == pytest.approx(0.5, abs=0.01)
