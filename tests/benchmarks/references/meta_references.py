"""Published and recomputed results of trials and meta-analyses, against this package.

Run by hand where the data are: ``python tests/benchmarks/references/meta_references.py --trials
FOLDER``. The folder holds ``mertens2022_nudge_meta/nudge.csv``, ``washb_bangladesh/
analysis_diarrhoea.csv`` and ``metadat_examples/*.csv``; each line prints the expected and the
obtained number, the tolerance (half a unit of the last printed digit, unless said) and whether
they agree. Exits 1 when one does not.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.analysis.mantel_haenszel import (
    mantel_haenszel_difference,
    mantel_haenszel_ratio,
    stratum_counts,
)
from experiments.analysis.meta_analysis import meta_analyse
from experiments.analysis.multilevel_meta_analysis import multilevel_meta_analyse

Line = tuple[str, float, float, float]

# Luby et al. (2018, Lancet Glob. Health 6:e302), to four digits as recomputed from the data.
WASHB_RATIOS = {
    "Water": (0.8883, 0.6966, 1.1326),
    "Sanitation": (0.6085, 0.4569, 0.8102),
    "Handwashing": (0.6002, 0.4526, 0.7958),
    "WSH": (0.6917, 0.5310, 0.9010),
    "Nutrition": (0.6438, 0.4872, 0.8505),
    "Nutrition + WSH": (0.6193, 0.4708, 0.8146),
}


def bcg(folder: Path) -> Iterator[Line]:
    data = pd.read_csv(folder / "metadat_examples" / "dat.bcg.csv")
    n, control_n = data.tpos + data.tneg, data.cpos + data.cneg
    effects = np.log(data.tpos / n) - np.log(data.cpos / control_n)
    variances = 1 / data.tpos - 1 / n + 1 / data.cpos - 1 / control_n
    plain = meta_analyse(effects, variances, interval_method="normal")
    knapp = meta_analyse(effects, variances)
    for name, expected, found in (
        ("mean", -0.7145, plain.estimate), ("s.e.", 0.1798, plain.std_error),
        ("tau2", 0.3132, plain.tau2), ("ci low", -1.0669, plain.ci_low),
        ("ci high", -0.3622, plain.ci_high), ("HKSJ s.e.", 0.1808, knapp.std_error),
        ("HKSJ ci low", -1.1084, knapp.ci_low), ("HKSJ ci high", -0.3206, knapp.ci_high),
        ("HKSJ p", 0.0019, knapp.p_value),
    ):  # fmt: skip
        yield f"BCG REML {name}", expected, found, 5e-5
    yield "BCG Q", 152.233, plain.q, 5e-4
    yield "BCG I2", 92.22, plain.i2, 5e-3


def schools(folder: Path) -> Iterator[Line]:
    data = pd.read_csv(folder / "metadat_examples" / "dat.konstantopoulos2011.csv")
    found = multilevel_meta_analyse(
        data.yi, data.vi, levels={"district": data.district, "school": data.school},
        variance_estimator="model",
    )  # fmt: skip
    for name, expected, value in (
        ("mean", 0.1847, found.estimate), ("s.e.", 0.0846, found.std_error),
        ("sigma2 district", 0.0651, found.variance_components[0]),
        ("sigma2 school", 0.0327, found.variance_components[1]),
    ):  # fmt: skip
        yield f"schools {name}", expected, value, 5e-5
    yield "schools Q", 578.864, found.q, 5e-4


def nudges(folder: Path) -> Iterator[Line]:
    data = pd.read_csv(folder / "mertens2022_nudge_meta" / "nudge.csv")
    effects, variances = data.cohens_d, data.variance_d
    simple = meta_analyse(effects, variances, interval_method="normal")
    # The reference stops its iterations for tau2 at 1e-5.
    yield "nudges REML mean", 0.40292278, simple.estimate, 1e-6
    yield "nudges REML s.e.", 0.02071848, simple.std_error, 1e-7
    yield "nudges REML tau2", 0.15770285, simple.tau2, 1e-5
    yield "nudges REML I2", 99.5095, simple.i2, 1e-4
    nested = multilevel_meta_analyse(
        effects, variances, levels={"publication": data.publication_id, "effect": data.es_id},
        cluster=data.study_id, variance_estimator="CR1",
    )  # fmt: skip
    for name, expected, value, tolerance in (
        ("mean", 0.4324, nested.estimate, 5e-5), ("s.e.", 0.0262, nested.std_error, 5e-5),
        ("t", 16.51, nested.estimate / nested.std_error, 5e-3), ("df", 333, nested.df, 0.5),
        ("ci low", 0.381, nested.ci_low, 5e-4), ("ci high", 0.484, nested.ci_high, 5e-4),
        ("sigma2 publication", 0.1488, nested.variance_components[0], 5e-5),
        ("sigma2 effect", 0.0119, nested.variance_components[1], 5e-5),
    ):  # fmt: skip
        yield f"nudges three-level CR1 {name}", expected, value, tolerance
    deeper = multilevel_meta_analyse(
        effects, variances,
        levels={
            "publication": data.publication_id, "study": data.study_id, "effect": data.es_id,
        },
    )  # fmt: skip
    yield "nudges four-level CR2 mean", 0.4399, deeper.estimate, 5e-5
    yield "nudges four-level CR2 s.e.", 0.0295, deeper.std_error, 5e-5
    yield "nudges four-level CR2 df", 204.98, deeper.df, 5e-3


def diarrhoea(folder: Path) -> Iterator[Line]:
    data = pd.read_csv(folder / "washb_bangladesh" / "analysis_diarrhoea.csv")
    keys = ["block", "clusterid", "tr"]
    clusters = data.groupby(keys, as_index=False).agg(e=("diar7d", "sum"), n=("diar7d", "size"))
    for arm, expected in WASHB_RATIOS.items():
        rows = clusters[clusters.tr.isin(["Control", arm])]
        counts = stratum_counts(stratum=rows.block, treated=rows.tr == arm, events=rows.e, n=rows.n)
        found = mantel_haenszel_ratio(counts, variance="greenland-robins")
        # One unit of the last digit: the bound .47085 stands in the reference as .4708.
        for name, value, obtained in zip(
            ("ratio", "ci low", "ci high"), expected,
            (found.estimate, found.ci_low, found.ci_high), strict=True,
        ):  # fmt: skip
            yield f"diarrhoea {arm} {name}", value, obtained, 1e-4
        if arm == "Sanitation":
            points = mantel_haenszel_difference(counts, variance="greenland-robins")
            yield "diarrhoea Sanitation RD", -0.022, points.estimate, 5e-5
            yield "diarrhoea Sanitation RD ci low", -0.0332, points.ci_low, 5e-5
            yield "diarrhoea Sanitation RD ci high", -0.0108, points.ci_high, 5e-5
            whole = stratum_counts(
                stratum=np.zeros(len(rows)), treated=rows.tr == arm, events=rows.e, n=rows.n
            )
            linear = mantel_haenszel_difference(whole, variance="cluster")
            yield "diarrhoea Sanitation CR2 b", -0.022207557, linear.estimate, 5e-10
            yield "diarrhoea Sanitation CR2 s.e.", 0.0067783861, linear.std_error, 5e-11
            yield "diarrhoea Sanitation CR2 df", 165.46401, linear.df, 5e-6
            yield "diarrhoea Sanitation CR2 p", 0.0012817, linear.p_value, 5e-8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=Path, required=True)
    folder = parser.parse_args().trials
    wrong = 0
    print(f"{'name':42} {'expected':>14} {'obtained':>16} {'tolerance':>10} ok")
    for check in (bcg, schools, nudges, diarrhoea):
        start = time.perf_counter()
        for name, expected, obtained, tolerance in check(folder):
            fits = abs(expected - obtained) <= tolerance
            wrong += not fits
            print(f"{name:42} {expected:14.8g} {obtained:16.10g} {tolerance:10.1g} {fits}")
        print(f"{check.__name__}: {time.perf_counter() - start:.2f} s")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
