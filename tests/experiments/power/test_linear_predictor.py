import numpy as np
import pytest
from scipy import special, stats

from experiments.errors import InputError
from experiments.power.latent_scale import share_scale_icc
from experiments.power.linear_predictor import (
    LinearPredictor,
    UnitCovariate,
    identity_predictor,
    latent_autocorrelation,
    log_predictor,
    logit_predictor,
    with_spread,
)

EVEN = UnitCovariate()
DRAWS = 400_000


def drawn(predictor, covariate=EVEN, seed=1):
    """Effects of clusters, a covariate level for each, and the linear predictor of one unit."""
    rng = np.random.default_rng(seed)
    effect = rng.standard_normal(DRAWS)
    return predictor.values(effect, covariate.levels)


def test_the_unit_covariate_is_standardised():
    for chance in (0.5, 0.1, 0.8):
        covariate = UnitCovariate(chance=chance)
        assert covariate.weights @ covariate.levels == pytest.approx(0, abs=1e-12)
        assert covariate.weights @ covariate.levels**2 == pytest.approx(1)


def test_values_add_location_cluster_and_covariate():
    predictor = LinearPredictor(locations=np.array([1.0, -1.0]), sd=2.0, slope=0.5)
    found = predictor.values(np.array([[0.0, 1.0]]), np.array([-1.0, 1.0]))
    assert found.shape == (1, 2, 2, 2)
    assert found[0, 1, 0].tolist() == [2.5, 0.5]


def test_continuous_outcomes_have_their_variances():
    predictor = identity_predictor(mean=3.0, between=0.4, within=0.6, unit_r2=0.25)
    values = drawn(predictor)[..., 0]
    assert values.mean() == pytest.approx(3, abs=0.01)
    assert values.mean(axis=1).var() == pytest.approx(0.4, rel=0.02)
    assert values.var(axis=1).mean() == pytest.approx(0.25 * 0.6)


def test_counts_have_their_mean_and_variances():
    predictor = log_predictor(mean=2.0, between=0.5, within=4.0, unit_r2=0.2)
    rates = np.exp(drawn(predictor)[..., 0])
    assert rates.mean() == pytest.approx(2, rel=0.01)
    assert rates.mean(axis=1).var() == pytest.approx(0.5, rel=0.03)
    slope = (rates[:, 1] - rates[:, 0]).mean() / 2
    assert slope**2 == pytest.approx(0.2 * 4, rel=0.02)


@pytest.mark.parametrize(("level", "variance"), [(0.05, 0.3), (0.25, 0.1), (0.5, 2.0), (0.9, 1.0)])
def test_a_share_has_the_logit_spread_of_quadrature(level, variance):
    """``share_scale_icc`` goes the other way by Gauss-Hermite quadrature."""
    icc = share_scale_icc(logit_variance=variance, level=level)
    predictor = logit_predictor(
        shares=np.array([1 - level, level]),
        between=icc * level * (1 - level),
        unit_r2=0.0,
        covariate=EVEN,
    )
    assert predictor.sd**2 == pytest.approx(variance, rel=1e-6)


def test_without_clustering_locations_are_logits():
    predictor = with_spread(shares=np.array([0.2, 0.5, 0.3]), sd=0.0, slope=0.0, covariate=EVEN)
    assert predictor.locations == pytest.approx(special.logit([0.8, 0.3]))


@pytest.mark.parametrize("chance", [0.5, 0.3])
def test_ordered_categories_have_their_shares_icc_and_r_squared(chance):
    shares, covariate = np.array([0.2, 0.5, 0.3]), UnitCovariate(chance=chance)
    scores = np.arange(3)
    total = shares @ scores**2 - (shares @ scores) ** 2
    predictor = logit_predictor(
        shares=shares, between=0.1 * total, unit_r2=0.15, covariate=covariate
    )
    above = special.expit(drawn(predictor, covariate))
    reached = (above * covariate.weights[:, None]).sum(axis=1)
    assert reached.mean(axis=0) == pytest.approx([0.8, 0.3], abs=0.002)
    means = above.sum(axis=-1)
    cluster = means @ covariate.weights
    assert cluster.var() == pytest.approx(0.1 * total, rel=0.02)
    slope = (means[:, 1] - means[:, 0]).mean() / np.diff(covariate.levels)[0]
    assert slope**2 == pytest.approx(0.15 * 0.9 * total, rel=0.02)


@pytest.mark.parametrize("link", ["identity", "log", "logit"])
def test_cluster_means_correlate_as_asked(link):
    predictor = {
        "identity": identity_predictor(mean=0.0, between=1.0, within=1.0, unit_r2=0.0),
        "log": log_predictor(mean=1.0, between=1.0, within=1.0, unit_r2=0.0),
        "logit": logit_predictor(
            shares=np.array([0.95, 0.05]), between=0.15 * 0.05 * 0.95, unit_r2=0.0, covariate=EVEN
        ),
    }[link]
    latent = latent_autocorrelation(predictor, link, EVEN, 0.6)
    effects = stats.multivariate_normal(cov=[[1, latent], [latent, 1]]).rvs(
        1_000_000, random_state=1
    )
    inverse = {"identity": np.asarray, "log": np.exp, "logit": special.expit}[link]
    means = inverse(predictor.locations[0] + predictor.sd * effects)
    assert np.corrcoef(means.T)[0, 1] == pytest.approx(0.6, abs=0.012)
    assert latent >= 0.6
    if link != "identity":
        assert latent > 0.65
    for edge in (0.0, 1.0):
        assert latent_autocorrelation(predictor, link, EVEN, edge) == edge


def test_moments_out_of_reach_are_named():
    uneven = np.array([0.95, 0.05])
    with pytest.raises(InputError, match="unit_r2: no simulated outcome"):
        logit_predictor(shares=uneven, between=0.001, unit_r2=0.5, covariate=EVEN)
    with pytest.raises(InputError, match="icc: no simulated outcome"):
        logit_predictor(shares=uneven, between=0.05, unit_r2=0.0, covariate=EVEN)
    with pytest.raises(InputError, match="must be positive"):
        log_predictor(mean=0.0, between=0.0, within=1.0, unit_r2=0.0)
    with pytest.raises(InputError, match=r"unit_r2: 0\.9 cannot be reached"):
        log_predictor(mean=1.0, between=0.0, within=5.0, unit_r2=0.9)
