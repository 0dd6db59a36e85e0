"""Which commune and which collection sector a turn is about."""

import re
from collections.abc import Iterable
from dataclasses import replace

from nlu.entities.entity import Entity
from nlu.entities.folding import fold_words
from serving.calendar.calendar import Sector
from serving.dialogue.reply import QuickReply
from serving.dialogue.turn import Turn

# A voice says its numbers in words.
ORDINALS = {"un": 1, "premier": 1, "deux": 2, "deuxieme": 2, "second": 2, "trois": 3,
            "troisieme": 3, "quatre": 4, "quatrieme": 4, "cinq": 5, "cinquieme": 5}  # fmt: skip
SPELLED = re.compile(rf"(?:(?:c est|le|secteur|numero) )*({'|'.join(ORDINALS)})(?: secteur)?")
NAMED = re.compile(rf"\bsecteur (?:numero )?(\d|{'|'.join(ORDINALS)})\b")
AROUND_A_PLACE = frozenset(
    {"a", "au", "bonjour", "c", "code", "commune", "dans", "de", "est", "et", "h", "habite",
     "habitons", "j", "je", "la", "le", "mon", "ma", "moi", "nous", "postal", "suis", "sur", "svp",
     "ville", "vis"}
)  # fmt: skip
COMMUNE_SLOTS = frozenset({"commune", "lieu_commune"})


def commune_of(turn: Turn) -> str | None:
    """INSEE code of the commune of a turn, said now or before; None when it must be asked.

    A name that could be something else, such as that of the river, is taken for the only commune
    that it may designate when the commune was just asked.
    """
    entity = turn.understanding.entity("commune")
    if entity is None:
        return turn.conversation.commune
    if entity.value in turn.knowledge.communes:
        return entity.value
    choices = _known_candidates(turn, entity)
    if turn.conversation.commune in choices:
        return turn.conversation.commune
    asked = turn.conversation.open_slot in COMMUNE_SLOTS
    return choices[0] if asked and len(choices) == 1 else None


def with_place_remembered(turn: Turn) -> Turn:
    """Turn whose state knows the commune that the message gives, or those it leaves possible."""
    state, named = turn.conversation, designated_communes(turn)
    if not named or (len(named) > 1 and state.commune in named):
        return turn
    commune = named[0] if len(named) == 1 else None
    known = replace(
        state,
        commune=commune,
        sector=state.sector if commune == state.commune else None,
        possible_communes=named if commune is None else (),
    )
    return replace(turn, conversation=known)


def designated_communes(turn: Turn) -> tuple[str, ...]:
    """INSEE codes of the communes that a message designates; several when it leaves a doubt.

    Words that may designate a commune that is named besides are about it: « Deauville 14800 » is
    Deauville.
    """
    found = [one for one in turn.understanding.entities if one.name == "commune"]
    named = [one.value for one in found if one.value in turn.knowledge.communes]
    for one in found:
        several = [] if one.value else _known_candidates(turn, one)
        if len(several) > 1 and not set(several) & set(named):
            named += several
    return tuple(dict.fromkeys(named))


def is_place_alone(turn: Turn) -> bool:
    """Whether a message names a commune of the territory and says nothing else."""
    entity = turn.understanding.entity("commune")
    if entity is None:
        return False
    rest = fold_words(turn.message[: entity.start] + " " + turn.message[entity.end :])
    return set(rest.split()) <= AROUND_A_PLACE


def commune_choices(turn: Turn) -> tuple[QuickReply, ...]:
    """Communes to choose among: those that the words may designate, else all of them."""
    entity = turn.understanding.entity("commune")
    codes = _known_candidates(turn, entity) if entity is not None else []
    possible = codes or designated_communes(turn) or turn.conversation.possible_communes
    return communes_to_click(turn, possible or turn.knowledge.communes)


def communes_to_click(turn: Turn, codes: Iterable[str]) -> tuple[QuickReply, ...]:
    """Communes as choices, in order of name."""
    names = sorted((turn.knowledge.communes[code], code) for code in codes)
    return tuple(QuickReply(label=name, payload=f"commune:{code}") for name, code in names)


def ambiguous_words(turn: Turn) -> str:
    """Words of the message that may designate several communes; empty when none do."""
    entity = turn.understanding.entity("commune")
    several = entity is not None and len(_known_candidates(turn, entity)) > 1
    return entity.text if entity is not None and several and not entity.value else ""


def sector_of(turn: Turn, commune: str) -> Sector | None:
    """Sector of a turn in a commune, None when there are several and none was chosen."""
    sectors = turn.calendar.sectors_of(commune)
    chosen = turn.understanding.value("secteur") or typed_sector(turn) or turn.conversation.sector
    found = [one for one in sectors if one.identifier == chosen]
    if found:
        return found[0]
    return sectors[0] if len(sectors) == 1 else None


def typed_sector(turn: Turn) -> str | None:
    """Sector that a message names; by its number alone when it was just asked, None otherwise."""
    folded, asked = fold_words(turn.message), turn.conversation.open_slot == "secteur"
    named_so = NAMED.search(folded)
    if turn.conversation.commune is None or not (asked or named_so):
        return None
    said = set(re.findall(r"\w+", turn.message))
    sectors = turn.calendar.sectors_of(turn.conversation.commune)
    spelled = named_so or SPELLED.fullmatch(folded)
    if spelled is not None:
        said = {str(ORDINALS.get(spelled[1], spelled[1]))}
    named = [one.identifier for one in sectors if one.name.split()[-1] in said]
    return named[0] if len(named) == 1 else None


def commune_of_click(turn: Turn) -> str | None:
    """Commune of a sector that was clicked, None without one."""
    sector = turn.calendar.sectors.get(turn.understanding.value("secteur"))
    return sector.insee if sector is not None else None


def _known_candidates(turn: Turn, entity: Entity) -> list[str]:
    return [one.value for one in entity.candidates if one.value in turn.knowledge.communes]
