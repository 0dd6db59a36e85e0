from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.contacts.import_contacts import import_contacts
from serving.contacts.vocabulary import vocabulary_in
from serving.routes import cockpit
from serving.settings import Settings
from serving.store.database import open_serving_store

DATASETS = Settings().datasets


@pytest.fixture(scope="module")
def site(tmp_path_factory, no_model):
    folder = tmp_path_factory.mktemp("cockpit")
    url = f"sqlite:///{folder / 'pouce.db'}"
    store = open_serving_store(url)
    import_contacts(
        store,
        DATASETS / "contacts" / "contacts_synthetiques.csv",
        vocabulary=vocabulary_in(DATASETS),
        now=datetime(2026, 11, 23, tzinfo=UTC),
    )
    app = create_app(Settings(store_url=url, model=no_model), routers=(cockpit.router,))
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found, store


@pytest.fixture
def client(site, make_keys):
    found, store = site
    if "Authorization" not in found.headers:
        found.headers["Authorization"] = f"Bearer {make_keys(store)['cockpit']}"
    return found


def figures(client, **query):
    answer = client.get("/v1/cockpit", params={"year": 2026} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_year_of_the_sample(client):
    found = figures(client)
    assert found["requests"] == 1_926
    assert [one["dimension"] for one in found["volumes"]] == [
        "month", "channel", "theme", "nature", "commune"
    ]  # fmt: skip
    assert found["satisfaction"]["mean"] is None
    assert found["delays"]["synthetic"]
    assert found["notes"]


def test_no_answer_holds_a_small_count(client):
    queries = [{}, {"month": 3}, {"commune": "14220"}, {"commune": "14731"},
               {"theme": "ecogestes_nudge"}, {"channel": "svi"}]  # fmt: skip
    for query in queries:
        found = figures(client, **query)
        tables = [*found["volumes"], *found["complaints"], found["delays"]["counts"]]
        shown = [cell["n"] for table in tables for cell in table["cells"]]
        assert not [n for n in shown if n is not None and 0 < n < 5]
        assert any(n is None for n in shown), "the sample has small cells"


def test_a_small_commune_is_answered_with_its_group(client):
    assert figures(client, commune="14731") == figures(client, commune="petites_communes")


def test_a_filter_at_a_time(client):
    answer = client.get("/v1/cockpit", params={"commune": "14220", "theme": "tri_dechets"})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert "trop petits" in fault["what"]


@pytest.mark.parametrize(
    "query", [{"year": 1900}, {"month": 13}, {"commune": "x' OR 1=1"}, {"theme": "É"}]
)
def test_words_that_are_no_filter_are_refused(client, query):
    assert client.get("/v1/cockpit", params=query).status_code == 422


def test_unknown_values_count_nothing(client):
    assert figures(client, theme="inconnu")["requests"] == 0
