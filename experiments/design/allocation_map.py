"""Map of clusters by arm, neighbours joined."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from experiments.design.balance import ARM_COLOURS, ARM_MARKERS
from experiments.design.randomisation import Codes, Integers

Floats = npt.NDArray[np.float64]


def allocation_map(
    x: Floats,
    y: Floats,
    allocation: Codes,
    edges: Integers,
    *,
    arms: Sequence[str],
    labels: Sequence[str],
    axis_names: tuple[str, str],
) -> Figure:
    """Clusters at their coordinates, one shape and colour an arm, neighbours joined by lines.

    Parameters
    ----------
    x, y : array, shape (G,)
        Coordinates; degrees of longitude and latitude when ``axis_names`` says so.
    allocation : array of int8, shape (G,)
        Arm of each cluster; -1 for clusters left out as buffers.
    edges : array of int, shape (E, 2)
        Neighbours.
    arms, labels : sequence of str
        Arm labels and cluster labels; labels are written for up to 40 clusters.
    axis_names : tuple of str
        Names of the axes.
    """
    figure = Figure(figsize=(7, 5.5))
    axes = figure.subplots()
    points = np.stack([x, y], axis=1)
    axes.add_collection(LineCollection(list(points[edges]), colors="#999999", linewidths=1))
    left_out = allocation < 0
    if left_out.any():
        axes.plot(
            x[left_out], y[left_out], "x", color="#999999", linestyle="none", label="left out"
        )
    for arm, name in enumerate(arms):
        here = allocation == arm
        axes.plot(
            x[here],
            y[here],
            marker=ARM_MARKERS[arm],
            color=ARM_COLOURS[arm],
            linestyle="none",
            markersize=8,
            label=name,
        )
    if len(labels) <= 40:
        for place, label in enumerate(labels):
            axes.annotate(
                label, points[place], xytext=(5, 5), textcoords="offset points", fontsize=7
            )
    middle = np.radians(float(np.mean(y)))
    axes.set_aspect(1 / np.cos(middle) if axis_names[0].startswith("Longitude") else 1)
    axes.margins(0.08)
    axes.ticklabel_format(useOffset=False)
    axes.set_xlabel(axis_names[0])
    axes.set_ylabel(axis_names[1])
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, title="Arm")
    return figure
