"""Power curves, readable in grey and without colour vision."""

import pandas as pd
from matplotlib.figure import Figure

# Okabe-Ito colours that also differ in lightness; dashes and markers tell the curves apart in grey.
STYLES = (
    ("#0072B2", "-", "o"),
    ("#D55E00", "--", "s"),
    ("#009E73", ":", "^"),
    ("#000000", "-.", "D"),
)
LABELS = {
    "effect": "Effect",
    "clusters": "Clusters per arm",
    "units": "Units per cluster and wave",
    "waves": "Waves of measurement",
    "icc": "Intraclass correlation",
}


def power_figure(
    curve: pd.DataFrame,
    *,
    target: float = 0.8,
    unit: str = "",
    scale: float = 1.0,
    label: str | None = None,
    mark: float | None = None,
) -> Figure:
    """Draw power curves, one for each intraclass correlation.

    Parameters
    ----------
    curve
        As :func:`~experiments.power.curves.power_curve` returns it.
    target
        Power at which a thin line is drawn.
    unit, scale
        Unit of the horizontal axis and what values are multiplied by to be in it, e.g. "points"
        and 100 for effects on a share.
    label
        Name of the horizontal axis; that of the varied quantity by default.
    mark
        Value of the design, marked by a vertical line.
    """
    along = str(curve["along"].iloc[0])
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    lines = [(None, curve)] if along == "icc" else list(curve.groupby("icc", sort=True))
    for place, (icc, rows) in enumerate(lines):
        colour, dashes, marker = STYLES[place % len(STYLES)]
        axes.plot(
            rows["value"] * scale,
            rows["power"] * 100,
            color=colour,
            linestyle=dashes,
            marker=marker,
            markevery=max(1, len(rows) // 8),
            markersize=5,
            label=None if icc is None else f"ICC {icc:.3g}",
        )
    axes.axhline(100 * target, color="#595959", linewidth=0.8)
    axes.annotate(
        f"target {100 * target:g} %",
        (1, 100 * target),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        xytext=(-4, 3),
        ha="right",
        fontsize=8,
        color="#595959",
    )
    if mark is not None:
        axes.axvline(mark * scale, color="#595959", linewidth=0.8, linestyle=(0, (1, 3)))
    name = LABELS[along] if label is None else label
    axes.set_xlabel(f"{name} ({unit})" if unit else name)
    axes.set_ylabel("Power (%)")
    axes.set_ylim(0, 102)
    axes.grid(visible=True, linewidth=0.3, color="#bbbbbb")
    axes.spines[["top", "right"]].set_visible(False)
    if along != "icc":
        axes.legend(frameon=False)
    return figure
