"""What is known in a turn, as words that answers can use."""

import re
from datetime import date, timedelta

from nlu.entities.folding import fold_words
from nudge.french.numbers import MONTHS, NO_BREAK, and_list, date_fr
from serving.calendar.calendar import Sector
from serving.calendar.expansion import Disturbance, disturbances, next_collections
from serving.calendar.opening_hours import WEEKDAYS
from serving.dialogue.places import commune_of, commune_of_click, sector_of
from serving.dialogue.small_talk import politeness
from serving.dialogue.turn import Turn

REPEATED_SLOTS = (
    "user_category", "couleur_etiquette", "numero_demande", "categorie_dechet",
)  # fmt: skip
AHEAD = timedelta(days=30)
FEW_WORDS = 4
COLOUR = re.compile(r"\b(vert|orange|rouge)e?s?\b")
LABEL = re.compile(r"\b(?:l ?)?(?:eti[kq]\w*|autocol\w*|sticker)(?: est)? (vert|orange|rouge)e?\b")
ABOUT_BIN = re.compile(r"\b(?:bac|poubel)")


def known_words(turn: Turn) -> dict[str, str]:
    """Words for the answers of a turn; those that are not known are left out."""
    words = {name: found for name in REPEATED_SLOTS if (found := turn.understanding.value(name))}
    outside = turn.understanding.entity("commune_hors_territoire")
    if outside is not None:
        words["commune_hors_territoire"] = outside.text
    colour = label_colour(turn)
    if colour is not None:
        words["couleur_etiquette"] = colour
    words |= _object_words(turn)
    polite = politeness(turn)
    if polite is not None:
        words["politesse"] = polite
    commune = commune_of_click(turn) or commune_of(turn)
    if commune is not None:
        words["commune"] = turn.knowledge.communes[commune]
        sector = sector_of(turn, commune)
        if sector is not None:
            words |= _calendar_words(turn, sector)
    return words


def day_with_name(day: date, *, today: date) -> str:
    """Day of the week and of the month, with another year's number: ``jeudi 26 novembre``."""
    number = "1er" if day.day == 1 else str(day.day)
    year = f"{NO_BREAK}{day.year}" if day.year != today.year else ""
    return f"{WEEKDAYS[day.weekday()]} {number}{NO_BREAK}{MONTHS[day.month - 1]}{year}"


def label_colour(turn: Turn) -> str | None:
    """Colour of a label on a bin: said of the label, or in a few words when just asked."""
    said = fold_words(turn.message)
    found = LABEL.search(said)
    if found is None and turn.conversation.last_intent == "bac_refuse":
        few = len(said.split()) <= FEW_WORDS
        found = COLOUR.search(said) if few and not ABOUT_BIN.search(said) else None
    return found[1] if found is not None else None


def _object_words(turn: Turn) -> dict[str, str]:
    found = turn.knowledge.objects.get(turn.understanding.value("type_dechet"))
    if found is None:
        entity = turn.understanding.entity("flux")
        glass = entity is not None and entity.value == "verre"
        named = turn.understanding.entity("type_dechet") is not None
        return {"objet": "verre", "destination": "verre"} if glass and not named else {}
    words = {"objet": found.name, "categorie_dechet": found.category}
    return words | ({"destination": found.destination} if found.destination else {})


def _calendar_words(turn: Turn, sector: Sector) -> dict[str, str]:
    name, today = sector.name, turn.today
    words = {"secteur": name}
    coming = next_collections(turn.calendar, sector=sector.identifier, day=today)
    wanted = turn.understanding.value("flux")
    shown = [one for one in coming if one.flux == wanted] or coming
    if shown:
        words["prochaines_collectes"] = "\n".join(
            f"{one.label} : {'aujourd’hui, ' if one.day == today else ''}"
            + day_with_name(one.day, today=today)
            + (f", au lieu du {date_fr(one.moved_from)}" if one.moved_from else "")
            + " ;"
            for one in shown
        ).removesuffix(" ;") + "."  # fmt: skip
    green = [one for one in coming if one.flux == "dechets_verts"]
    if green:
        words["prochaine_dechets_verts"] = day_with_name(green[0].day, today=today)
    return words | _disturbance_words(turn, sector)


def _disturbance_words(turn: Turn, sector: Sector) -> dict[str, str]:
    asked = _asked_day(turn)
    start, end = (asked, asked) if asked else (turn.today, turn.today + AHEAD)
    known = turn.calendar.services.get(sector.identifier, ())
    if not known or end > max(service.last_day for service in known):
        return {}
    found = disturbances(turn.calendar, sector=sector.identifier, start=start, end=end)
    if found:
        return {"perturbations": "\n".join(_change(one, turn.today) for one in found)}
    return {
        "perturbation": "aucune",
        "periode": f"le {day_with_name(asked, today=turn.today)}"
        if asked
        else "dans les trente jours qui viennent",
    }


def _change(one: Disturbance, today: date) -> str:
    day, reason = day_with_name(one.day, today=today), f"motif : {one.reason}"
    if not one.cancelled:
        return f"{one.label} : collecte en plus le {day} ({reason})."
    if one.replaced_by is None:
        return f"{one.label} : pas de collecte le {day} ({reason})."
    moved = day_with_name(one.replaced_by, today=today)
    return f"{one.label} : la collecte du {day} est reportée au {moved} ({reason})."


def _asked_day(turn: Turn) -> date | None:
    """Single day that the message names, None for a period, a past day or no date."""
    try:
        said = turn.understanding.value("date") or turn.conversation.asked_day or ""
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return day if day >= turn.today else None


def choices_in_words(labels: list[str]) -> str:
    """Choices as a sentence says them: ``« Compost » ou « Bac cassé »``."""
    return and_list([f"« {label} »" for label in labels], word="ou")
