from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from nudge.territory.territory import load_table
from serving.cockpit.breakdown import Filter
from serving.cockpit.cockpit import cockpit_of
from serving.cockpit.commitments import load_commitments
from serving.cockpit.communes import commune_groups
from serving.cockpit.facts import Counting, facts_of_year
from serving.contacts.import_contacts import import_contacts
from serving.contacts.vocabulary import vocabulary_in
from serving.settings import Settings
from serving.store.database import instant, recording
from serving.store.extension_tables import crm_contact
from serving.store.tables import conversation, feedback, message, ticket

DATASETS = Settings().datasets
COMMITMENTS = load_commitments(DATASETS / "contacts" / "engagements.yaml")
COMMUNES = load_table("communes", DATASETS / "territory")
VOCABULARY = vocabulary_in(DATASETS)
COUNTING = Counting(
    taxonomy=VOCABULARY.taxonomy,
    target_hours={"telephone": 1.0, "courriel": 48.0, "chatbot": 24.0},
    communes=commune_groups(COMMUNES, fewest_inhabitants=COMMITMENTS.fewest_inhabitants),
)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def figures(store, *, year=2026, only=None):
    return cockpit_of(
        facts_of_year(store, year, COUNTING),
        year=year,
        only=only and Filter(dimension=only[0], value=only[1]),
        target_hours=COUNTING.target_hours,
        synthetic_targets=COMMITMENTS.synthetic,
    )


def volume(cockpit, dimension):
    return next(one for one in cockpit.volumes if one.dimension == dimension)


def add_contacts(store, n, *, start=0, **given):
    row = {"batch": "b", "day": "2026-03-10", "channel": "telephone", "commune": "14220",
           "theme": "tri_dechets", "nature": "information"} | given  # fmt: skip
    rows = [
        row | {"identifier": f"{start}-{i}-{sorted(given.items())}", "pseudonym": f"u{i}"}
        for i in range(n)
    ]
    with recording(store) as connection:
        connection.execute(insert(crm_contact), rows)


def add_talk(store, name, steps, *, at=NOON, rating=None, resolved=None, handed_hours=None):
    """A conversation: (intent, next action) of each message; a ticket where hours are given."""
    with recording(store) as connection:
        connection.execute(
            insert(conversation).values(
                pseudonym=name, channel="web", commune="14220", state="{}", turns=len(steps),
                started_at=instant(at), updated_at=instant(at),
            )
        )  # fmt: skip
        for turn, (intent, action) in enumerate(steps, start=1):
            connection.execute(
                insert(message).values(
                    identifier=f"{name}-{turn}", conversation=name, turn=turn, channel="web",
                    at=instant(at + timedelta(seconds=turn)), commune="14220", text="", margin=1,
                    intent=intent, confidence=0.9, entropy=0, out_of_scope=0, decision="answer",
                    next_action=action, degraded=False, model_version="m",
                )
            )  # fmt: skip
        if rating is not None or resolved is not None:
            connection.execute(
                insert(feedback).values(
                    identifier=f"f-{name}", at=instant(at), message=f"{name}-1", rating=rating,
                    resolved=resolved,
                )
            )  # fmt: skip
        if handed_hours is not None:
            answered = at + timedelta(hours=handed_hours)
            connection.execute(
                insert(ticket).values(
                    identifier=f"t-{name}", conversation=name, opened_at=instant(at),
                    channel="web", commune="14220", intent=steps[0][0], reason="request",
                    summary="", status="open", first_answer_at=instant(answered),
                )
            )  # fmt: skip


def test_the_sample_gives_its_total_in_each_breakdown(serving_store):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    sample = DATASETS / "contacts" / "contacts_synthetiques.csv"
    import_contacts(serving_store, sample, vocabulary=VOCABULARY, now=now)
    found = figures(serving_store)
    assert found.requests == 1_926
    assert {one.dimension for one in found.volumes} == {
        "month", "channel", "theme", "nature", "commune"
    }  # fmt: skip
    assert {one.total for one in found.volumes} == {1_926}
    for name in ("month", "theme", "nature"):
        cells = volume(found, name).cells
        assert sum(cell.n or 0 for cell in cells) <= 1_926
    assert {one.dimension for one in found.complaints} == {"month", "channel", "theme", "commune"}
    assert found.bot_share.n == 0
    assert any("démonstration" in one for one in found.notes)


def test_small_communes_are_shown_together(serving_store):
    add_contacts(serving_store, 6, commune="14731")
    add_contacts(serving_store, 7, commune="14645")
    add_contacts(serving_store, 9, commune="14220")
    communes = volume(figures(serving_store), "commune")
    assert {cell.value: cell.n for cell in communes.cells} == {"14220": 9, "petites_communes": 13}


def test_a_small_count_is_hidden_with_another(serving_store):
    add_contacts(serving_store, 3, theme="eau_assainissement")
    add_contacts(serving_store, 20, theme="tri_dechets")
    add_contacts(serving_store, 9, theme="bacs_reclamations")
    themes = volume(figures(serving_store), "theme")
    assert {cell.value: cell.n for cell in themes.cells} == {
        "eau_assainissement": None, "bacs_reclamations": None, "tri_dechets": 20
    }  # fmt: skip
    assert themes.total == 32


def test_a_filter_keeps_one_value_and_hides_small_answers(serving_store):
    add_contacts(serving_store, 12, commune="14220")
    add_contacts(serving_store, 30, commune="14715")
    found = figures(serving_store, only=("commune", "14220"))
    assert found.requests == 12
    assert volume(found, "theme").n("tri_dechets") == 12
    assert found.complaints == ()
    assert figures(serving_store, only=("commune", "14079")).requests == 0
    add_contacts(serving_store, 2, commune="14079")
    hidden = figures(serving_store, only=("commune", "14079"))
    assert hidden.requests is None
    assert volume(hidden, "theme").n("tri_dechets") is None


def test_delays_are_read_against_the_commitment_of_their_channel(serving_store):
    add_contacts(serving_store, 8, delay_hours=0.5)
    add_contacts(serving_store, 6, delay_hours=2.0)
    add_contacts(serving_store, 7, channel="courriel", delay_hours=2.0)
    add_contacts(serving_store, 5, delay_hours=None)
    delays = figures(serving_store).delays
    assert {cell.value: cell.n for cell in delays.counts.cells} == {
        "dans_le_delai": 15, "hors_delai": 6, "delai_inconnu": 5
    }  # fmt: skip
    assert delays.within.share == pytest.approx(15 / 21, abs=1e-4)
    assert delays.within.low < 15 / 21 < delays.within.high
    assert delays.synthetic


def test_a_ticket_counts_from_its_opening_to_the_first_answer(serving_store):
    for i in range(6):
        add_talk(serving_store, f"a{i}", [("redevance_pro", "hand_over")], handed_hours=5)
        add_talk(serving_store, f"b{i}", [("redevance_pro", "hand_over")], handed_hours=50)
    delays = figures(serving_store).delays.counts
    assert (delays.n("dans_le_delai"), delays.n("hors_delai")) == (6, 6)


def test_requests_to_sophie_are_subjects_not_messages_nor_greetings(serving_store):
    steps = [("bavardage", "answer"), ("tri_consigne_objet", "ask_slot"),
             ("tri_consigne_objet", "answer"), ("encombrants_info", "answer")]  # fmt: skip
    for i in range(5):
        add_talk(serving_store, f"c{i}", steps)
    add_contacts(serving_store, 10)
    found = figures(serving_store)
    assert found.requests == 20
    assert (found.bot_share.n, found.bot_share.of) == (10, 20)
    assert volume(found, "channel").n("chatbot") == 10


def test_months_are_those_of_paris(serving_store):
    late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    for i in range(5):
        add_talk(serving_store, f"d{i}", [("tri_consigne_objet", "answer")], at=late)
        add_talk(serving_store, f"e{i}", [("tri_consigne_objet", "answer")], at=new_year)
    assert [cell.value for cell in volume(figures(serving_store), "month").cells] == ["2026-04"]
    assert figures(serving_store, year=2027).requests == 5


def test_coverage_counts_what_ended_without_a_person(serving_store):
    for i in range(9):
        add_talk(serving_store, f"g{i}", [("tri_consigne_objet", "clarify"),
                                          ("tri_consigne_objet", "answer")])  # fmt: skip
    for i in range(6):
        add_talk(serving_store, f"h{i}", [("collecte_calendrier", "hand_over")])
    add_talk(serving_store, "i", [("eau_prix", "hand_over")])
    found = figures(serving_store).coverage_v1
    assert (found.n, found.of, found.share) == (9, 15, 0.6)


def test_satisfaction_comes_with_its_response_rate_or_not_at_all(serving_store):
    for i in range(9):
        add_talk(serving_store, f"j{i}", [("tri_consigne_objet", "answer")], rating=5)
    for i in range(20):
        add_talk(serving_store, f"k{i}", [("tri_consigne_objet", "answer")])
    few = figures(serving_store).satisfaction
    assert few.mean is None
    add_talk(serving_store, "l", [("tri_consigne_objet", "answer")], rating=1)
    found = figures(serving_store).satisfaction
    assert (found.opinions, found.mean) == (10, 4.6)
    assert (found.response_rate.n, found.response_rate.of) == (10, 30)
    assert found.low < 4.6 < found.high <= 5


def test_containment_is_withheld_without_its_resolution(serving_store):
    for i in range(12):
        add_talk(serving_store, f"m{i}", [("tri_consigne_objet", "answer")])
    for i in range(6):
        add_talk(serving_store, f"n{i}", [("redevance_pro", "hand_over")], handed_hours=1)
    assert figures(serving_store).containment.contained is None
    for i in range(10):
        add_talk(serving_store, f"o{i}", [("tri_consigne_objet", "answer")], resolved=i < 7)
    found = figures(serving_store).containment
    assert (found.contained.n, found.contained.of) == (22, 28)
    assert found.resolved.share == 0.7


def test_an_empty_year_is_told(serving_store):
    found = figures(serving_store, year=date(2020, 1, 1).year)
    assert found.requests == 0
    assert all(one.cells == () for one in found.volumes)
