"""Zone-level methods against the published and recomputed numbers of real trials.

``python tests/benchmarks/references/zone_references.py --trials FOLDER`` prints one line a number:
name, expected, obtained, tolerance and whether they agree; it exits with 1 when one does not. The
folder holds ``dickinson2015_cvcrand``, ``washb_bangladesh`` and ``ggl2008_social_pressure``.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.analysis.adjusted_means import adjusted_means
from experiments.analysis.cluster_means import difference_in_means
from experiments.analysis.matched_pairs import paired_difference
from experiments.analysis.randomisation_inference import randomisation_test
from experiments.analysis.sample_ratio import sample_ratio
from experiments.design.randomisation import sample_allocations, scheme_from_observed
from experiments.engine.covariate_patterns import CovariatePatterns

Check = tuple[str, float, float, float]


def dickinson(folder: Path) -> Iterator[Check]:
    """cptest of cvcrand: two-stage logistic adjustment over 1,287 constrained allocations."""
    units = pd.read_csv(folder / "Dickinson_outcome.csv")
    space = pd.read_csv(folder / "dickinson_constrained.csv").to_numpy()
    allocations, chosen = space[:, 1:].astype(np.int8), space[:, 0] == 1
    counties = units.groupby("county")
    columns = ["location", "inciis", "uptodateonimmunizations", "hispanic", "incomecat"]
    covariates = counties[columns].first().astype({"incomecat": str})
    dummies = pd.get_dummies(covariates, drop_first=True).astype(float)
    events = counties["outcome"].sum().to_numpy(float)
    patterns = CovariatePatterns(
        clusters=np.array([str(label) for label in dummies.index], dtype=object),
        columns=("intercept", *dummies.columns),
        start=np.arange(len(dummies) + 1),
        x=np.column_stack([np.ones(len(dummies)), dummies.to_numpy()]),
        n=counties.size().to_numpy(float),
        sum_y=events,
        sum_yy=events,
    )
    found = randomisation_test(
        adjusted_means(patterns, family="binomial").values,
        allocations[chosen][0],
        allocations,
        arm=1,
        control=0,
        enumerated=True,
        studentised=False,
    )
    yield "Dickinson cptest, observed U", 0.054691, found.estimate, 5e-7
    yield "Dickinson cptest, p x 1287", 54, found.p_value * 1287, 1e-9


def washb(folder: Path) -> Iterator[Check]:
    """WASH Benefits Bangladesh: paired t on blocks, and matched-pair clusters."""
    length = pd.read_csv(folder / "analysis_laz.csv").dropna(subset=["laz"])
    expected = {"Nutrition": (0.2526, 0.1470, 0.3581), "Nutrition + WSH": (0.1292, 0.0166, 0.2418)}
    for arm, numbers in expected.items():
        pair = length[length["tr"].isin(["Control", arm])]
        means = pair.groupby(["block", "tr"])["laz"].mean().reset_index()
        found = paired_difference(means["laz"], means["tr"] == arm, means["block"])
        for name, value in zip(("estimate", "ci_low", "ci_high"), numbers, strict=True):
            yield f"WASH-B LAZ {arm}, {name}", value, getattr(found, name), 5e-5
    illness = pd.read_csv(folder / "analysis_diarrhoea.csv").dropna(subset=["diar7d"])
    illness = illness[illness["tr"].isin(["Nutrition", "Nutrition + WSH"])]
    table = illness.groupby(["block", "clusterid", "tr"])["diar7d"].agg(["mean", "size"])
    table = table.reset_index()
    found = paired_difference(
        table["mean"], table["tr"] == "Nutrition + WSH", table["block"], sizes=table["size"]
    )
    numbers = {
        "estimate": (-0.0015929926, 5e-11),
        "std_error": (0.0068511826, 5e-11),
        "df": (89, 0),
        "p_value": (0.81667304, 5e-9),
    }
    for name, (value, tolerance) in numbers.items():
        yield f"WASH-B N+WSH v N, {name}", value, getattr(found, name), tolerance


def social_pressure(folder: Path) -> Iterator[Check]:
    """Gerber, Green & Larimer 2008: household means, draws stratified by block."""
    rows = pd.read_csv(
        folder / "social_pressure.csv.gz", usecols=["treatment", "cluster", "voted", "hh_id"]
    )
    rows["treatment"] = rows["treatment"].str.strip()
    rows = rows[rows["treatment"].isin(["Control", "Neighbors"])]
    rows["voted"] = rows["voted"].str.strip().str.lower() == "yes"
    homes = rows.groupby("hh_id").agg(
        y=("voted", "mean"), n=("voted", "size"), arm=("treatment", "first"),
        block=("cluster", "first"),
    )  # fmt: skip
    treated = (homes["arm"] == "Neighbors").to_numpy()
    yield "Social pressure, households", 119_999, len(homes), 0
    plain = difference_in_means(homes["y"], treated)
    yield "Social pressure, household means", 0.08478807597718736, plain.estimate, 1e-12
    # The number recorded is HC1; Welch's is HC2, equal to about one part in 10,000.
    yield "Social pressure, its standard error", 0.003401181960074991, plain.std_error, 4e-7
    sized = difference_in_means(homes["y"], treated, weights=homes["n"])
    yield "Social pressure, size-weighted", 0.08130991292051308, sized.estimate, 1e-12
    yield "Social pressure, CR1 against linearised", 0.00336954742107693, sized.std_error, 4e-7
    codes = treated.astype(np.int8)
    scheme = scheme_from_observed(codes, n_arms=2, stratum_codes=homes["block"].to_numpy())
    rng = np.random.default_rng(2026)
    draws = (sample_allocations(scheme, n_draws=27, rng=rng) for _ in range(37))
    found = randomisation_test(
        homes["y"], codes, draws, arm=1, control=0, enumerated=False, interval=False
    )
    yield "Social pressure, RI p by block, 999 draws", 0.001, found.p_value, 1e-12


def null_trials(runs: int = 2_500) -> Iterator[Check]:
    """Size at twelve unequal zones, nominal 5 %; Monte Carlo standard error 0.4 points."""
    rng = np.random.default_rng(2026)
    allocations = np.zeros((924, 12), dtype=np.int8)
    for row, chosen in zip(allocations, combinations(range(12), 6), strict=True):
        row[list(chosen)] = 1
    rejected = np.zeros(2)
    for _ in range(runs):
        size = rng.integers(20, 120, 12)
        means = rng.binomial(size, 1 / (1 + np.exp(-0.9 - 0.42 * rng.normal(size=12)))) / size
        observed = allocations[rng.integers(924)]
        exact = randomisation_test(
            means, observed, allocations, arm=1, control=0, enumerated=True, interval=False
        )
        welch = difference_in_means(means, observed == 1)
        rejected += np.array([welch.p_value, exact.p_value]) <= 0.05
    yield "Twelve zones, Welch, size", 0.043, rejected[0] / runs, 0.012
    yield "Twelve zones, 924 allocations, size", 0.048, rejected[1] / runs, 0.012
    schools = sample_ratio(np.repeat([0, 1], [18, 16]), ratios=[1, 1])
    yield "18 v 16 schools, sample ratio p", 0.86, schools.p_clusters, 0.005


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=Path, required=True, help="folder of the trials' data")
    folder = parser.parse_args().trials
    checks = [
        *dickinson(folder / "dickinson2015_cvcrand"),
        *washb(folder / "washb_bangladesh"),
        *social_pressure(folder / "ggl2008_social_pressure"),
        *null_trials(),
    ]
    agree = [abs(obtained - expected) <= tolerance for _, expected, obtained, tolerance in checks]
    for (name, expected, obtained, tolerance), ok in zip(checks, agree, strict=True):
        print(f"{name}\t{expected:.10g}\t{obtained:.10g}\t{tolerance:g}\t{'ok' if ok else 'NO'}")
    sys.exit(not all(agree))


if __name__ == "__main__":
    main()
