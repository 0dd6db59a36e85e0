import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.analysis.meta_analysis import meta_analyse
from experiments.errors import AssumptionError, InputError

# Thirteen trials of BCG vaccine: tuberculosis and none, vaccinated then control (Colditz et al.
# 1994, JAMA 271:698, as tabled by Berkey et al. 1995, Stat. Med. 14:395).
BCG = np.array([
    [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
    [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892],
    [29, 7470, 45, 7232], [17, 1699, 65, 1600], [186, 50448, 141, 27197], [5, 2493, 3, 2338],
    [27, 16886, 29, 17825],
], dtype=float)  # fmt: skip
SMALL = (np.array([0.12, 0.31, 0.05, 0.44]), np.array([0.010, 0.022, 0.008, 0.060]))

# metafor 3.8-1, ../references/meta_random_effects.R: mean, s.e., interval, p, tau², I²,
# prediction interval.
METAFOR = {
    ("bcg", "reml", "normal"): (
        -0.714532342158, 0.179781516105, -1.06689763881, -0.362167045506, 7.05425810164e-05,
        0.313243258136, 92.2213845213, -2.00837590692, 0.579311222606),
    ("bcg", "reml", "hartung-knapp"): (
        -0.714532342158, 0.180791744093, -1.10844371369, -0.320620970631, 0.00192001509606,
        0.313243258136, 92.2213845213, -2.00905765037, 0.579992966055),
    ("bcg", "paule-mandel", "hartung-knapp-floor"): (
        -0.714968153493, 0.180892191538, -1.1090983812, -0.320837925785, 0.00191927183128,
        0.318068452205, 92.3303379542, -2.01855805418, 0.588621747198),
    ("bcg", "dersimonian-laird", "normal"): (
        -0.714117222073, 0.178742089535, -1.06444528008, -0.363789164062, 6.4629243047e-05,
        0.308760262862, 92.1173468546, -1.99883849575, 0.570604051606),
    ("small", "reml", "hartung-knapp"): (
        0.146198693763, 0.0698239940793, -0.0760124182151, 0.368409805741, 0.127312768972,
        0.00231785303831, 12.7835821708, -0.218722147017, 0.511119534542),
    ("small", "paule-mandel", "normal"): (
        0.154936556505, 0.0726787355146, 0.0124888524548, 0.297384260556, 0.0330232598144,
        0.00558127663394, 26.0869407778, -0.293520316647, 0.603393429657),
    ("small", "dersimonian-laird", "hartung-knapp-floor"): (
        0.152452897601, 0.0718914168681, -0.0763376763927, 0.381243471594, 0.124111888867,
        0.00456057023644, 22.3840453818, -0.271941061014, 0.576846856216),
}  # fmt: skip
PROFILE = {
    "bcg": (0.119718361141, 1.11147908406, 81.9205745586, 97.6780749579),
    "small": (0, 0.407486327903, 0, 96.2642023121),
}


def log_risk_ratios():
    cases, well, control_cases, control_well = BCG.T
    n, control_n = cases + well, control_cases + control_well
    effects = np.log(cases / n) - np.log(control_cases / control_n)
    return effects, 1 / cases - 1 / n + 1 / control_cases - 1 / control_n


def trials(name):
    return log_risk_ratios() if name == "bcg" else SMALL


@pytest.mark.parametrize("case", METAFOR, ids="-".join)
def test_reproduces_metafor(case):
    name, tau2_method, interval = case
    found = meta_analyse(*trials(name), tau2_method=tau2_method, interval_method=interval)
    assert (
        found.estimate, found.std_error, found.ci_low, found.ci_high, found.p_value, found.tau2,
        found.i2, found.prediction_low, found.prediction_high,
    ) == pytest.approx(METAFOR[case], rel=1e-9)  # fmt: skip


@pytest.mark.parametrize("name", PROFILE)
def test_reproduces_metafors_interval_of_tau2(name):
    found = meta_analyse(*trials(name))
    assert (found.tau2_low, found.tau2_high, found.i2_low, found.i2_high) == pytest.approx(
        PROFILE[name], rel=1e-9
    )


def test_reproduces_the_published_test_of_homogeneity():
    # Viechtbauer (2010, J. Stat. Softw. 36(3)), p. 14: Q(12) = 152.2330.
    found = meta_analyse(*log_risk_ratios())
    assert found.q == pytest.approx(152.2330, abs=5e-5)
    assert found.q_df == 12
    assert found.weights.sum() == pytest.approx(1)
    assert found.weights @ log_risk_ratios()[0] == pytest.approx(found.estimate)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(2, 12), spread=st.sampled_from([0, 0.3, 3]))
def test_reml_is_the_global_maximum(seed, k, spread):
    rng = np.random.default_rng(seed)
    v = np.exp(rng.normal(0, 2, k))
    y = rng.normal(0, np.sqrt(spread)) + rng.standard_t(2, k) * np.sqrt(v + spread)
    found = meta_analyse(y, v)

    def likelihood(tau2):
        weights = 1 / (v + tau2[:, None])
        total = weights.sum(axis=1)
        centred = y - (weights @ y / total)[:, None]
        return np.log(weights).sum(axis=1) - np.log(total) - (weights * centred**2).sum(axis=1)

    top = likelihood(np.concatenate([[0], np.geomspace(1e-6, 1e5, 20_000)])).max()
    assert likelihood(np.array([found.tau2]))[0] >= top - 1e-9 * abs(top) - 1e-12


@given(factor=st.sampled_from([1e-4, 0.01, 100.0, 1e5]), shift=st.floats(-3, 3))
def test_the_unit_and_zero_of_the_effects_do_not_matter(factor, shift):
    y, v = log_risk_ratios()
    one, other = meta_analyse(y, v), meta_analyse(factor * y, factor**2 * v)
    assert other.tau2 == pytest.approx(factor**2 * one.tau2, rel=1e-8)
    assert other.prediction_low == pytest.approx(factor * one.prediction_low, rel=1e-8)
    assert other.i2 == pytest.approx(one.i2, rel=1e-8)
    moved = meta_analyse(y + shift, v)
    assert moved.estimate == pytest.approx(one.estimate + shift, abs=1e-8)
    assert moved.std_error == pytest.approx(one.std_error)


def test_the_order_and_the_sign_of_trials_do_not_matter():
    y, v = log_risk_ratios()
    order = np.random.default_rng(1).permutation(13)
    one, other, mirrored = (
        meta_analyse(y, v), meta_analyse(y[order], v[order]), meta_analyse(-y, v),
    )  # fmt: skip
    assert (other.estimate, other.tau2) == pytest.approx((one.estimate, one.tau2))
    assert other.weights == pytest.approx(one.weights[order])
    assert (mirrored.ci_low, mirrored.ci_high) == pytest.approx((-one.ci_high, -one.ci_low))


def coverage(v, tau2, runs=600):
    """Share of five-trial sets whose intervals hold the mean effect, or a new trial's."""
    rng = np.random.default_rng(7)
    y = 0.2 + rng.normal(size=(runs, 5)) * np.sqrt(v + tau2)
    new = 0.2 + rng.normal(size=runs) * np.sqrt(tau2)
    held = {}
    for method in ("normal", "hartung-knapp-floor", "hartung-knapp"):
        found = [meta_analyse(effects, v, interval_method=method) for effects in y]
        held[method] = np.mean([one.ci_low <= 0.2 <= one.ci_high for one in found])
    held["prediction"] = np.mean(
        [
            one.prediction_low <= value <= one.prediction_high
            for one, value in zip(found, new, strict=True)
        ]
    )
    return held


def test_hartung_knapp_covers_with_five_trials():
    # Monte Carlo s.e. .009 at .95.
    held = coverage(np.array([0.02, 0.03, 0.04, 0.06, 0.08]), tau2=0.1)
    assert held["hartung-knapp"] == pytest.approx(0.95, abs=0.027)
    assert held["normal"] < 0.91
    assert held["prediction"] > 0.9


def test_very_unequal_trials_need_the_floor_and_are_warned_about():
    v = np.array([0.01, 0.02, 0.05, 0.1, 0.3])
    held = coverage(v, tau2=0.02)
    assert held["hartung-knapp"] < 0.94 < held["hartung-knapp-floor"]
    warnings = meta_analyse([0.1, 0.5, 0.9, -0.3, 0.4], v).warnings
    assert any("very unequal size" in text for text in warnings)


def test_the_floor_is_never_narrower_than_the_plain_standard_error():
    y, v = np.array([0.2, 0.21, 0.19]), np.array([0.01, 0.02, 0.015])
    plain, floor = (
        meta_analyse(y, v, interval_method=method)
        for method in ("hartung-knapp", "hartung-knapp-floor")
    )
    assert plain.std_error < floor.std_error == pytest.approx(np.sqrt(1 / (1 / v).sum()))
    assert any("hartung-knapp-floor" in text for text in plain.warnings)


def test_ten_thousand_trials_take_a_moment():
    rng = np.random.default_rng(3)
    v = rng.gamma(1, 0.1, 10_000) + 1e-4
    y = rng.normal(0.3, np.sqrt(v + 0.05))
    start = time.perf_counter()
    found = meta_analyse(y, v)
    assert time.perf_counter() - start < 2
    assert found.tau2_low < 0.05 < found.tau2_high
    assert found.ci_low < 0.3 < found.ci_high


def test_warns_where_the_numbers_are_weak():
    few = meta_analyse([0.1, 0.2, 0.15], [0.02, 0.02, 0.02], interval_method="normal")
    assert any("3 trials: the variance" in text for text in few.warnings)
    assert any("prediction interval" in text for text in few.warnings)
    assert any("too narrow" in text for text in few.warnings)
    assert any("does not show that the effects are equal" in text for text in few.warnings)
    assert meta_analyse(*log_risk_ratios()).warnings == ()


def test_two_trials_predict_nothing():
    found = meta_analyse([0.1, 0.4], [0.02, 0.03])
    assert (found.prediction_low, found.prediction_high) == (-np.inf, np.inf)
    assert np.isfinite(found.ci_low)


def test_refuses_a_single_trial():
    with pytest.raises(AssumptionError, match="own estimate"):
        meta_analyse([0.1], [0.02])


@pytest.mark.parametrize(
    ("effects", "variances", "named"),
    [
        ([0.1, np.nan], [0.1, 0.1], "trial 2"),
        ([0.1, 0.2], [0.1, 0.0], "trial 2"),
        ([0.1, 0.2, 0.3], [0.1, 0.1], "one of each"),
    ],
)
def test_refuses_wrong_values(effects, variances, named):
    with pytest.raises(InputError, match=named):
        meta_analyse(effects, variances)
