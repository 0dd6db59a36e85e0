"""An invented day: who writes to Sophie, when, by which channel, from which commune."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

PARIS = ZoneInfo("Europe/Paris")
# Invented: weight of each hour of the day. Two peaks, little at night.
HOURS = (1, 0, 0, 0, 0, 1, 2, 5, 9, 12, 12, 10, 7, 7, 9, 9, 8, 8, 8, 6, 5, 4, 3, 2)
# Invented: weight of each channel.
CHANNELS: Mapping[str, float] = MappingProxyType(
    {"web": 0.72, "form": 0.12, "mail": 0.08, "voice": 0.08}
)
# Invented: chance that one more request follows, and most of them.
ONE_MORE, MOST_REQUESTS = 0.3, 3
SECONDS_OF_AN_HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a citizen writes, and the intent that its author gave it."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One citizen who comes to Sophie.

    Attributes
    ----------
    number
        From 0, in the order of the day.
    at
        When she writes first.
    channel
        ``web``, ``form``, ``mail`` or ``voice``.
    commune
        INSEE code of where she lives, told when Sophie asks.
    requests
        What she came for, in order.
    """

    number: int
    at: datetime
    channel: str
    commune: str
    requests: tuple[Said, ...]


def day_of_visits(
    pool: Sequence[Said],
    *,
    day: date,
    visits: int,
    communes: Mapping[str, float],
    seed: int,
) -> tuple[Visit, ...]:
    """Invent the visits of a day, in order of time.

    Parameters
    ----------
    pool
        What may be said; drawn with the same chance each, with replacement.
    day
        Day, in Paris.
    visits
        Number of them.
    communes
        INSEE code to weight, such as a population.
    seed
        Seed, not negative: the same one gives the same day.

    Raises
    ------
    ValueError
        There is nothing to say, or no commune.
    """
    if not pool or not communes:
        raise ValueError("a day needs texts and communes")
    rng = np.random.default_rng([seed, day.toordinal()])
    hours = rng.choice(len(HOURS), size=visits, p=_shares(HOURS))
    seconds = np.sort(hours * SECONDS_OF_AN_HOUR + rng.integers(SECONDS_OF_AN_HOUR, size=visits))
    channels = rng.choice(list(CHANNELS), size=visits, p=_shares(tuple(CHANNELS.values())))
    homes = rng.choice(list(communes), size=visits, p=_shares(tuple(communes.values())))
    requests = np.minimum(rng.geometric(1 - ONE_MORE, size=visits), MOST_REQUESTS)
    said = rng.integers(len(pool), size=(visits, MOST_REQUESTS))
    midnight = datetime.combine(day, time(), tzinfo=PARIS)
    return tuple(
        Visit(
            number=number,
            at=midnight + timedelta(seconds=int(seconds[number])),
            channel=str(channels[number]),
            commune=str(homes[number]),
            requests=tuple(pool[place] for place in said[number, : requests[number]]),
        )
        for number in range(visits)
    )


def _shares(weights: Sequence[float]) -> npt.NDArray[np.float64]:
    values = np.asarray(weights, dtype=np.float64)
    shares: npt.NDArray[np.float64] = values / values.sum()
    return shares
