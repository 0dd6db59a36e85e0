"""Type-I error against the number of clusters, one panel an outcome, one line an estimator."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

STYLES = (
    ("#0072B2", "o", "-"),
    ("#D55E00", "s", "-"),
    ("#009E73", "^", "-"),
    ("#CC79A7", "D", "--"),
    ("#000000", "v", "--"),
    ("#E69F00", "P", "--"),
    ("#56B4E9", "X", ":"),
    ("#6E6E6E", "*", ":"),
)
SHOWN = (
    "zone-t",
    "zone-welch",
    "randomization",
    "ols-cr2",
    "wild-webb",
    "gee-md",
    "mixed-logit",
    "ols-cr1",
)


def type_1_error_figure(table: pd.DataFrame) -> Figure:
    """Plot the type-I error by clusters, averaged over ICCs, balanced above, unbalanced below.

    Bars span the smallest and largest rate over the ICCs; the grey band is 4 to 6 %.

    Parameters
    ----------
    table
        Rows of :func:`experiments.calibration.study.rows`.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure = Figure(figsize=(4.2 * len(outcomes), 7.2), layout="constrained")
    axes = figure.subplots(2, len(outcomes), squeeze=False, sharex=True, sharey=True)
    for row, balanced in enumerate((True, False)):
        for column, outcome in enumerate(outcomes):
            panel = axes[row][column]
            part = table[(table["outcome"] == outcome) & (table["balanced"] == balanced)]
            _panel(panel, part)
            shape = "equal arms, sizes CV 0.4" if balanced else "1:2 arms, sizes CV 0.8"
            panel.set_title(f"{outcome}, {shape}", fontsize=10)
            if row == 1:
                panel.set_xlabel("clusters in all")
            if column == 0:
                panel.set_ylabel("false positives at 5 % (%)")
    # Estimators of one kind of outcome only are in some panels only.
    drawn: dict[str, Artist] = {}
    for panel in axes.flat:
        handles, labels = panel.get_legend_handles_labels()
        drawn |= dict(zip(labels, handles, strict=True))
    figure.legend(drawn.values(), drawn.keys(), loc="outside lower center", ncols=4, frameon=False)
    return figure


def _panel(panel: "Axes", part: pd.DataFrame) -> None:
    clusters = sorted(part["clusters"].unique())
    panel.axhspan(4, 6, color="#DDDDDD", zorder=0)
    panel.axhline(5, color="#888888", linewidth=0.8, zorder=0)
    present = [name for name in SHOWN if name in set(part["estimator"])]
    for place, name in enumerate(present):
        colour, marker, dashes = STYLES[SHOWN.index(name)]
        grouped = 100 * part[part["estimator"] == name].groupby("clusters")["type_1_error"].agg(
            ["mean", "min", "max"]
        )
        grouped = grouped.reindex(clusters)
        x = np.arange(len(clusters)) + 0.06 * (place - len(present) / 2)
        panel.errorbar(
            x,
            grouped["mean"],
            yerr=[grouped["mean"] - grouped["min"], grouped["max"] - grouped["mean"]],
            color=colour,
            marker=marker,
            linestyle=dashes,
            markersize=4,
            linewidth=1.2,
            elinewidth=0.8,
            label=name,
        )
    panel.set_xticks(np.arange(len(clusters)), [str(count) for count in clusters])
    panel.set_ylim(0, 20)
    panel.spines[["top", "right"]].set_visible(False)
