import json
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import text

from nudge.errors import CampaignError
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.store.audit import audit
from nudge.store.campaigns import allocation, save_allocation, save_zones, set_status
from nudge.store.database import open_store, writing
from nudge.store.erasure import erase_person, purge
from nudge.store.event_log import append_event, canonical_json, event_hash, events
from nudge.store.locks import add_amendment, save_lock
from nudge.store.observations import observations
from nudge.store.persons import object_person
from nudge.store.rows import row_hashes, typed_rows

ZONES = pd.DataFrame({"zone_id": ["r2", "r1"], "nom": ["Rue B", "Rue A"], "n_logements": [40, 30]})


@pytest.fixture
def full(store, add_rows, make_checks):
    """A campaign with everything that an audit looks at."""
    with writing(store) as connection:
        append_event(connection, campaign="bacs", kind="creation", payload={})
        save_zones(connection, "bacs", ZONES)
        save_lock(
            connection, "bacs", plan_sha256="p" * 64, zones_sha256="z" * 64, record={"par": "M."}
        )
        save_allocation(connection, "bacs", {"r1": "temoin", "r2": "carte"})
        add_amendment(
            connection,
            "bacs",
            reason="pluie",
            changes={"fin": "2027-07-15"},
            title="SIMULATION – Été 2",
            yaml="titre: Été 2\nsimulation: true\n",
            plan_sha256="q" * 64,
        )
        object_person(connection, "bacs", "f3")
    add_rows(store, make_checks(60), file_name="mai.csv")
    add_rows(store, make_checks(30, start=60), file_name="juin.csv")
    return store


def behind_the_triggers(store, *statements, **values):
    """What someone does who opens the file with other tools."""
    with store.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER event_no_update"))
            connection.execute(text("DROP TRIGGER event_no_delete"))
        else:
            connection.execute(text("DROP TRIGGER event_append_only ON event"))
        for statement in statements:
            connection.execute(text(statement), values)


def only_problem(store, **options):
    (problem,) = audit(store, **options).problems
    return problem


def test_an_untouched_store_is_intact(full):
    report = audit(full)
    assert report.problems == ()
    assert report.intact
    assert (report.events, report.rows) == (len(events(full)), 90)
    assert report.head == events(full)[-1].hash
    assert audit(full, campaign="bacs", head=events(full)[2].hash).intact


def test_an_empty_store_is_intact(store_url):
    report = audit(open_store(store_url))
    assert (report.intact, report.events, report.rows) == (True, 0, 0)


def test_edited_rows_are_named(full):
    behind_the_triggers(
        full,
        "UPDATE obs_controle_bac SET couleur = 'vert' WHERE controle_id = 'c6'",
        "UPDATE obs_controle_bac SET date = '2027-05-30' WHERE controle_id = 'c7'",
        "UPDATE obs_controle_bac SET meteo = NULL WHERE controle_id = 'c9'",
        "UPDATE obs_controle_bac SET row_hash = (SELECT row_hash FROM obs_controle_bac "
        "WHERE controle_id = 'c2') WHERE controle_id = 'c1'",
    )
    problems = audit(full).problems
    assert [problem.split(" : ligne modifiée")[0] for problem in problems] == [
        f"campagne bacs, controle_bac : controle_id {key}" for key in ("c1", "c6", "c7", "c9")
    ]
    assert all("fichier d'origine" in problem for problem in problems)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("title = 'Été 2'", "le titre est « Été 2 », celui du plan est « SIMULATION – Été 2 »"),
        ("title = 'SIMULATION – Autre'", "celui du plan est « SIMULATION – Été 2 »"),
        ("simulation = :faux", "la campagne est notée réelle, son plan la dit simulée"),
    ],
)
def test_a_simulation_that_no_longer_says_so_is_named(full, change, says):
    behind_the_triggers(full, f"UPDATE campaign SET {change}", faux=False)
    assert says in only_problem(full)


def test_a_real_campaign_marked_as_simulated_is_named(full):
    with writing(full) as connection:
        add_amendment(connection, "bacs", reason="vrai", changes={}, title="Été 3",
                      yaml="titre: Été 3\nsimulation: false\n", plan_sha256="r" * 64)  # fmt: skip
    assert "notée simulée, son plan la dit réelle" in only_problem(full)


def test_a_title_locked_before_an_amendment_is_no_forgery(full):
    behind_the_triggers(full, "UPDATE campaign SET title = 'SIMULATION – Été'")
    assert audit(full).intact


def test_cells_of_the_wrong_kind_are_named_too(full):
    if full.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL holds no cell of the wrong kind")
    behind_the_triggers(
        full,
        "UPDATE obs_controle_bac SET rang = 'deux' WHERE controle_id = 'c1'",
        "UPDATE obs_controle_bac SET date = 'demain' WHERE controle_id = 'c2'",
        "UPDATE obs_controle_bac SET presente = 7 WHERE controle_id = 'c3'",
        "UPDATE obs_controle_bac SET row_hash = 'x' WHERE controle_id = 'c4'",
        "UPDATE obs_controle_bac SET meteo = x'00' WHERE controle_id = 'c5'",
    )
    problems = audit(full).problems
    assert [problem.split(" : ligne modifiée")[0] for problem in problems] == [
        f"campagne bacs, controle_bac : controle_id c{number}" for number in range(1, 6)
    ]
    with pytest.raises(CampaignError, match="pouce campaign audit"):
        observations(full, campaign="bacs", instrument="controle_bac")


def test_an_edited_row_with_a_recomputed_hash_is_named(full, make_checks):
    forged = typed_rows(make_checks(7).iloc[6:].assign(couleur="vert"), INSTRUMENTS["controle_bac"])
    behind_the_triggers(
        full,
        "UPDATE obs_controle_bac SET couleur = 'vert', row_hash = :hash WHERE controle_id = 'c6'",
        hash=row_hashes(forged)[0].as_py(),
    )
    assert "controle_id c6 : ligne modifiée" in only_problem(full)


def test_missing_and_added_rows_are_named(full):
    behind_the_triggers(
        full,
        "UPDATE obs_controle_bac SET controle_id = 'x1' WHERE controle_id = 'c11'",
        "DELETE FROM obs_controle_bac WHERE controle_id = 'c12'",
    )
    problems = "\n".join(audit(full).problems)
    assert "controle_id c11 : ligne supprimée" in problems
    assert "controle_id c12 : ligne supprimée" in problems
    assert "controle_id x1 : ligne ajoutée" in problems


def test_many_missing_rows_are_counted(full):
    behind_the_triggers(full, "DELETE FROM obs_controle_bac WHERE batch_id = 2")
    problems = audit(full).problems
    assert len(problems) == 21
    assert "10" in problems[-1]
    assert "autres lignes supprimées" in problems[-1]


def test_rows_slipped_in_under_an_unknown_campaign_are_named(full):
    behind_the_triggers(
        full, "UPDATE obs_controle_bac SET campaign = 'cachee' WHERE controle_id = 'c3'"
    )
    problems = "\n".join(audit(full).problems)
    assert "campagne bacs, controle_bac : controle_id c3 : ligne supprimée" in problems
    assert "campagne cachee, controle_bac : controle_id c3 : ligne ajoutée" in problems


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE event SET kind = 'alerte' WHERE number = 2", ["n° 2", "modifié"]),
        ("UPDATE event SET at = '2020-01-01' WHERE number = 1", ["n° 1", "modifié"]),
        ("DELETE FROM event WHERE number = 1", ["n° 1 manque"]),
    ],
)
def test_an_edited_or_missing_event_is_named(full, statement, says):
    behind_the_triggers(full, statement)
    problems = "\n".join(audit(full).problems)
    for words in says:
        assert words in problems


def test_a_rewritten_event_breaks_the_chain_behind_it(full):
    second = events(full)[1]
    columns = {
        "number": 2,
        "campaign": "bacs",
        "at": second.at,
        "kind": second.kind,
        "payload": canonical_json({**second.payload, "record_sha256": "0"}),
        "previous_hash": second.previous_hash,
    }
    behind_the_triggers(
        full,
        "UPDATE event SET payload = :payload, hash = :hash WHERE number = 2",
        payload=columns["payload"],
        hash=event_hash(**columns),
    )
    problems = "\n".join(audit(full).problems)
    assert "n° 3 (tirage, campagne bacs) ne suit plus le précédent" in problems


def test_a_log_cut_at_its_end_is_found_by_what_it_proved_and_by_the_noted_head(full):
    head = audit(full).head
    last = len(events(full))
    behind_the_triggers(full, f"DELETE FROM event WHERE number = {last}")
    assert "lot n° 2 n'est pas dans le journal" in "\n".join(audit(full).problems)
    assert "empreinte notée" in audit(full, head=head).problems[0]


EDITS = {
    "UPDATE lock SET plan_sha256 = 'x'": "empreinte du plan verrouillé",
    "UPDATE lock SET zones_sha256 = 'x'": "empreinte des zones verrouillées",
    "UPDATE lock SET yaml = 'titre: Autre'": "texte du plan verrouillé",
    "UPDATE lock SET record = '{}'": "fiche du verrou",
    "UPDATE zone_of_campaign SET n_zones = 9 WHERE zone_id = 'r2'": "zones de la campagne",
    "UPDATE amendment SET reason = 'autre'": "avenant n° 1 a été modifié",
    "UPDATE campaign SET yaml = 'titre: Autre'": "ni celui du verrou ni celui du dernier",
    "UPDATE campaign SET status = 'brouillon'": "revenu à « brouillon »",
    "UPDATE allocation SET arm = 'carte' WHERE zone_id = 'r1'": "n'est plus celle du tirage",
    "DELETE FROM objection": "oppositions effacées ou modifiées",
    "UPDATE import_batch SET sha256 = 'x' WHERE id = 1": "fiche du lot n° 1 (« mai.csv »)",
    "UPDATE batch_ledger SET keys = hashes WHERE batch_id = 1": "registre du lot n° 1",
}
LOSSES = {
    "DELETE FROM lock": "plan verrouillé a disparu",
    "DELETE FROM amendment": "avenant n° 1 a disparu",
    "DELETE FROM allocation WHERE zone_id = 'r1'": "1 zones dans l'entrepôt, 2 au tirage",
    "DELETE FROM batch_ledger WHERE batch_id = 2": "registre du lot n° 2",
}
ADDITIONS = {
    "INSERT INTO amendment SELECT campaign, 2, reason, changes, yaml, plan_sha256, at "
    "FROM amendment": "avenant n° 2 n'est pas dans le journal",
    "INSERT INTO objection VALUES ('bacs', 'f8', 'sel', '2027-01-01')": "absentes du journal : 1",
    "INSERT INTO import_batch SELECT 3, campaign, instrument, file_name, sha256, n_rows, n_new, "
    "digest, at FROM import_batch WHERE id = 1": "lot n° 3 n'est pas dans le journal",
}


@pytest.mark.parametrize("changes", [EDITS, LOSSES, ADDITIONS], ids=["edits", "losses", "adds"])
def test_what_differs_from_the_log_is_named(full, changes):
    behind_the_triggers(full, *changes)
    problems = audit(full).problems
    for says in changes.values():
        assert sum(says in problem for problem in problems) == 1, (says, problems)


def test_a_ledger_forged_with_its_rows_is_found(full):
    behind_the_triggers(
        full,
        "DELETE FROM obs_controle_bac WHERE batch_id = 2",
        "UPDATE batch_ledger SET keys = (SELECT keys FROM batch_ledger WHERE batch_id = 1), "
        "hashes = (SELECT hashes FROM batch_ledger WHERE batch_id = 1) WHERE batch_id = 2",
    )
    assert any("registre du lot n° 2" in problem for problem in audit(full).problems)


def test_another_campaigns_rows_are_left_out_when_one_is_asked_for(full):
    behind_the_triggers(full, "DELETE FROM obs_controle_bac WHERE controle_id = 'c1'")
    assert audit(full, campaign="autre").problems == (
        "campagne autre : la campagne a disparu de l'entrepôt → Restaurer une sauvegarde de "
        "l'entrepôt.",
    )


def test_erasure_and_purge_leave_an_intact_store(full):
    with writing(full) as connection:
        assert erase_person(connection, "bacs", "f5", "demande du 3 mai") > 0
        assert erase_person(connection, "bacs", "f6", "demande du 4 mai", remove=True) > 0
        assert purge(connection, "bacs", date(2027, 5, 13)) > 0
    assert audit(full).problems == ()
    behind_the_triggers(full, "UPDATE obs_controle_bac SET foyer_id = 'f5' "
                              "WHERE foyer_id LIKE 'efface-%'")  # fmt: skip
    assert not audit(full).intact


def test_the_allocation_is_proved_by_its_event(full):
    (event,) = events(full, kind="tirage")
    assert event.payload["n_zones"] == 2
    assert allocation(full, "bacs") == {"r1": "temoin", "r2": "carte"}
    assert json.dumps(event.payload).count("carte") == 0


@pytest.mark.parametrize("status", ["close", "publiee"])
def test_a_status_that_the_log_does_not_know_is_named(full, status):
    behind_the_triggers(full, f"UPDATE campaign SET status = '{status}'")
    assert any("sans événement de cloture" in problem for problem in audit(full).problems)


def test_a_campaign_opened_again_behind_the_log_is_named(full):
    with writing(full) as connection:
        set_status(connection, "bacs", "close")
        append_event(connection, campaign="bacs", kind="cloture", payload={"anticipee": False})
    assert audit(full).intact
    behind_the_triggers(full, "UPDATE campaign SET status = 'en_cours'")
    assert "malgré événement de cloture" in only_problem(full)


def test_an_edited_seed_is_named(full):
    with writing(full) as connection:
        set_status(connection, "bacs", "en_cours", seed=7)
        append_event(connection, campaign="bacs", kind="tirage", payload={"graine": 7})
    behind_the_triggers(full, "UPDATE campaign SET seed = 8")
    assert "la graine est 8, celle du tirage est 7" in only_problem(full)
