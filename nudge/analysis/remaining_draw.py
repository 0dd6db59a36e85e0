"""The declared draw restricted to the zones that were measured."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from experiments.design.allocation_set import load, save
from experiments.design.draw_folder import SET_FILE


def remaining_draw(draw: Path, *, zones: Collection[str], folder: Path) -> Path:
    """Return a design folder whose allocations cover exactly the given zones.

    Where zones are lost for reasons unrelated to their arm, the admissible allocations of the
    zones that remain are those of the whole draw with the lost columns left out.

    Parameters
    ----------
    draw
        Folder written by the draw.
    zones
        Zones that were measured, all of them drawn.
    folder
        Where to write the restricted set when zones are missing.
    """
    declared = load(draw / SET_FILE)
    kept = [place for place, name in enumerate(declared.clusters) if name in zones]
    if len(kept) == len(declared.clusters):
        return draw
    restricted = replace(
        declared,
        clusters=tuple(declared.clusters[place] for place in kept),
        allocations=declared.allocations[:, kept],
        space=None,
    )
    save(restricted, folder / SET_FILE)
    return folder
