"""Spillover: control zones next to a nudged zone against control zones further away."""

from collections.abc import Mapping

import pandas as pd

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from experiments.errors import AssumptionError, InputError
from nudge.analysis.outcome_rows import ARM, WAVE, ZONE
from nudge.analysis.result import ExposedNeighbours

EXPOSED, FURTHER = "voisine", "eloignee"
FEWEST_ZONES = 3


def exposed_neighbours(
    rows: pd.DataFrame,
    *,
    outcome: str,
    arms: Mapping[str, str],
    control: str,
    neighbours: pd.DataFrame,
    baseline: tuple[str, ...],
    level: float,
) -> ExposedNeighbours:
    """Compare control zones by whether a neighbour was nudged.

    Where a zone lies was not drawn, so the difference is an association; it is adjusted for the
    reference waves where there are any (analysis of covariance on zone means).

    Parameters
    ----------
    rows
        Rows of the primary outcome.
    neighbours
        Columns ``zone_id``, ``voisin_id``, symmetric.
    baseline
        Waves before the nudge in which every zone was measured.
    """
    nudged = {zone for zone, arm in arms.items() if arm != control}
    beside = set(neighbours.loc[neighbours["voisin_id"].isin(nudged), "zone_id"].astype(str))
    controls = rows[rows[ARM] == control]
    here = controls[ZONE].isin(beside)
    exposed, further = controls.loc[here, ZONE].nunique(), controls.loc[~here, ZONE].nunique()
    estimate = None
    if min(exposed, further) >= FEWEST_ZONES:
        table = controls[[ZONE, WAVE, outcome]].assign(
            voisinage=here.map({True: EXPOSED, False: FURTHER}).to_numpy()
        )
        plan = make_plan(
            outcome=outcome,
            arm="voisinage",
            cluster=ZONE,
            control=FURTHER,
            ratios={EXPOSED: float(exposed), FURTHER: float(further)},
            estimators="zone-ancova" if baseline else "zone-welch",
            period=WAVE if baseline else None,
            baseline=baseline,
            influence=False,
            level=level,
        )
        try:
            estimate = analyze(table, plan).estimates[0]
        except (AssumptionError, InputError):
            estimate = None
    return ExposedNeighbours(exposed=exposed, unexposed=further, estimate=estimate)
