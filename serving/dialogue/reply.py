"""What a turn answers, and what is to be done next."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from serving.dialogue.conversation import Conversation, ReportDraft

Channel = Literal["web", "voice", "form", "mail"]
# Channels whose reply is a letter, after which nothing can be asked at once.
LETTERS = frozenset({"form", "mail"})
ActionKind = Literal[
    "answer", "clarify", "ask_slot", "hand_over", "safety", "link", "report", "opt_out", "rights"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickReply:
    """A choice to click: what is shown, and what is sent back."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneOption:
    """A number to offer, with the name of who answers and what is not sure of it."""

    name: str
    number: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """What comes next; there always is something.

    Attributes
    ----------
    kind : str
        ``answer`` (nothing more is needed), ``clarify``, ``ask_slot``, ``hand_over``, ``safety``,
        ``link`` (a page to open), ``report`` (an incident report to create), ``opt_out`` (messages
        to stop today) or ``rights`` (a request on personal data to route today).
    target : str
        Intent, slot, page, or service that the action is about.
    phones : tuple of PhoneOption
        Numbers to offer.
    """

    kind: ActionKind
    target: str
    phones: tuple[PhoneOption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an answer comes from, since when, and whether it is a demonstration value."""

    title: str
    date: date
    synthetic: bool
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """A request for a person, without the citizen's words.

    Attributes
    ----------
    intent, theme, nature : str
        Typing of the request.
    reason : str
        Why it is handed over: ``asked``, ``anger``, ``not_understood``, ``degraded``,
        ``request`` (a person must act), ``check`` (a person must verify), ``rights``,
        ``opt_out``.
    channel : str
        Where it came from.
    commune : str or None
        INSEE code.
    opened : datetime
        Instant.
    due : date or None
        Day by which it must be treated; None where no rule says so.
    request_number : str
        Earlier reference that it follows; empty without one.
    """

    intent: str
    theme: str
    nature: str
    reason: str
    channel: Channel
    commune: str | None
    opened: datetime
    due: date | None = None
    request_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Sophie's turn.

    Attributes
    ----------
    text : str
        Complete text for the channel: a letter for ``mail`` and ``form``. It holds the disclosure
        and the warning, which are also given apart for screens that show them elsewhere.
    speech_text : str
        What is said aloud: no markup, address or pictogram.
    quick_replies : tuple of QuickReply
        Choices.
    next_action : NextAction
        Never empty.
    sources : tuple of Source
        Where the answer comes from.
    disclosure : str or None
        That she is an automaton, on the first turn.
    warning : str or None
        Not to write sensitive data, where the message did.
    ticket : TicketDraft or None
        Request to create for a person.
    report : ReportDraft or None
        Incident report to create, confirmed by the citizen.
    addition : str or None
        Number of the earlier request for a person to which the message is to be added.
    state : Conversation
        State for the next turn.
    """

    text: str
    speech_text: str
    quick_replies: tuple[QuickReply, ...]
    next_action: NextAction
    sources: tuple[Source, ...]
    disclosure: str | None
    warning: str | None
    ticket: TicketDraft | None
    report: ReportDraft | None
    addition: str | None
    state: Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A reply before it is put into the form of its channel.

    ``paragraphs`` are written; ``spoken`` replaces them aloud where it is not empty. Of ``state``,
    the turn and the disclosure are set when the reply is presented.
    """

    paragraphs: tuple[str, ...]
    action: NextAction
    state: Conversation
    spoken: tuple[str, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()
    sources: tuple[Source, ...] = ()
    ticket: TicketDraft | None = None
    report: ReportDraft | None = None
    addition: str | None = None
