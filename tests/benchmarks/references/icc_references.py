"""Intraclass correlations of the reference trials.

    python tests/benchmarks/references/icc_references.py --trials FOLDER

FOLDER holds one folder a trial. Prints name, expected, obtained, tolerance, ok; leaves with 1 on
any disagreement.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from experiments.analysis.intraclass_correlation import intraclass_correlation
from experiments.engine.cluster_table import cluster_table
from experiments.engine.grouped_scan import grouped_scan


def references(trials: Path) -> Iterator[tuple[str, float, float, float]]:
    votes = pd.read_csv(trials / "ggl2008_social_pressure" / "social_pressure.csv.gz")
    control = votes[votes["treatment"].str.strip() == "Control"]
    for column, name, expected in (
        ("hh_id", "social pressure, household", 0.5324),
        ("cluster", "social pressure, block", 0.0905),
    ):
        yield name, expected, _icc(control, column, "voted", success="Yes"), 5e-5
    illness = pd.read_csv(trials / "washb_bangladesh" / "analysis_diarrhoea.csv")
    control = illness[illness["tr"] == "Control"]
    yield "WASH Benefits, cluster", 0.0241, _icc(control, "clusterid", "diar7d"), 5e-5


def _icc(rows: pd.DataFrame, cluster: str, outcome: str, success: str | None = None) -> float:
    table = grouped_scan(rows, cluster=cluster, arm=None, outcomes=[outcome], success=success)
    sums = cluster_table(table, outcome=outcome)
    found = intraclass_correlation(n=sums.n, sum_y=sums.sum_y, sum_yy=sums.sum_yy)
    return found.estimate


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=Path, required=True)
    wrong = 0
    for name, expected, obtained, tolerance in references(parser.parse_args().trials):
        ok = abs(obtained - expected) <= tolerance
        wrong += not ok
        print(f"{name}\t{expected}\t{obtained:.10g}\t{tolerance:g}\t{'ok' if ok else 'DIFFERS'}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
