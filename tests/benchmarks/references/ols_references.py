"""Least squares against the published and recomputed numbers of real trials.

``python tests/benchmarks/references/ols_references.py --trials FOLDER`` prints one line a number:
name, expected, obtained, tolerance and whether they agree; it exits with 1 when one does not. The
folder holds ``ggl2008_social_pressure``, ``washb_bangladesh``, ``dickinson2015_cvcrand``,
``tennessee_star`` and ``causaldata_cluster``.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.analysis.absorption import absorb_within
from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
from experiments.analysis.instrumental_variables import two_stage_least_squares
from experiments.analysis.statsmodels_ols import row_moments
from experiments.engine.cluster_moments import ClusterMoments

Check = tuple[str, float, float, float]


def moments_of(
    rows: pd.DataFrame, outcome: str, columns: list[str], clusters: pd.Series, weights=None
) -> ClusterMoments:
    """Moments with an intercept before the named columns."""
    design = np.column_stack([np.ones(len(rows)), rows[columns].to_numpy(float)])
    names = ("(intercept)", *columns)
    return row_moments(design, rows[outcome], clusters, columns=names, weights=weights)


def group_of(clusters: pd.Series, groups: pd.Series) -> np.ndarray:
    """Group of each cluster, in the order of their labels."""
    return groups.groupby(clusters.to_numpy()).first().to_numpy()


def ggl(folder: Path) -> Iterator[Check]:
    """Gerber, Green & Larimer 2008: households within blocks, five arms."""
    rows = pd.read_csv(folder / "social_pressure.csv.gz")
    arms = ["Civic Duty", "Hawthorne", "Self", "Neighbors"]
    votes = ["g2000", "g2002", "p2000", "p2002", "p2004"]
    for arm in arms:
        rows[arm] = rows["treatment"].str.strip() == arm
    rows[votes] = rows[votes].apply(lambda column: column.str.lower() == "yes")
    rows["voted"] = rows["voted"] == "Yes"
    plain = moments_of(rows, "voted", arms, rows["hh_id"])
    adjusted = moments_of(rows, "voted", arms + votes, rows["hh_id"])
    blocks = group_of(rows["hh_id"], rows["cluster"])
    cases = {
        "pooled": (plain, None, [(0.017899, 0.003237), (0.025736, 0.003258), (0.048513, 0.0033),
                                 (0.08131, 0.00337)]),
        "block effects": (plain, blocks, [(0.018042, 0.003056), (0.026157, 0.003065),
                                          (0.048885, 0.003109), (0.081838, 0.003181)]),
        "block effects, past votes": (adjusted, blocks, [(0.018163, 0.002947),
                                      (0.025039, 0.002944), (0.048192, 0.002994),
                                      (0.081299, 0.003052)]),
    }  # fmt: skip
    for case, (moments, absorbed, expected) in cases.items():
        fit = cluster_robust_fit(moments, correction="CR1S", absorbed=absorbed)
        for arm, (b, se) in zip(arms, expected, strict=True):
            found = coefficient_test(fit, arm)
            yield f"GGL {case}, {arm}, b", b, found.estimate, 6e-7
            yield f"GGL {case}, {arm}, se", se, found.std_error, 6e-7
    pair = rows[rows["treatment"].str.strip().isin(["Control", "Neighbors"])]
    fit = cluster_robust_fit(moments_of(pair, "voted", ["Neighbors"], pair["hh_id"]),
                             correction="CR1S")  # fmt: skip
    found = coefficient_test(fit, "Neighbors")
    yield "GGL two arms, Neighbors, b", 0.08130991292051308, found.estimate, 1e-14
    yield "GGL two arms, Neighbors, se", 0.00336954742107693, found.std_error, 1e-8


def washb(folder: Path) -> Iterator[Check]:
    """WASH Benefits Bangladesh: linear probability of diarrhoea, sanitation against control."""
    rows = pd.read_csv(folder / "analysis_diarrhoea.csv").dropna(subset=["diar7d"])
    rows = rows[rows["tr"].isin(["Control", "Sanitation"])]
    rows["sanitation"] = rows["tr"] == "Sanitation"
    moments = moments_of(rows, "diar7d", ["sanitation"], rows["clusterid"])
    found = coefficient_test(cluster_robust_fit(moments), "sanitation")
    yield "WASH-B CR2, b", -0.022207557, found.estimate, 5e-10
    yield "WASH-B CR2, se", 0.0067783861, found.std_error, 5e-11
    yield "WASH-B CR2, df", 165.46401, found.df, 5e-6
    yield "WASH-B CR2, p", 0.0012817, found.p_value, 5e-8
    blocks = group_of(rows["clusterid"], rows["block"])
    found = coefficient_test(cluster_robust_fit(moments, absorbed=blocks), "sanitation")
    yield "WASH-B CR2 with block effects, b", -0.022004947, found.estimate, 5e-10
    yield "WASH-B CR2 with block effects, se", 0.0069900459, found.std_error, 5e-11
    yield "WASH-B CR2 with block effects, p", 0.00202075, found.p_value, 5e-9


def dickinson(folder: Path) -> Iterator[Check]:
    """Dickinson 2015: linear probability of immunisation, 8 counties against 8."""
    rows = pd.read_csv(folder / "Dickinson_outcome.csv")
    space = pd.read_csv(folder / "dickinson_constrained.csv").to_numpy()
    chosen = space[space[:, 0] == 1][0, 1:]
    rows["treated"] = chosen[rows["county"].to_numpy() - 1]
    moments = moments_of(rows, "outcome", ["treated"], rows["county"])
    found = coefficient_test(cluster_robust_fit(moments), "treated")
    yield "Dickinson CR2, b", 0.0725, found.estimate, 5e-9
    yield "Dickinson CR2, se", 0.020715141, found.std_error, 5e-10
    yield "Dickinson CR2, df", 14, found.df, 1e-9
    yield "Dickinson CR2, p", 0.0035362, found.p_value, 5e-8


def star(folder: Path) -> Iterator[Check]:
    """Project STAR, kindergarten: Stock & Watson's tables 13.1 and 13.2 (HC1)."""
    rows = pd.read_csv(folder / "STAR_AER.csv")
    rows["score"] = rows["readk"] + rows["mathk"]
    rows["small"], rows["aide"] = rows["stark"] == "small", rows["stark"] == "regular+aide"
    rows = rows[rows["stark"].notna() & rows["score"].notna()]
    pupils = pd.Series(np.arange(len(rows)))
    fit = cluster_robust_fit(moments_of(rows, "score", ["small", "aide"], pupils),
                             correction="CR1S")  # fmt: skip
    for arm, b, se in (("small", 13.89899, 2.45409), ("aide", 0.31394, 2.27098)):
        found = coefficient_test(fit, arm)
        yield f"STAR {arm}, b", b, found.estimate, 6e-6
        yield f"STAR {arm}, se", se, found.std_error, 6e-6
    rows = rows[rows["experiencek"].notna() & rows["schoolidk"].notna()]
    pupils = pd.Series(np.arange(len(rows)))
    fit = cluster_robust_fit(
        moments_of(rows, "score", ["small", "aide", "experiencek"], pupils),
        correction="CR1S",
        absorbed=rows["schoolidk"].to_numpy(),
    )
    found = coefficient_test(fit, "small")
    yield "STAR small with school effects, b", 15.9330822, found.estimate, 6e-8
    yield "STAR small with school effects, se", 2.241175, found.std_error, 6e-7


def thornton(folder: Path) -> Iterator[Check]:
    """Thornton 2008: arms inside 119 villages."""
    rows = pd.read_csv(folder / "thornton_hiv.csv").dropna(subset=["got", "any", "villnum"])
    moments = moments_of(rows, "got", ["any"], rows["villnum"])
    found = coefficient_test(cluster_robust_fit(moments, correction="CR1S"), "any")
    yield "Thornton, rows", 2830, len(rows), 0
    yield "Thornton, b", 0.452, found.estimate, 5e-4
    yield "Thornton, se", 0.0227, found.std_error, 5e-5


def castle(folder: Path) -> Iterator[Check]:
    """Cheng & Hoekstra 2013: weighted two-way effects, states as clusters."""
    rows = pd.read_csv(folder / "castle.csv")
    years = pd.get_dummies(rows["year"], prefix="year", drop_first=True)
    rows = pd.concat([rows, years], axis=1)
    cells = moments_of(rows, "l_homicide", ["post", *years.columns], rows["sid"], rows["popwt"])
    within = absorb_within(cells, clusters=cells.clusters)
    found = coefficient_test(cluster_robust_fit(within, correction="CR1S"), "post")
    yield "Castle, b", 0.0755, found.estimate, 5e-5
    yield "Castle, se", 0.0332, found.std_error, 5e-5


def social_insure(folder: Path) -> Iterator[Check]:
    """Cai, de Janvry & Sadoulet 2015, as in Huntington-Klein, The Effect, table 19.1."""
    rows = pd.read_csv(folder / "social_insure.csv").dropna()
    columns = ["male", "age", "agpop", "ricearea_2010", "literacy", "intensive", "risk_averse",
               "disaster_prob", "default", "pre_takeup_rate"]  # fmt: skip
    found = two_stage_least_squares(
        moments_of(rows, "takeup_survey", columns, rows["address"]),
        endogenous="pre_takeup_rate",
        instruments=["default"],
        absorbed=group_of(rows["address"], rows["village"]),
    )
    first = coefficient_test(found.first_stage, "default")
    yield "Social insurance, b", 0.7911, found.estimate, 5e-5
    yield "Social insurance, se", 0.2731, found.std_error, 5e-5
    yield "Social insurance, first stage, b", 0.118, first.estimate, 5e-4
    yield "Social insurance, first stage, se", 0.0344, first.std_error, 5e-5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=Path, required=True, help="folder of the trials' data")
    folder = parser.parse_args().trials
    checks = [
        *ggl(folder / "ggl2008_social_pressure"),
        *washb(folder / "washb_bangladesh"),
        *dickinson(folder / "dickinson2015_cvcrand"),
        *star(folder / "tennessee_star"),
        *thornton(folder / "causaldata_cluster"),
        *castle(folder / "causaldata_cluster"),
        *social_insure(folder / "causaldata_cluster"),
    ]
    agree = [abs(obtained - expected) <= tolerance for _, expected, obtained, tolerance in checks]
    for (name, expected, obtained, tolerance), ok in zip(checks, agree, strict=True):
        print(f"{name}\t{expected:.10g}\t{obtained:.10g}\t{tolerance:g}\t{'ok' if ok else 'NO'}")
    sys.exit(not all(agree))


if __name__ == "__main__":
    main()
