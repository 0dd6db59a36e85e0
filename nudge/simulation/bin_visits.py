"""One visit of the panel: from chances to the rows that assessors write."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from nudge.simulation.bin_checks import checks_frame, see_bins
from nudge.simulation.bin_shares import green_shares, set_out_shares
from nudge.simulation.dwellings import Dwellings
from nudge.simulation.exposure import Exposure
from nudge.simulation.occasions import Occasion
from nudge.simulation.truth import Truth

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def bin_checks_at(
    panel: Dwellings,
    visit: Occasion,
    exposure: Exposure | None,
    truth: Truth,
    zone_ids: npt.NDArray[np.object_],
    *,
    measured: Bools,
    received: Floats,
    seed: int,
) -> pd.DataFrame:
    """Return the rows of ``controle_bac`` of one visit of every zone.

    Parameters
    ----------
    panel
        Dwellings that are visited.
    visit
        Dates and season.
    exposure
        What reaches each zone; None before the nudge.
    truth
        What rows are drawn from.
    zone_ids : array of str, shape (Z,)
        Identifiers of the zones.
    measured : array of bool, shape (Z,)
        Zones that are visited.
    received : array, shape (H,)
        Part of its zone's effect that reaches each dwelling.
    seed
        Seed of the simulation.
    """
    seen = see_bins(
        panel,
        visit,
        truth,
        green=green_shares(panel, visit, exposure, truth, seed=seed, received=received),
        out=set_out_shares(panel, visit, exposure, truth, received=received),
        measured=measured,
        seed=seed,
    )
    return checks_frame(seen, visit, panel, zone_ids, n_assessors=truth.assessors.number, seed=seed)
