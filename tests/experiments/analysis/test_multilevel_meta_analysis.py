import time

import numpy as np
import pytest

from experiments.analysis.meta_analysis import meta_analyse
from experiments.analysis.multilevel_meta_analysis import multilevel_meta_analyse
from experiments.errors import AssumptionError, InputError

# Effect and sampling variance of modified school calendars on achievement, schools in eleven
# districts (Konstantopoulos 2011, Res. Synth. Methods 2:61, table 1; Cooper et al. 2003).
SCHOOLS = {
    11: [(-0.18, 0.118), (-0.22, 0.118), (0.23, 0.144), (-0.3, 0.144)],
    12: [(0.13, 0.014), (-0.26, 0.014), (0.19, 0.015), (0.32, 0.024)],
    18: [(0.45, 0.023), (0.38, 0.043), (0.29, 0.012)],
    27: [(0.16, 0.02), (0.65, 0.004), (0.36, 0.004), (0.6, 0.007)],
    56: [(0.08, 0.019), (0.04, 0.007), (0.19, 0.005), (-0.06, 0.004)],
        58: [(-0.18, 0.02), (0, 0.018), (0, 0.019), (-0.28, 0.022), (-0.04, 0.02), (-0.3, 0.021),
        (0.07, 0.006), (0, 0.007), (0.05, 0.007), (-0.08, 0.007), (-0.09, 0.007)],
    71: [(0.3, 0.015), (0.98, 0.011), (1.19, 0.01)],
        86: [(-0.07, 0.001), (-0.05, 0.001), (-0.01, 0.001), (0.02, 0.001), (-0.03, 0.001), (0,
        0.001), (0.01, 0.001), (-0.1, 0.001)],
    91: [(0.5, 0.01), (0.66, 0.011), (0.2, 0.01), (0, 0.009), (0.05, 0.013), (0.07, 0.013)],
    108: [(-0.52, 0.031), (0.7, 0.031), (-0.03, 0.03), (0.27, 0.03), (-0.34, 0.03)],
    644: [(0.12, 0.087), (0.61, 0.082), (0.04, 0.067), (-0.05, 0.067)],
}  # fmt: skip

# metafor 3.8-1 and clubSandwich, ../references/meta_multilevel.R: s.e. and degrees of freedom.
ROBUST = {
    "schools": {
        "model": (0.0845559187421, 10), "CR0": (0.0805697027631, 10),
        "CR1": (0.0845022171524, 10), "CR2": (0.0844579954348, 9.86315623332),
    },
    "made up": {
        "model": (0.0975841448302, 11), "CR0": (0.0933590940013, 11),
        "CR1": (0.0975103934754, 11), "CR2": (0.0975322199944, 10.8051900782),
    },
}  # fmt: skip
FITS = {
    "schools": (0.184713163673, (0.0650619442753, 0.0327365170279), 578.864017958, -7.95872403371),
    "made up": (
        0.325304594765, (0.0859339403328, 0.04281209017, 0.00180884491151), 319.266202063,
        -0.689382801448,
    ),
}  # fmt: skip


def schools():
    rows = [
        (district, school, effect, variance)
        for district, effects in SCHOOLS.items()
        for school, (effect, variance) in enumerate(effects)
    ]
    district, school, effects, variances = np.array(rows).T
    return effects, variances, {"district": district, "school": school}


def made_up():
    """Twelve publications with one to four studies of one to three effects, by formula."""
    rows = np.array(
        [
            (p, s, e)
            for p in range(1, 13)
            for s in range(1, 2 + (5 * p) % 4)
            for e in range(1, 2 + (2 * p + s) % 3)
        ]
    )
    p, s, _ = rows.T
    row = np.arange(1, len(rows) + 1)
    effects = 0.3 + 0.4 * np.sin(2 * p) + 0.2 * np.cos(5 * p + 3 * s) + 0.25 * np.sin(7 * row)
    variances = 0.01 + 0.02 * (1 + np.sin(3 * row))
    return effects, variances, dict(zip(("publication", "study", "effect"), rows.T, strict=True))


DATA = {"schools": schools, "made up": made_up}


def pool(name, **settings):
    effects, variances, levels = DATA[name]()
    return multilevel_meta_analyse(effects, variances, levels=levels, **settings)


@pytest.mark.parametrize("name", FITS)
def test_reproduces_metafors_variance_components(name):
    found = pool(name)
    mean, components, q, likelihood = FITS[name]
    assert found.estimate == pytest.approx(mean, abs=1e-7)
    assert found.variance_components == pytest.approx(components, rel=1e-4)
    assert found.q == pytest.approx(q, rel=1e-9)
    assert found.log_likelihood == pytest.approx(likelihood, abs=1e-8)


@pytest.mark.parametrize("estimator", ["model", "CR0", "CR1", "CR2"])
@pytest.mark.parametrize("name", ROBUST)
def test_reproduces_clubsandwich(name, estimator):
    found = pool(name, variance_estimator=estimator)
    error, df = ROBUST[name][estimator]
    assert found.std_error == pytest.approx(error, rel=2e-6)
    assert found.df == pytest.approx(df, rel=1e-5)


def test_reproduces_clubsandwich_with_clusters_of_several_publications():
    effects, variances, levels = made_up()
    pair = (levels["publication"] + 1) // 2
    found = multilevel_meta_analyse(effects, variances, levels=levels, cluster=pair)
    assert found.std_error == pytest.approx(0.0745953385842, rel=2e-6)
    assert found.df == pytest.approx(4.99511036775, rel=1e-5)
    assert found.p_value == pytest.approx(0.00730033482687, rel=1e-4)
    assert found.n_clusters == 6


def test_reproduces_the_published_three_level_model():
    # Konstantopoulos (2011), as recomputed at metafor-project.org: .185 (.085), .065, .033.
    found = pool("schools", variance_estimator="model")
    assert found.estimate == pytest.approx(0.185, abs=5e-4)
    assert found.std_error == pytest.approx(0.085, abs=5e-4)
    assert found.variance_components == pytest.approx([0.065, 0.033], abs=5e-4)
    assert found.n_groups == (11, 56)


def dense_likelihood(effects, variances, levels, components):
    """The restricted likelihood with the covariance written out."""
    covariance, inside = np.diag(variances), np.zeros(len(effects), dtype=int)
    for labels, component in zip(levels.values(), components, strict=True):
        inside = np.unique(np.stack([inside, labels]), axis=1, return_inverse=True)[1].ravel()
        covariance = covariance + component * (inside[:, None] == inside)
    inverse = np.linalg.inv(covariance)
    precision = inverse.sum()
    rest = effects - inverse.sum(axis=0) @ effects / precision
    terms = np.linalg.slogdet(covariance)[1] + np.log(precision) + rest @ inverse @ rest
    n = len(effects)
    return -0.5 * (terms + (n - 1) * np.log(2 * np.pi) - np.log(n))


@pytest.mark.parametrize("name", FITS)
def test_the_rank_one_likelihood_is_the_dense_one_at_its_maximum(name):
    effects, variances, levels = DATA[name]()
    levels = {key: value.astype(int) for key, value in levels.items()}
    found = pool(name)
    top = dense_likelihood(effects, variances, levels, found.variance_components)
    assert found.log_likelihood == pytest.approx(top, abs=1e-9)
    rng = np.random.default_rng(1)
    for _ in range(200):
        near = found.variance_components * rng.uniform(0.3, 3, len(levels))
        assert dense_likelihood(effects, variances, levels, near) <= top + 1e-9


def test_one_effect_a_study_is_the_ordinary_meta_analysis():
    effects, variances, _ = schools()
    nested = multilevel_meta_analyse(
        effects, variances, levels={"school": np.arange(56)}, variance_estimator="model"
    )
    plain = meta_analyse(effects, variances, interval_method="normal")
    assert nested.estimate == pytest.approx(plain.estimate, abs=1e-7)
    assert nested.std_error == pytest.approx(plain.std_error, rel=1e-6)
    assert nested.variance_components[0] == pytest.approx(plain.tau2, rel=1e-5)
    assert nested.i2[0] == pytest.approx(plain.i2, rel=1e-5)


def test_order_labels_unit_and_sign_do_not_matter():
    effects, variances, levels = made_up()
    one = pool("made up")
    order = np.random.default_rng(2).permutation(len(effects))
    renamed = {
        key: np.array([f"{key} {-label}" for label in labels])[order]
        for key, labels in levels.items()
    }
    other = multilevel_meta_analyse(-50 * effects[order], 2500 * variances[order], levels=renamed)
    assert other.estimate == pytest.approx(-50 * one.estimate, rel=1e-6)
    assert other.std_error == pytest.approx(50 * one.std_error, rel=1e-5)
    assert other.df == pytest.approx(one.df, rel=1e-4)
    assert other.variance_components == pytest.approx(2500 * one.variance_components, rel=1e-3)


def test_covers_with_eight_studies_that_share_sampling_errors():
    # Effects of a study share a control, so that their errors correlate, which the model ignores.
    rng, runs = np.random.default_rng(11), 400
    study = np.repeat(np.arange(8), [2, 3, 3, 4, 5, 6, 8, 9])
    v = rng.uniform(0.02, 0.06, len(study))
    held = {"CR0": 0, "CR2": 0}
    for _ in range(runs):
        shared = np.sqrt(0.7) * rng.normal(size=8)[study] + np.sqrt(0.3) * rng.normal(size=40)
        y = 0.2 + rng.normal(0, 0.2, 8)[study] + np.sqrt(v) * shared
        for estimator in held:
            found = multilevel_meta_analyse(
                y, v, levels={"study": study, "effect": np.arange(40)},
                variance_estimator=estimator,
            )  # fmt: skip
            held[estimator] += found.ci_low <= 0.2 <= found.ci_high
    # Monte Carlo s.e. .011 at .95.
    assert held["CR2"] / runs == pytest.approx(0.95, abs=0.033)
    assert held["CR0"] < held["CR2"]


def test_twenty_thousand_effects_take_seconds():
    rng, n = np.random.default_rng(1), 20_000
    study = np.arange(n) // 10
    v = rng.gamma(2, 0.02, n) + 0.001
    y = 0.2 + rng.normal(0, 0.3, 2000)[study] + rng.normal(0, np.sqrt(v + 0.02))
    start = time.perf_counter()
    found = multilevel_meta_analyse(y, v, levels={"study": study, "effect": np.arange(n)})
    assert time.perf_counter() - start < 5
    assert found.variance_components == pytest.approx([0.09, 0.02], abs=0.01)
    assert found.ci_low < 0.2 < found.ci_high


def test_warns_of_few_clusters_zero_variances_and_split_groups():
    effects, variances, levels = made_up()
    study = levels["publication"] * 10 + levels["study"]
    split = multilevel_meta_analyse(
        effects, variances, levels=levels, cluster=study, variance_estimator="CR1"
    )
    assert any("too narrow; use CR2" in text for text in split.warnings)
    assert any("what their parts share is ignored" in text for text in split.warnings)
    calm = multilevel_meta_analyse(
        [0.1, 0.1, 0.12, 0.11], [0.1] * 4, levels={"study": [1, 1, 2, 2], "effect": [1, 2, 3, 4]}
    )
    assert any("'study' is estimated as 0" in text for text in calm.warnings)
    assert any("degrees of freedom" in text for text in calm.warnings)
    assert pool("schools").warnings == ()


@pytest.mark.parametrize(
    ("wrong", "error", "named"),
    [
        ({"levels": {"study": [1] * 4}}, AssumptionError, "single group"),
        (
            {"levels": {"study": [1, 1, 2, 2], "b": [5, 5, 6, 6]}},
            AssumptionError,
            "same groups",
        ),
        ({"cluster": [1, 2, 3, 4]}, AssumptionError, "CR1"),
        ({"cluster": [1, 1, 1, 1]}, AssumptionError, "single cluster"),
        ({"cluster": [1, 2]}, InputError, "cluster"),
        ({"levels": {}}, InputError, "at least one"),
        ({"levels": {"study": [1, 1, np.nan, 2]}}, InputError, "row 3"),
        ({"levels": {"study": ["a", "a", "b"]}}, InputError, "level 'study'"),
        ({"variances": [0.1, 0.1, 0, 0.1]}, InputError, "row 3"),
        ({"variances": [0.1, 0.1]}, InputError, "one of each per effect"),
        ({"effects": [0.1, np.inf, 0, 0.1]}, InputError, "row 2"),
        ({"variance_estimator": "CR3"}, InputError, "known are"),
    ],
)
def test_refuses(wrong, error, named):
    right = {
        "effects": [0.1, 0.2, 0.3, 0.1], "variances": [0.1, 0.1, 0.2, 0.1],
        "levels": {"study": [1, 1, 2, 2], "effect": [1, 2, 3, 4]},
    }  # fmt: skip
    with pytest.raises(error, match=named):
        multilevel_meta_analyse(**(right | wrong))
