"""Where incidents are taken: a box around the territory."""

from nudge.territory.territory import Territory
from nudge.territory.territory_checks import BOXES, Box

# Width of the ring around the outermost known zone, in degrees: about 2 km.
MARGIN = 0.02
EVERYWHERE = Box(south=-90.0, north=90.0, west=-180.0, east=180.0)


def territory_box(territory: Territory) -> Box:
    """Return the box of coordinates in which an incident is taken.

    It is the wide box known for the intercommunality; for another one, that of its zones with
    a margin, or the whole world where no zone has coordinates.
    """
    for siren in territory.communes["siren_epci"].unique():
        if siren in BOXES:
            return BOXES[siren]
    placed = territory.zones.dropna(subset=["latitude", "longitude"])
    if placed.empty:
        return EVERYWHERE
    return Box(
        south=float(placed["latitude"].min()) - MARGIN,
        north=float(placed["latitude"].max()) + MARGIN,
        west=float(placed["longitude"].min()) - MARGIN,
        east=float(placed["longitude"].max()) + MARGIN,
    )
