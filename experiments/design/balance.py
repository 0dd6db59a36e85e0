"""Balance of cluster covariates between arms: standardised differences and their plot."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from experiments.design.cluster_frame import ClusterFrame
from experiments.design.covariate_columns import covariate_columns
from experiments.design.randomisation import Codes

Floats = npt.NDArray[np.float64]

# Usual bound of a standardised difference that calls for attention (Rubin 2001).
FLAG_ABOVE = 0.25
# Okabe-Ito colours; shapes tell arms apart in grey.
ARM_COLOURS = (
    "#595959", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
)  # fmt: skip
ARM_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """One covariate, or one level of a factor.

    Attributes
    ----------
    covariate, level
        Column, and the factor level; empty for a numeric column.
    means
        Mean over clusters in each arm; for a level, the share of clusters.
    differences
        Standardised difference of each arm but the control from the control.
    flagged
        Whether a difference exceeds 0.25 in absolute value.
    """

    covariate: str
    level: str
    means: tuple[float, ...]
    differences: tuple[float, ...]
    flagged: bool

    @property
    def name(self) -> str:
        """Covariate and level in one text."""
        return f"{self.covariate} = {self.level}" if self.level else self.covariate


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTable:
    """Means and standardised differences over clusters.

    Attributes
    ----------
    arms
        Arm labels, the control first.
    rows
        One a covariate or level, in the order they were named.
    """

    arms: tuple[str, ...]
    rows: tuple[BalanceRow, ...]

    def to_csv(self) -> str:
        """CSV text, six decimals."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        control, *others = self.arms
        writer.writerow(
            [
                "covariate",
                "level",
                *(f"mean {arm}" for arm in self.arms),
                *(f"standardised difference {arm} - {control}" for arm in others),
                "flagged",
            ]
        )
        for row in self.rows:
            # Adding zero turns a rounded minus zero into zero.
            numbers = [f"{round(x, 6) + 0.0:.6f}" for x in (*row.means, *row.differences)]
            writer.writerow([row.covariate, row.level, *numbers, "yes" if row.flagged else "no"])
        return buffer.getvalue()


def balance_table(
    frame: ClusterFrame,
    names: Sequence[str],
    allocation: Codes,
    *,
    arms: Sequence[str],
    categorical: Collection[str] = (),
) -> BalanceTable:
    """Balance of the named columns, clusters counting alike whatever their size.

    Parameters
    ----------
    frame : ClusterFrame
        Randomised clusters.
    names : sequence of str
        Columns; factors give one row a level.
    allocation : array of int8, shape (G,)
        Arm of each cluster.
    arms : sequence of str
        Labels, the control first.
    categorical : collection of str
        Columns of numbers that are codes of categories.
    """
    columns = covariate_columns(frame, names, categorical=categorical, reference_level=True)
    means = np.stack([columns.values[allocation == arm].mean(axis=0) for arm in range(len(arms))])
    differences = standardised_differences(columns.values, allocation, n_arms=len(arms))
    flagged = np.any(np.abs(differences) > FLAG_ABOVE, axis=0).tolist()
    rows = tuple(
        BalanceRow(
            covariate=covariate,
            level=level,
            means=tuple(means[:, place].tolist()),
            differences=tuple(differences[:, place].tolist()),
            flagged=flagged[place],
        )
        for place, (covariate, level) in enumerate(
            zip(columns.covariates, columns.levels, strict=True)
        )
    )
    return BalanceTable(arms=tuple(arms), rows=rows)


def standardised_differences(values: Floats, allocation: Codes, *, n_arms: int) -> Floats:
    """Standardised differences from the control arm (Austin 2009, Stat. Med. 28:3083, eq. 1).

    The difference in means over the square root of the average of the two arms' variances
    (denominators n - 1); where an arm has one cluster or neither varies, over the standard
    deviation of all clusters.

    Parameters
    ----------
    values : array, shape (G, p)
        Covariates.
    allocation : array of int8, shape (G,)
        Arm codes, 0 for the control.
    n_arms : int
        Number of arms.

    Returns
    -------
    array, shape (n_arms - 1, p)
    """
    overall = values.std(axis=0, ddof=1)
    control = values[allocation == 0]
    result = np.empty((n_arms - 1, values.shape[1]))
    for arm in range(1, n_arms):
        treated = values[allocation == arm]
        gap = treated.mean(axis=0) - control.mean(axis=0)
        spread = overall
        if len(treated) > 1 and len(control) > 1:
            pooled = np.sqrt((treated.var(axis=0, ddof=1) + control.var(axis=0, ddof=1)) / 2)
            spread = np.where(pooled > 0, pooled, overall)
        result[arm - 1] = np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)
    return result


def balance_figure(table: BalanceTable) -> Figure:
    """Love plot: one line a covariate, one shape an arm, bounds at 0.25."""
    figure = Figure(figsize=(7, 1.4 + 0.28 * max(len(table.rows), 2)))
    axes = figure.subplots()
    height = np.arange(len(table.rows))[::-1]
    axes.axvline(0, color="#595959", linewidth=1)
    for bound in (-FLAG_ABOVE, FLAG_ABOVE):
        axes.axvline(bound, color="#595959", linewidth=1, linestyle="--")
    for place, arm in enumerate(table.arms[1:]):
        axes.plot(
            [row.differences[place] for row in table.rows],
            height,
            linestyle="none",
            marker=ARM_MARKERS[place + 1],
            color=ARM_COLOURS[place + 1],
            label=arm,
        )
    axes.set_yticks(height, [row.name for row in table.rows])
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    reach = max((abs(d) for row in table.rows for d in row.differences), default=0.0)
    axes.set_xlim(-1.1 * max(reach, 0.5), 1.1 * max(reach, 0.5))
    axes.set_ylim(-0.7, len(table.rows) - 0.3)
    axes.set_xlabel(f"Standardised difference from {table.arms[0]} (clusters counting alike)")
    axes.set_ylabel("Covariate")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, title="Arm")
    return figure
