"""Invented places: how many zones a commune has, where they stand, reproducible draws."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import TypeVar

METRES_PER_DEGREE = 111_195.0
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))

# Schematic centres, rounded to a hundredth of a degree and never surveyed: they only keep the
# communes apart, so that invented zones of two of them do not mix.
SCHEMATIC_CENTRES: Mapping[str, tuple[float, float]] = {
    "14059": (49.34, 0.04),
    "14079": (49.33, 0.02),
    "14220": (49.36, 0.07),
    "14557": (49.34, 0.08),
    "14578": (49.35, 0.18),
    "14645": (49.29, 0.04),
    "14699": (49.35, 0.10),
    "14701": (49.33, 0.06),
    "14715": (49.37, 0.09),
    "14731": (49.31, 0.06),
    "14754": (49.32, -0.01),
    "14755": (49.40, 0.13),
}

Place = tuple[float, float]
Item = TypeVar("Item")


def uniform(seed: int, *key: object) -> float:
    """Return a number in (0, 1) that depends on the seed and the key alone.

    Drawn from SHA-256, so that files are the same bytes with every version of every library,
    and that adding a zone leaves the others as they were.
    """
    text = "|".join(map(str, (seed, *key)))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
    return (number + 0.5) / 2**48


def normal(seed: int, *key: object) -> float:
    """Return a standard normal number that depends on the seed and the key alone."""
    return NormalDist().inv_cdf(uniform(seed, *key))


def choice(seed: int, *key: object, among: Mapping[str, float]) -> str:
    """Return one of the names, with probability in proportion to its weight."""
    rest = uniform(seed, *key) * sum(among.values())
    for name, weight in among.items():
        rest -= weight
        if rest < 0:
            return name
    return name


def shared_out(total: int, weights: Mapping[str, float], *, floor: int) -> dict[str, int]:
    """Share ``total`` out in proportion to the weights, at least ``floor`` each.

    Highest averages by the method of Sainte-Laguë, begun from the floor.
    """
    counts = dict.fromkeys(weights, floor)
    for _ in range(total - floor * len(weights)):
        neediest = max(weights, key=lambda name: weights[name] / (2 * counts[name] + 1))
        counts[neediest] += 1
    return counts


def chunks(items: Sequence[Item], number: int) -> list[Sequence[Item]]:
    """Cut a sequence into ``number`` consecutive parts of nearly equal length."""
    edges = [len(items) * part // number for part in range(number + 1)]
    return [items[start:end] for start, end in pairwise(edges)]


def moved(place: Place, *, north_m: float, east_m: float) -> Place:
    """Return the place so many metres north and east of another, to 5 decimals."""
    latitude, longitude = place
    shrink = math.cos(math.radians(latitude))
    return (
        round(latitude + north_m / METRES_PER_DEGREE, 5),
        round(longitude + east_m / (METRES_PER_DEGREE * shrink), 5),
    )


def sunflower(centre: Place, number: int, *, spacing_m: float, seed: int, key: str) -> list[Place]:
    """Return places spread evenly about a centre, ordered by bearing so that chunks are sectors.

    Points of Vogel's spiral, jittered by a tenth of the spacing.
    """
    polar = [
        (math.fmod(index * GOLDEN_ANGLE, 2 * math.pi), spacing_m / 1.8 * math.sqrt(index + 0.5))
        for index in range(number)
    ]
    return [
        moved(
            centre,
            north_m=radius * math.cos(angle) + spacing_m / 10 * normal(seed, key, index, "north"),
            east_m=radius * math.sin(angle) + spacing_m / 10 * normal(seed, key, index, "east"),
        )
        for index, (angle, radius) in enumerate(sorted(polar))
    ]


def middle(places: Sequence[Place]) -> Place:
    """Return the mean of places, to 5 decimals."""
    latitudes, longitudes = zip(*places, strict=True)
    return round(math.fsum(latitudes) / len(places), 5), round(
        math.fsum(longitudes) / len(places), 5
    )
