"""A turn to answer, with all that answering needs."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from serving.calendar.calendar import Calendar
from serving.calendar.opening_hours import OpeningHours
from serving.dialogue.conversation import Conversation
from serving.dialogue.reply import LETTERS, Channel
from serving.dialogue.understanding import Understanding
from serving.knowledge.knowledge_base import KnowledgeBase


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A message, what was understood of it, and what may be said."""

    understanding: Understanding
    message: str
    conversation: Conversation
    knowledge: KnowledgeBase
    calendar: Calendar
    opening_hours: OpeningHours
    channel: Channel
    now: datetime

    @property
    def today(self) -> date:
        """Day of the turn where the desk is."""
        return self.now.astimezone(ZoneInfo(self.opening_hours.desk.time_zone)).date()

    @property
    def is_letter(self) -> bool:
        """Whether the answer is a letter, after which nothing can be asked at once."""
        return self.channel in LETTERS

    def settled(self, **changes: Any) -> Conversation:
        """State after a turn that was understood: nothing open, no fallback counted."""
        fresh = {
            "open_slot": None,
            "fallbacks": 0,
            "clarified": (),
            "asked_day": None,
            "report": None,
            "ticket": None,
        }
        return replace(self.conversation, **(fresh | changes))
