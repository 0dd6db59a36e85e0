"""The state of a conversation as text."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import Any

from serving.dialogue.conversation import Conversation, OpenTicket, ReportDraft

_FIELDS = frozenset(field.name for field in fields(Conversation))


def state_to_json(state: Conversation, *, redacted: Callable[[str], str]) -> str:
    """Return a state as text.

    The description of an incident being reported is redacted. Its place is not: a report
    without its place is worth nothing, and a place is no person.
    """
    if state.report is not None:
        described = replace(state.report, description=redacted(state.report.description))
        state = replace(state, report=described)
    return json.dumps(asdict(state), ensure_ascii=False)


def state_from_json(text: str) -> Conversation:
    """Return a state from its text; fields that this version does not know are left out."""
    content: dict[str, Any] = json.loads(text)
    known = {name: value for name, value in content.items() if name in _FIELDS}
    for name in ("clarified", "possible_communes"):
        known[name] = tuple(known.get(name) or ())
    if known.get("report") is not None:
        known["report"] = ReportDraft(**known["report"])
    if known.get("ticket") is not None:
        known["ticket"] = OpenTicket(**known["ticket"])
    return Conversation(**known)
