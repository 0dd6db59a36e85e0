"""The power curves that go with an answered plan."""

import pandas as pd
from matplotlib.figure import Figure

from experiments.power.curves import Along, power_curve
from experiments.power.figures import power_figure
from experiments.power.power_plan import IccInterval, PowerPlan
from experiments.power.power_result import PowerResult

WEDGE_LABELS = {
    "clusters": "Clusters per sequence",
    "units": "Units per cluster and period",
    "waves": "Extra periods after the last step",
}
UNITS = {
    "binary": ("points", 100.0),
    "count": ("events per unit of exposure", 1.0),
    "continuous": ("unit of the outcome", 1.0),
    "ordinal": ("log odds ratio", 1.0),
}


def plan_figures(plan: PowerPlan, result: PowerResult) -> dict[str, tuple[pd.DataFrame, Figure]]:
    """Curves of power against effect, clusters, units and ICC, around the answer.

    Several waves add a curve of their number. Each is drawn at the planned ICC and, where the
    plan gives its interval, at both ends, else at half and twice the planned one.

    Returns
    -------
    dict
        File stem to the curve's table and its figure.
    """
    design = result.design
    drawn = {}
    places: list[Along] = ["effect", "clusters", "units", "icc"]
    if plan.design == "stepped-wedge" or plan.cluster_autocorrelation is not None:
        places.append("waves")
    for along in places:
        iccs = None if along == "icc" else _iccs(plan, design.icc)
        curve = power_curve(design, along=along, iccs=iccs)
        unit, scale = UNITS[plan.outcome_kind] if along == "effect" else ("", 1.0)
        label = WEDGE_LABELS.get(along) if plan.design == "stepped-wedge" else None
        figure = power_figure(
            curve,
            target=plan.target_power,
            unit=unit,
            scale=scale,
            label=label,
            mark=float(getattr(design, along)),
        )
        drawn[f"power_by_{along}"] = (curve, figure)
    return drawn


def _iccs(plan: PowerPlan, planned: float) -> list[float]:
    if isinstance(plan.icc, IccInterval):
        return sorted({plan.icc.low, planned, plan.icc.high})
    return sorted({planned / 2, planned, min(2 * planned, 0.95)})
