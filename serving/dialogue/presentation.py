"""A reply in the form of its channel: a message, a voice, a letter."""

from dataclasses import replace

from nudge.french.numbers import date_fr
from nudge.french.typography import typeset
from serving.dialogue.reply import Move, Reply, Source
from serving.dialogue.sensitive import is_sensitive
from serving.dialogue.turn import Turn
from serving.dialogue.words import choices_in_words
from serving.knowledge.speech import spoken

READ_ALOUD = 4


def present(turn: Turn, move: Move) -> Reply:
    """Reply of a turn: disclosure on the first one, warning, text and voice of the channel.

    Instructions of safety come before the disclosure; anything else comes after it.
    """
    known = turn.knowledge
    first = not turn.conversation.disclosed
    key = "disclosure_letter" if turn.is_letter else "disclosure"
    voice = turn.channel == "voice"
    disclosure = known.say(key, voice=voice) if first else None
    sensitive = is_sensitive(turn.message, known.lexicons)
    warning = known.say("sensitive") if sensitive else None
    body = [*move.paragraphs, *([warning] if warning else [])]
    if turn.is_letter:
        text = _letter(turn, move, body, disclosure)
    else:
        urgent = move.action.kind == "safety"
        opening, closing = ((), (disclosure,)) if urgent else ((disclosure,), ())
        text = "\n\n".join(one for one in (*opening, *body, *closing) if one)
    return Reply(
        text=text,
        speech_text=_speech(turn, move, warning),
        quick_replies=() if turn.is_letter else move.quick_replies,
        next_action=move.action,
        sources=move.sources,
        disclosure=disclosure,
        warning=warning,
        ticket=move.ticket,
        report=move.report,
        addition=move.addition,
        state=replace(move.state, turn=turn.conversation.turn + 1, disclosed=True),
    )


def _speech(turn: Turn, move: Move, warning: str | None) -> str:
    known = turn.knowledge
    parts = list(move.spoken or move.paragraphs)
    if warning:
        parts.append(warning)
    if turn.channel == "voice" and move.quick_replies:
        labels = [one.label for one in move.quick_replies[:READ_ALOUD]]
        parts.append(known.say("voice_choices", {"choix": choices_in_words(labels)}))
    if not turn.conversation.disclosed:
        disclosure = known.say("disclosure", voice=True)
        parts = [*parts, disclosure] if move.action.kind == "safety" else [disclosure, *parts]
    return " ".join(spoken(part) for part in parts)


def _letter(turn: Turn, move: Move, body: list[str], disclosure: str | None) -> str:
    say = turn.knowledge.say
    sure = turn.understanding.decision == "answer"
    intent = turn.knowledge.intents.get(turn.understanding.intent or "") if sure else None
    about = say("letter_body", {"sujet": intent.title}) if intent is not None else ""
    urgent = move.action.kind == "safety"
    opening = [say("letter_opening"), *([] if urgent else [about])]
    parts = [*opening, *body, *map(_credit, move.sources), say("letter_closing"), disclosure or "",
             say("letter_signature")]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _credit(source: Source) -> str:
    warning = " (donnée de démonstration)" if source.synthetic else ""
    address = f", {source.url}" if source.url else ""
    since = f"Réponse en vigueur depuis le {date_fr(source.date)}"
    return typeset(f"Source : {source.title}{address}. {since}{warning}.")
