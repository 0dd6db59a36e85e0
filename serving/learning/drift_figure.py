"""The figure of a drift check, and the table that says the same."""

import csv
import io
from dataclasses import dataclass

from experiments.svg import figure_svg
from nudge.french.numbers import decimal_comma
from serving.learning.drift import Drift

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#595959"
NAMES = {"intents": "Intentions", "confidence": "Confiance", "embeddings": "Sens des messages"}
COLUMNS = ("measure", "distance", "by_chance", "p_value", "p_adjusted")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """One measure of a check.

    Attributes
    ----------
    measure
        ``intents``, ``confidence`` or ``embeddings``.
    distance
        Stability index, or distance of the mean embedding in radii of the reference.
    by_chance
        Distance that one week in twenty exceeds without drift, in the same unit.
    p_value, p_adjusted
        Plain, and adjusted for the number of measures.
    """

    measure: str
    distance: float
    by_chance: float
    p_value: float
    p_adjusted: float


def measure_rows(drift: Drift) -> list[MeasureRow]:
    """Return one row for each measure that was taken."""
    distances = {
        name: (found.psi, found.by_chance, found.p_value)
        for name, found in (("intents", drift.intents), ("confidence", drift.confidence))
        if found is not None
    }
    if drift.embeddings is not None:
        found = drift.embeddings
        distances["embeddings"] = (found.distance, found.by_chance, found.p_value)
    return [
        MeasureRow(
            measure=name,
            distance=distance,
            by_chance=by_chance,
            p_value=p_value,
            p_adjusted=drift.adjusted[name],
        )
        for name, (distance, by_chance, p_value) in distances.items()
    ]


def drift_csv(drift: Drift) -> str:
    """Return the table of the figure: one row a measure, then one an intent that moved."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in measure_rows(drift):
        writer.writerow([getattr(row, name) for name in COLUMNS])
    for name, change in drift.moved:
        writer.writerow([f"share of {name or 'none'}", change, "", "", ""])
    return buffer.getvalue()


def drift_svg(drift: Drift, *, week: str) -> str:
    """Draw the measures against what chance gives, and the intents that moved most."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5.4), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(3, 4))
    rows = measure_rows(drift)
    places = range(len(rows))
    above.barh(places, [row.by_chance for row in rows], height=0.6, color="#d9d9d9",
               label="dépassé par hasard une semaine sur vingt")  # fmt: skip
    above.plot([row.distance for row in rows], places, "D", color=BLUE, label="cette semaine")
    above.set_yticks(places, [NAMES[row.measure] for row in rows])
    above.invert_yaxis()
    above.set_xlim(left=0)
    above.set_xlabel("Distance à la référence (indice ; rayons pour le sens)")
    above.set_title(f"Semaine {week} : {drift.n_week} conversations")
    above.legend(frameon=False, loc="best")
    changes = [100 * change for _name, change in drift.moved]
    # Direction is shown by the side of the axis and by hatching, not by colour alone.
    below.barh(range(len(changes)), changes, color=[BLUE if one >= 0 else VERMILION
               for one in changes], hatch=["" if one >= 0 else "///" for one in changes],
               edgecolor="white")  # fmt: skip
    below.set_yticks(range(len(changes)), [name or "aucune" for name, _change in drift.moved])
    below.invert_yaxis()
    below.axvline(0, color=GREY, linewidth=0.8)
    below.set_xlabel("Part des messages : écart à la référence (points)")
    for axes in (above, below):
        axes.xaxis.set_major_formatter(lambda value, _place: decimal_comma(value, _digits(value)))
        axes.spines[["top", "right"]].set_visible(False)
    return figure_svg(figure)


def _digits(value: float) -> int:
    return 2 if 0 < abs(value) < 1 else 0
