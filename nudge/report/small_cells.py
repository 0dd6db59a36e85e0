"""Figures on too few zones or units are not shown."""

from nudge.analysis.result import ArmLevel, OutcomeResult
from nudge.french.numbers import whole

SMALL_CELL = 5
HIDDEN = f"non montré (moins de {SMALL_CELL})"


def large_enough(level: ArmLevel) -> bool:
    """Whether a level rests on enough zones and units to be shown."""
    return min(level.zones, level.units) >= SMALL_CELL


def overall_levels(found: OutcomeResult) -> tuple[ArmLevel, ...]:
    """Levels over all follow-up waves that may be shown, by arm."""
    return tuple(one for one in found.levels if not one.wave and large_enough(one))


def units_text(units: int | None) -> str:
    """Return a number of units; small ones are hidden, unknown ones a dash."""
    if units is None:
        return "–"
    return f"moins de {SMALL_CELL}" if 0 < units < SMALL_CELL else whole(units)
