"""Playing invented visits through the interface of Sophie, and noting what came of them."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import pandas as pd

from serving.simulation.visits import Said, Visit

MOST_TURNS = 8
SECONDS_BETWEEN_TURNS = (15, 90)
ANSWERED = frozenset({"answer", "link"})
CHOSEN = frozenset({"ask_slot", "clarify"})
ENDED = frozenset({"hand_over", "safety", "opt_out"})
# Invented: opinions from 1 to 5 of those who were answered, and of the others.
RATINGS: Mapping[bool, tuple[float, ...]] = MappingProxyType(
    {True: (0.03, 0.05, 0.14, 0.38, 0.40), False: (0.18, 0.20, 0.26, 0.22, 0.14)}
)
_PUNCTUATION = re.compile(r"[^\w\s'’-]")
_PHASE = re.compile(r"([\w-]+);dur=([\d.]+)")


class Response(Protocol):
    """What a client of HTTP gives back, such as that of httpx."""

    @property
    def status_code(self) -> int:
        """Status."""

    @property
    def headers(self) -> Any:
        """Headers by name."""

    def json(self) -> Any:
        """Content."""


# Path and body to response.
Post = Callable[[str, dict[str, Any]], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What simulated citizens do once they are answered: the truth of the simulation.

    Attributes
    ----------
    interest
        Chance that a person ends by asking for an eco-gesture, none having been shown.
    effect
        What an eco-gesture shown adds to it.
    stops
        Chance that a person to whom one was shown then wants no more.
    rates
        Chance that a person gives an opinion.
    """

    interest: float = 0.10
    effect: float = 0.10
    stops: float = 0.05
    rates: float = 0.30


class RefusedTurnError(RuntimeError):
    """The interface refused what a simulated citizen said."""


def play(
    visits: Sequence[Visit],
    *,
    post: Post,
    set_clock: Callable[[datetime], None],
    habits: Habits,
    eco_requests: Sequence[Said],
    seed: int,
) -> pd.DataFrame:
    """Hold the conversations of visits, one after the other, at the hour of each.

    A person answers a question by a click, of her commune where that is asked, and leaves when
    handed over. Whatever else happens, those who are interested ask about eco-gestures last: all
    that the interface counts as interest comes after an exposure.

    Parameters
    ----------
    visits
        Of :func:`serving.simulation.visits.day_of_visits`.
    post
        Sends to ``/v1/messages`` and ``/v1/feedback``.
    set_clock
        Tells the service the time.
    habits
        What people do.
    eco_requests
        Ways to ask about eco-gestures.
    seed
        Seed, not negative. What a person would do does not depend on her arm.

    Returns
    -------
    DataFrame
        One row a turn: ``visit``, ``session``, ``at`` (Paris), ``channel``, ``commune``, ``text``,
        ``said`` (intent given by the author of the text; missing for clicks), ``intent``,
        ``confidence``, ``decision``, ``next_action``, ``arm`` (of the eco-gesture shown; empty
        where none was), ``rating`` (on the last turn), ``total_ms`` (seen by the client) and one
        column a phase of ``Server-Timing``, ``<phase>_ms``.

    Raises
    ------
    RefusedTurnError
        The interface answered with an error.
    """
    rows = [
        row
        for visit in visits
        for row in _Conversation(
            visit, post, set_clock, np.random.default_rng([seed, visit.number])
        ).held(habits, eco_requests)
    ]
    return pd.DataFrame(rows)


class _Conversation:
    """One visit as it goes."""

    def __init__(
        self,
        visit: Visit,
        post: Post,
        set_clock: Callable[[datetime], None],
        rng: np.random.Generator,
    ) -> None:
        self._visit, self._post, self._set_clock, self._rng = visit, post, set_clock, rng
        self._at = visit.at
        self._session: str | None = None
        self.rows: list[dict[str, Any]] = []

    def held(self, habits: Habits, eco_requests: Sequence[Said]) -> list[dict[str, Any]]:
        """Hold it; return its turns."""
        would_ask, would_stop, would_rate = self._rng.random(3)
        eco = eco_requests[int(self._rng.integers(len(eco_requests)))]
        for said in self._visit.requests:
            if not self._settled(said):
                break
        shown = any(row["arm"] for row in self.rows)
        answered = any(row["next_action"] in ANSWERED for row in self.rows)
        if answered and would_ask < habits.interest + habits.effect * shown:
            self._say({"text": self._worded(eco.text)}, said=eco.intent)
        if shown and would_stop < habits.stops:
            self._say({"payload": "intent:nudge_stop"}, said=None)
        if would_rate < habits.rates:
            self._rate(answered=answered)
        return self.rows

    def _settled(self, said: Said) -> bool:
        """Ask for something and answer questions; return whether the conversation goes on."""
        answer = self._say({"text": self._worded(said.text)}, said=said.intent)
        while answer["next_action"]["kind"] in CHOSEN and answer["quick_replies"]:
            if len(self.rows) >= MOST_TURNS:
                return False
            answer = self._say({"payload": self._click(answer["quick_replies"])}, said=None)
        return answer["next_action"]["kind"] not in ENDED and len(self.rows) < MOST_TURNS

    def _say(self, message: dict[str, Any], *, said: str | None) -> dict[str, Any]:
        body = {**message, "channel": self._visit.channel}
        if self._session is not None:
            body["session_id"] = self._session
        self._set_clock(self._at)
        started = time.perf_counter()
        response = self._post("/v1/messages", body)
        spent = time.perf_counter() - started
        answer = _content(response, expected=200)
        self._session = answer["session_id"]
        nudge = answer["nudge"]
        self.rows.append(
            {
                "visit": self._visit.number,
                "session": self._session,
                "at": self._at,
                "channel": self._visit.channel,
                "commune": self._visit.commune,
                "text": message.get("text", message.get("payload")),
                "said": said,
                **answer["understanding"],
                "next_action": answer["next_action"]["kind"],
                "arm": nudge["arm"] if nudge else "",
                "rating": None,
                "total_ms": 1_000 * spent,
                **dict(_phases(response)),
            }
        )
        self._at += timedelta(seconds=int(self._rng.integers(*SECONDS_BETWEEN_TURNS)))
        return answer

    def _click(self, choices: Sequence[dict[str, str]]) -> str:
        home = f"commune:{self._visit.commune}"
        payloads = [choice["payload"] for choice in choices]
        return home if home in payloads else payloads[0]

    def _rate(self, *, answered: bool) -> None:
        rating = 1 + int(self._rng.choice(5, p=RATINGS[answered]))
        self._set_clock(self._at)
        _content(
            self._post("/v1/feedback", {"session_id": self._session, "rating": rating}),
            expected=201,
        )
        self.rows[-1]["rating"] = rating

    def _worded(self, text: str) -> str:
        if self._visit.channel != "voice":
            return text
        return " ".join(_PUNCTUATION.sub(" ", text).lower().split())


def _content(response: Response, *, expected: int) -> dict[str, Any]:
    content: dict[str, Any] = response.json()
    if response.status_code != expected:
        raise RefusedTurnError(f"{response.status_code}: {content}")
    return content


def _phases(response: Response) -> Iterator[tuple[str, float]]:
    for name, milliseconds in _PHASE.findall(response.headers.get("Server-Timing", "")):
        yield f"{name}_ms", float(milliseconds)
