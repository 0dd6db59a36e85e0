import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.routes import contacts
from serving.settings import Settings
from serving.store.extension_tables import crm_contact

TITLES = "pseudonyme,date,canal,theme,texte\n"
HEADERS = {"Content-Type": "text/csv"}


@pytest.fixture
def client(tmp_path, no_model, serving_store, make_keys):
    keys = make_keys(serving_store)
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    app = create_app(Settings(store_url=url, model=no_model), routers=(contacts.router,))
    with TestClient(app, raise_server_exceptions=False) as found:
        found.headers["Authorization"] = f"Bearer {keys['contacts']}"
        yield found


def send(client, text):
    return client.post("/v1/contacts", content=text.encode(), headers=HEADERS)


def count(store):
    with store.engine.connect() as connection:
        return len(connection.execute(crm_contact.select()).all())


def test_an_export_comes_in_once(client, serving_store):
    text = TITLES + "u1,2026-03-02,telephone,tri_dechets,\nu2,2026-03-02,svi,,\n"
    answer = send(client, text)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["n_new"], answer.json()["n_untyped"]) == (2, 1)
    assert send(client, text).json()["n_new"] == 0
    assert count(serving_store) == 2


def test_contacts_without_theme_are_typed_by_what_serves(client, serving_store):
    send(client, TITLES + "u1,2026-03-02,courriel,,Je veux parler à un conseiller\n")
    with serving_store.engine.connect() as connection:
        (row,) = connection.execute(crm_contact.select()).mappings().all()
    assert (row["intent"], row["typed_by"]) == ("demander_humain", "classifieur")
    assert row["text"] is None


def test_a_faulty_export_is_refused_row_by_row(client, serving_store):
    answer = send(client, TITLES + "u1,2026-03-02,svi,,\nMarie Dupont,hier,pigeon,,\n")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    places = [one["place"] for one in answer.json()["errors"]]
    assert "ligne 3, « pseudonyme »" in places
    assert "ligne 3, « date »" in places
    assert "Dupont" not in answer.text
    assert count(serving_store) == 0


@pytest.mark.parametrize("text", ["", "\x00", "a;b\n1;2\n", TITLES])
def test_what_is_no_export_is_refused(client, text):
    assert send(client, text).status_code == 422


def test_other_media_types_are_refused(client):
    assert client.post("/v1/contacts", json={}).status_code == 415
