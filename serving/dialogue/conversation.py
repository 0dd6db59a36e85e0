"""What is remembered between the turns of a conversation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """An incident report being filled in (fields of Open311 GeoReport v2).

    Attributes
    ----------
    intent : str
        Intent that opened it.
    service_code : str
        Kind of incident; empty until it is known.
    address_string : str
        Place in the citizen's words.
    commune : str
        INSEE code; empty when it is not known.
    description : str
        Citizen's words, to be redacted before they are stored.
    """

    intent: str
    service_code: str = ""
    address_string: str = ""
    commune: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket:
    """A request for a person that the citizen may still complete.

    Attributes
    ----------
    number : str
        Number to quote.
    intent : str
        Its subject.
    """

    number: str
    intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """State of a conversation, carried by the client or kept by session.

    Attributes
    ----------
    turn : int
        Turns so far.
    last_intent : str or None
        Intent of the last answered turn, to which a slot that is asked belongs.
    open_slot : str or None
        What the last turn asked: ``commune``, ``secteur``, ``type_dechet``, ``type_incident``,
        ``lieu``, ``lieu_commune`` or ``confirmation``.
    fallbacks : int
        Turns in a row that were not understood.
    commune : str or None
        INSEE code of the citizen's commune, once known.
    sector : str or None
        Collection sector, once known.
    possible_communes : tuple of str
        INSEE codes among which the citizen's commune is, when her words left several.
    disclosed : bool
        Whether Sophie said that she is an automaton.
    clarified : tuple of str
        Intents between which a choice was already asked.
    asked_day : str or None
        ISO day of the question that waits for a place.
    report : ReportDraft or None
        Incident report being filled in.
    ticket : OpenTicket or None
        Request for a person that the last turns opened; its number is set once it is stored.
    """

    turn: int = 0
    last_intent: str | None = None
    open_slot: str | None = None
    fallbacks: int = 0
    commune: str | None = None
    sector: str | None = None
    possible_communes: tuple[str, ...] = ()
    disclosed: bool = False
    clarified: tuple[str, ...] = ()
    asked_day: str | None = None
    report: ReportDraft | None = None
    ticket: OpenTicket | None = None
