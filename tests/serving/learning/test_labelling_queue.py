from datetime import UTC, datetime

import pytest

from nlu.corpus.utterance import read_utterances
from nudge.errors import CampaignError
from serving.learning.corpus_export import export_utterances
from serving.learning.queue import fill_queue, label_message, waiting_messages
from serving.learning.selection import Candidate, select_for_labelling, usefulness
from serving.rights.persons import object_person
from serving.store.conversations import StoredMessage, save_turn
from serving.store.database import recording
from serving.store.feedback import Feedback, save_feedback

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
INTENTS = {"collecte_calendrier", "encombrants_info", "hors_perimetre"}


def candidate(name, text, score):
    return Candidate(message=f"m_{name}", text=text, usefulness=score)


def test_doubt_and_dispute_are_worth_a_label():
    sure = usefulness(margin=0.98, entropy=0.02, disputed=False)
    doubtful = usefulness(margin=0.05, entropy=0.7, disputed=False)
    disputed = usefulness(margin=0.98, entropy=0.02, disputed=True)
    assert sure < doubtful < disputed


def test_copies_of_one_question_do_not_fill_the_batch():
    copies = [
        candidate(f"a{number}", f"quand passe le bac jaune svp {number}", 0.9 + number / 1_000)
        for number in range(10)
    ]
    others = [
        candidate("b", "mon voisin jette des gravats dans le fossé", 0.5),
        candidate("c", "combien coûte la redevance pour mon restaurant", 0.4),
    ]
    chosen = select_for_labelling([*copies, *others], count=3)
    assert {one.candidate.message for one in chosen} == {"m_a9", "m_b", "m_c"}
    every = select_for_labelling([*copies, *others], count=12)
    assert len({one.cluster for one in every}) == 3
    assert select_for_labelling([], count=3) == []


def test_what_resembles_a_known_cluster_joins_it():
    chosen = select_for_labelling(
        [candidate("a", "quand passe le bac jaune svp", 0.9)],
        count=1,
        known=[("bacs", "quand passe le bac jaune svp ?")],
    )
    assert chosen[0].cluster == "bacs"


@pytest.fixture
def add_message(serving_store):
    def add(number, text, *, margin=0.1, channel="web", version="modele-1", down=False):
        identifier, pseudonym = f"m_{number:032x}", f"p_{number:032x}"
        message = StoredMessage(
            identifier=identifier, at=NOW, turn=1, channel=channel, commune=None, text=text,
            intent="encombrants_info", confidence=0.5, margin=margin, entropy=1 - margin,
            out_of_scope=0.0, decision="clarify", next_action="clarify", degraded=False,
            model_version=version,
        )  # fmt: skip
        with recording(serving_store) as connection:
            save_turn(connection, pseudonym, state="{}", message=message)
            if down:
                save_feedback(
                    connection,
                    Feedback(identifier=f"f_{number}", at=NOW, message=identifier, thumb="down"),
                )
        return identifier

    return add


def label(store, identifier, intent, **options):
    label_message(
        store, identifier, intent, intents=INTENTS, out_of_scope="hors_perimetre", now=NOW,
        **options,
    )  # fmt: skip


def test_from_messages_to_rows_of_the_corpus(serving_store, add_message, tmp_path):
    doubtful = add_message(1, "vous prenez les canapés ou pas")
    spoken = add_message(2, "euh c'est pour un vieux frigo", channel="voice")
    disputed = add_message(3, "le bac jaune de Mme Petit", margin=0.99, down=True)
    outside = add_message(4, "quel temps fera-t-il")
    add_message(5, "intent:bavardage", version="clic")
    assert fill_queue(serving_store, count=10, now=NOW) == 4
    assert fill_queue(serving_store, count=10, now=NOW) == 0
    waiting = waiting_messages(serving_store)
    assert waiting[0].message == disputed
    label(serving_store, doubtful, "encombrants_info")
    label(serving_store, spoken, "encombrants_info")
    label(serving_store, disputed, "collecte_calendrier", register="sms")
    label(serving_store, outside, "hors_perimetre", subtype="lointain")
    assert waiting_messages(serving_store) == []
    file = tmp_path / "citoyens.jsonl"
    assert export_utterances(serving_store, file) == 4
    rows = {row.text: row for row in read_utterances(file)}
    assert rows["le bac jaune de Mme [NOM]"].register == "sms"
    assert rows["euh c'est pour un vieux frigo"].register == "oral"
    assert rows["quel temps fera-t-il"].subtype == "lointain"
    assert {row.author for row in rows.values()} == {"citoyens"}
    assert all(row.family.startswith("citoyens/") for row in rows.values())
    assert len({row.family for row in rows.values()}) == 4
    assert sorted(path.name for path in tmp_path.iterdir() if "jsonl" in path.name) == [file.name]


def test_wrong_labels_are_refused_with_their_mend(serving_store, add_message):
    identifier = add_message(1, "vous prenez les canapés")
    fill_queue(serving_store, count=10, now=NOW)
    for intent, options, told in (
        ("inconnue", {}, "intents.yaml"),
        ("encombrants_info", {"register": "latin"}, "std, oral, sms"),
        ("hors_perimetre", {}, "subtype"),
        ("encombrants_info", {"subtype": "proche"}, "subtype"),
    ):
        with pytest.raises(CampaignError, match=told):
            label(serving_store, identifier, intent, **options)
    with pytest.raises(CampaignError, match="pouce serve queue list"):
        label(serving_store, "m_inconnu", "encombrants_info")


def test_who_objects_teaches_nothing(serving_store, add_message):
    add_message(1, "vous prenez les canapés")
    add_message(2, "et la ferraille de mon grenier")
    fill_queue(serving_store, count=1, now=NOW)
    with recording(serving_store) as connection:
        for number in (1, 2):
            object_person(connection, f"p_{number:032x}", at=NOW)
    assert waiting_messages(serving_store) == []
    assert fill_queue(serving_store, count=10, now=NOW) == 0


def test_an_export_that_cannot_be_written_leaves_nothing(serving_store, tmp_path):
    with pytest.raises(CampaignError, match="vérifier le dossier"):
        export_utterances(serving_store, tmp_path / "absent" / "a.jsonl")
