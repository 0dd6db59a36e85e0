import math

import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.latent_scale import latent_icc, logit_variance, share_scale_icc


def test_the_latent_correlation_and_its_inverse():
    assert latent_icc(0.5) == pytest.approx(0.5 / (0.5 + math.pi**2 / 3))
    assert logit_variance(latent_icc(0.7)) == pytest.approx(0.7)


def test_the_share_scale_correlation_is_that_of_rs_integrate():
    # tests/experiments/references/power.R
    assert share_scale_icc(logit_variance=0.5, level=0.25) == pytest.approx(0.0826437754, abs=1e-9)


def test_it_is_the_correlation_of_simulated_pairs():
    rng = np.random.default_rng(1)
    log_odds = 0.4 + np.sqrt(0.8) * rng.normal(size=1_000_000)
    shares = 1 / (1 + np.exp(-log_odds))
    pair = rng.random((2, 1_000_000)) < shares
    found = share_scale_icc(logit_variance=0.8, level=float(shares.mean()))
    assert found == pytest.approx(np.corrcoef(pair)[0, 1], abs=0.004)


def test_it_is_below_the_latent_one_and_smallest_for_rare_outcomes():
    rare, even = (share_scale_icc(logit_variance=0.5, level=level) for level in (0.02, 0.5))
    assert rare < even < latent_icc(0.5)
    assert share_scale_icc(logit_variance=0.5, level=0.98) == pytest.approx(rare)
    assert share_scale_icc(logit_variance=0.0, level=0.5) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: latent_icc(-1.0), "negative"),
        (lambda: logit_variance(1.0), "icc"),
        (lambda: share_scale_icc(logit_variance=0.5, level=1.0), "between 0 and 1"),
    ],
)
def test_impossible_values_are_named(call, words):
    with pytest.raises(InputError, match=words):
        call()
