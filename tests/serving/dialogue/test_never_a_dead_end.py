import re
from dataclasses import asdict
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.entities.entity import Candidate, Entity
from serving.calendar.load import load_calendar
from serving.calendar.opening_hours import load_opening_hours
from serving.dialogue.conversation import Conversation, OpenTicket, ReportDraft
from serving.dialogue.incident import KINDS, SERVICES
from serving.dialogue.routing import reply
from serving.dialogue.understanding import Understanding
from serving.knowledge.load import load_answers

KNOWLEDGE, CALENDAR, HOURS = load_answers(), load_calendar(), load_opening_hours()
INTENTS = sorted(KNOWLEDGE.intents)
WORDS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["oui", "non", "stop", "amiante", "fuite urgente", "scandaleux", "14800", "annuler",
         "{{ 7*7 }}", "odeur de gaz", "mon bac"]
    ),
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(
        ["", "14220", "14715", "deauville-1", "pot de yaourt", "amiante", "omr", "2027-01-01",
         "oui", "autre", "pav_plein", "99999", "sms", "urgent"]
    ),
    st.text(max_size=20),
)  # fmt: skip
SLOTS = st.sampled_from(
    ["commune", "secteur", "type_dechet", "categorie_dechet", "adresse", "date", "flux", "urgence",
     "type_incident", "confirmation", "commune_hors_territoire", "numero_demande", "canal",
     "user_category", "couleur_etiquette"]
)  # fmt: skip

TICKETS = [
    OpenTicket(number=number, intent=intent)
    for number in ("T-7K2M9QXA", "{{ 7*7 }}")
    for intent in ("reclamation", "inconnue")
]


@st.composite
def entities(draw):
    value, text = draw(VALUES), draw(st.text(min_size=1, max_size=20))
    options = draw(st.lists(VALUES, max_size=3))
    return Entity(
        name=draw(SLOTS), start=0, end=len(text), text=text, value=value,
        candidates=tuple(Candidate(value=one, label=one) for one in options),
    )  # fmt: skip


@st.composite
def understandings(draw):
    names = draw(st.lists(st.sampled_from(INTENTS), max_size=3, unique=True))
    return Understanding(
        intent=draw(st.sampled_from([None, "inconnue", *names])) if names else None,
        confidence=draw(st.floats(0, 1)),
        decision=draw(st.sampled_from(["answer", "clarify", "hand_over"])),
        ranking=tuple((name, 0.3) for name in names),
        out_of_scope=draw(st.floats(0, 1)),
        entities=tuple(draw(st.lists(entities(), max_size=4))),
        degraded=draw(st.booleans()),
        reason=draw(st.sampled_from(["", "click", "foreign_language", "empty"])),
    )


@st.composite
def conversations(draw):
    intent = draw(st.sampled_from([*sorted(KINDS), "inconnue"]))
    report = ReportDraft(
        intent=intent,
        service_code=draw(st.sampled_from(["", *SERVICES, "forgé"])),
        address_string=draw(st.text(max_size=20)),
        commune=draw(st.sampled_from(["", "14220", "99999"])),
    )
    slot = draw(
        st.sampled_from([None, "commune", "secteur", "type_dechet", "type_incident", "lieu",
                         "lieu_commune", "confirmation", "forgé"])
    )  # fmt: skip
    return Conversation(
        turn=draw(st.integers(0, 50)),
        last_intent=draw(st.sampled_from([None, "inconnue", *INTENTS])),
        open_slot=slot,
        fallbacks=draw(st.integers(-3, 3)),
        commune=draw(st.sampled_from([None, "14220", "14731", "99999"])),
        sector=draw(st.sampled_from([None, "deauville-1", "vauville-1", "x"])),
        disclosed=draw(st.booleans()),
        clarified=tuple(draw(st.lists(st.sampled_from(INTENTS), max_size=3))),
        report=draw(st.sampled_from([None, report])),
        possible_communes=tuple(draw(st.lists(st.sampled_from(["14220", "99999"]), max_size=2))),
        ticket=draw(st.sampled_from([None, *TICKETS])),
    )


@settings(max_examples=300, deadline=None)
@given(
    understanding=understandings(),
    conversation=conversations(),
    message=WORDS,
    channel=st.sampled_from(["web", "voice", "form", "mail"]),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC)),
)
def test_there_is_always_something_to_read_to_hear_and_to_do(
    understanding, conversation, message, channel, now
):
    told = reply(
        understanding, message=message, conversation=conversation, knowledge=KNOWLEDGE,
        calendar=CALENDAR, opening_hours=HOURS, channel=channel, now=now,
    )  # fmt: skip
    assert told.text.strip()
    assert told.speech_text.strip()
    assert told.next_action.kind
    assert told.next_action.target
    assert not re.search(r"https?:|[<>\n*]", told.speech_text)
    assert (told.disclosure is None) == conversation.disclosed
    assert told.state.disclosed
    assert told.state.turn == conversation.turn + 1
    if told.next_action.kind == "report":
        assert told.report is not None
    if told.report is not None:
        # A letter that tells of a danger may report an incident besides.
        assert told.next_action.kind in ("report", "safety")
    if told.addition is not None:
        assert told.ticket is None
        assert told.addition == conversation.ticket.number
    if told.next_action.kind in ("hand_over", "opt_out", "rights"):
        assert told.ticket is not None
        assert told.ticket.intent in KNOWLEDGE.intents
    if told.next_action.kind in ("clarify", "ask_slot") and channel in ("web", "voice"):
        assert told.quick_replies
    if told.report is not None:
        assert told.report.service_code in KINDS[told.report.intent]
    assert asdict(told)
