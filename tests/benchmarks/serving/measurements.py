"""What was measured of one server, and its summaries: quantiles, rates, ratios, intervals."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]
QUANTILES = (0.5, 0.95, 0.99)
DRAWS = 1_000
OK, TOO_MANY, UNANSWERED = 200, 429, 0


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate and its 95 % interval; NaN where there is none."""

    value: float
    low: float = float("nan")
    high: float = float("nan")

    def text(self, digits: int = 1) -> str:
        if np.isnan(self.value):
            return "–"
        shown = f"{self.value:.{digits}f}"
        if np.isnan(self.low):
            return shown
        return f"{shown} [{self.low:.{digits}f}, {self.high:.{digits}f}]"


@dataclass(kw_only=True)
class Latencies:
    """Milliseconds of requests in one-second blocks, over all rounds."""

    blocks: list[Array] = field(default_factory=list)

    def add(self, result: dict[str, Any]) -> None:
        due, done = np.asarray(result["due"]), np.asarray(result["done"])
        second = due.astype(np.int64)
        self.blocks += [1e3 * (done - due)[second == one] for one in np.unique(second)]

    def quantiles(self) -> list[Interval]:
        """Of all requests; intervals by bootstrap of the blocks, for neighbours wait together."""
        if not self.blocks:
            return [Interval(value=float("nan"))] * len(QUANTILES)
        values = np.quantile(np.concatenate(self.blocks), QUANTILES)
        draw = np.random.default_rng(0)
        drawn = np.empty((DRAWS, len(QUANTILES)))
        for row in range(DRAWS):
            chosen = draw.integers(len(self.blocks), size=len(self.blocks))
            drawn[row] = np.quantile(np.concatenate([self.blocks[i] for i in chosen]), QUANTILES)
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        return [
            Interval(value=float(v), low=float(a), high=float(b))
            for v, a, b in zip(values, low, high, strict=True)
        ]


@dataclass(kw_only=True)
class ServerFigures:
    """All that was measured of one server.

    Attributes
    ----------
    ready : list of float
        Seconds from start to ready, one a start.
    memory : dict of str to float
        After all requests, in MB.
    saturation : float
        Requests a second found by the search, that half of is taken from.
    connections : int
        Of the closed loop at which that was reached.
    latencies : dict of str to Latencies
        By what was asked: ``20``, ``100``, ``half``, ``saturation``.
    rates : dict of str to list of float
        Texts a second, one a round: ``one`` text a request, or the batched path's name.
    cpu : dict of str to list of float
        Milliseconds of processor time of the server a text, likewise.
    statuses : Counter
        Answers by status; 0 is no answer.
    intents : list of str or None
        Of the texts on which servers are compared.
    """

    ready: list[float] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)
    saturation: float = float("nan")
    connections: int = 1
    latencies: dict[str, Latencies] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    intents: list[str | None] = field(default_factory=list)

    def count(self, result: dict[str, Any]) -> None:
        self.statuses.update(result["status"])


def texts_per_second(result: dict[str, Any], *, texts: int) -> float:
    """Texts of good answers a second, from the first request to the last answer."""
    good = sum(status == OK for status in result["status"])
    return texts * good / (max(result["done"]) - min(result["due"]))


def mean_of_rounds(values: list[float]) -> Interval:
    """Geometric mean over rounds with Student's interval on the logarithms."""
    logs = np.log([value for value in values if value > 0])
    if not len(logs):
        return Interval(value=float("nan"))
    centre = float(logs.mean())
    if len(logs) < 2:
        return Interval(value=float(np.exp(centre)))
    margin = float(stats.t.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / np.sqrt(len(logs)))
    low, high = np.exp([centre - margin, centre + margin])
    return Interval(value=float(np.exp(centre)), low=float(low), high=float(high))


def ratio_of_rounds(values: list[float], others: list[float]) -> Interval:
    """Geometric mean of the ratios round by round: a busy neighbour slows both of a round."""
    return mean_of_rounds([a / b for a, b in zip(values, others, strict=True) if b > 0])


def agreement(intents: list[str | None], others: list[str | None]) -> float:
    """Share of texts with the same intent."""
    return float(np.mean([a == b for a, b in zip(intents, others, strict=True)]))
