from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from nlu.entities.entity import Candidate, Entity
from serving.calendar.load import load_calendar
from serving.calendar.opening_hours import load_opening_hours
from serving.dialogue.conversation import Conversation
from serving.dialogue.quick_replies import understanding_of_click
from serving.dialogue.routing import reply
from serving.dialogue.understanding import Understanding
from serving.knowledge.load import load_answers

OPEN = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))


def understood(intent, decision="answer", ranking=None, reason="", degraded=False, **slots):
    entities = tuple(
        one
        if isinstance(one, Entity)
        else Entity(name=name, start=0, end=len(one), text=one, value=one)
        for name, one in slots.items()
    )
    if ranking is None:
        ranking = () if intent is None else ((intent, 0.9),)
    return Understanding(
        intent=intent,
        confidence=ranking[0][1] if ranking else 0.0,
        decision=decision,
        ranking=tuple(ranking),
        entities=entities,
        reason=reason,
        degraded=degraded,
    )


def ambiguous(name, text, values, labels=None):
    labels = labels or values
    candidates = tuple(Candidate(value=v, label=n) for v, n in zip(values, labels, strict=True))
    return Entity(name=name, start=0, end=len(text), text=text, value="", candidates=candidates)


class Chat:
    """One conversation, turn after turn."""

    def __init__(self, knowledge, calendar, opening_hours, now=OPEN, channel="web"):
        self.parts = {"knowledge": knowledge, "calendar": calendar, "opening_hours": opening_hours}
        self.now, self.channel, self.state = now, channel, Conversation()

    def say(self, message, intent=None, *args, **kwargs):
        found = intent if isinstance(intent, Understanding) else understood(intent, *args, **kwargs)
        return self._turn(message, found)

    def click(self, payload, label="choix"):
        return self._turn(label, understanding_of_click(payload, self.parts["knowledge"]))

    def _turn(self, message, found):
        answered = reply(
            found,
            message=message,
            conversation=self.state,
            channel=self.channel,
            now=self.now,
            **self.parts,
        )
        self.state = answered.state
        return answered


@pytest.fixture(scope="session")
def parts():
    return load_answers(), load_calendar(), load_opening_hours()


@pytest.fixture
def chat(parts):
    return Chat(*parts)


@pytest.fixture
def new_chat(parts):
    return lambda **options: Chat(*parts, **options)


@pytest.fixture(scope="session")
def make():
    return SimpleNamespace(understood=understood, ambiguous=ambiguous)
