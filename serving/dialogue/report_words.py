"""The citizen's words in an incident report: its place, its description, its details."""

from dataclasses import replace

from serving.dialogue.conversation import ReportDraft
from serving.dialogue.places import AROUND_A_PLACE
from serving.dialogue.turn import Turn
from serving.knowledge.lexicon import without
from serving.knowledge.rendering import as_data

LONGEST_DESCRIPTION = 2_000
# Words around a yes or a place that describe nothing.
SAYS_NOTHING = frozenset(
    {"allez", "avec", "ce", "ci", "devant", "face", "ici", "il", "l", "les", "merci", "plait",
     "pres", "rue", "s", "si", "te", "transmettez", "transmettre", "vas", "vous", "y"}
)  # fmt: skip


def detailed(turn: Turn, draft: ReportDraft) -> ReportDraft:
    """Draft whose description keeps a message that says more than yes or the place asked for."""
    slot, entities = turn.conversation.open_slot, turn.understanding.entities
    address = turn.understanding.entity("adresse")
    if slot != "confirmation" and (slot == "type_incident" or address is None):
        return draft
    rest = turn.message
    for entity in sorted(entities, key=lambda one: one.start, reverse=True):
        if entity.name in ("adresse", "commune"):
            rest = f"{rest[: entity.start]} {rest[entity.end :]}"
    lexicons = turn.knowledge.lexicons
    said = set(without(rest, (*lexicons.agree, *lexicons.acknowledge, *lexicons.thanks)).split())
    if said <= AROUND_A_PLACE | SAYS_NOTHING:
        return draft
    return replace(draft, description=described(f"{draft.description}\n{turn.message}"))


def described(text: str) -> str:
    """Citizen's words for a report: without control characters, at most 2,000 characters."""
    return as_data(text[:LONGEST_DESCRIPTION]).strip()


def place_in_words(text: str) -> str:
    """Citizen's words for a place: on one line, at most 200 characters."""
    return as_data(" ".join(text[:LONGEST_DESCRIPTION].split()))
