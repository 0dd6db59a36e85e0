"""True effects on measures that are not bin checks."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

from nudge.simulation.exposure import Exposure, all_in, untouched
from nudge.simulation.levels import LOWEST
from nudge.simulation.measure_levels import beta_size, zone_levels
from nudge.simulation.measure_truth import MEASURE_OF, UPPER
from nudge.simulation.occasions import Occasion
from nudge.simulation.readings import OVERFLOW_PCT
from nudge.simulation.true_effects import TrueEffect
from nudge.simulation.truth import Truth

Floats = npt.NDArray[np.float64]


def true_measure_effects(
    visits: Sequence[Occasion],
    truth: Truth,
    *,
    outcome: str,
    arms: tuple[str, ...],
    control: int | None,
    exposure: Exposure | None,
    n_zones: int,
    seed: int,
) -> list[TrueEffect]:
    """Return the true effect of each nudged arm on an outcome that is no bin check.

    Nothing is misread in these, and every zone is read as often: seen and true effects, on zones
    and on units, are the same. Parameters as for
    :func:`nudge.simulation.true_effects.true_bin_effects`.
    """

    def levels(found: Exposure) -> Floats:
        return _levels(outcome, visits, found, truth, n_zones=n_zones, seed=seed)

    bare = levels(untouched(arms, n_zones))
    spilled = 0.0
    if exposure is not None and control is not None and truth.spillover > 0:
        mine = exposure.arm == control
        spilled = float((levels(exposure) - bare)[:, mine].mean())
    waves = np.array([visit.wave for visit in visits])
    effects = []
    for place, name in enumerate(arms):
        if place == control:
            continue
        gain = levels(all_in(arms, place, n_zones)) - bare
        mean, level = float(gain.mean()), float(bare.mean())
        effects.append(
            TrueEffect(
                outcome=outcome,
                arm=name,
                on_average_zone=mean,
                on_average_unit=mean,
                on_average_zone_as_seen=mean,
                on_average_unit_as_seen=mean,
                control_level=level,
                control_level_as_seen=level,
                spilled=spilled,
                by_wave={
                    wave: float(gain[waves == wave].mean())
                    for wave in dict.fromkeys(waves.tolist())
                },
            )
        )
    return effects


def _levels(
    outcome: str,
    visits: Sequence[Occasion],
    exposure: Exposure,
    truth: Truth,
    *,
    n_zones: int,
    seed: int,
) -> Floats:
    """Mean of the outcome in each visit and zone, shape (V, Z)."""
    measure = MEASURE_OF.get(outcome, outcome)
    level = zone_levels(measure, visits, exposure, truth, n_zones=n_zones, seed=seed)
    if outcome == measure:
        return level
    told, upper = truth.measure(measure), UPPER[measure]
    share = np.clip(level / upper, LOWEST, 1 - LOWEST)
    size = beta_size(share, (1 - told.icc) * told.sd**2 / upper**2)
    chance: Floats = stats.beta.sf(OVERFLOW_PCT / upper, share * size, (1 - share) * size)
    return chance
