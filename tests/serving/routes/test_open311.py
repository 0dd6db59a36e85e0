import json
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.incidents.gate_refusals import open311_refusal
from serving.routes import open311
from serving.security.problem import ProblemError
from serving.security.token_bucket import RateLimiter
from serving.settings import Settings

BASE = "/open311/v2"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REPORT = {"service_code": "pav_plein", "lat": "49.36", "long": "0.08", "description": "Pleine"}


@pytest.fixture
def client(tmp_path, no_model, serving_store, make_keys):
    keys = make_keys(serving_store)
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    app = create_app(Settings(store_url=url, model=no_model), routers=(open311.router,))
    with TestClient(app, raise_server_exceptions=False) as found:
        found.headers["Authorization"] = f"Bearer {keys['open311']}"
        found.key, found.other_key = keys["open311"], keys["parse"]
        yield found


def created(client, **fields):
    answer = client.post(f"{BASE}/requests.json", data=REPORT | fields)
    assert answer.status_code == 200, answer.text
    return answer.json()[0]["service_request_id"]


def test_services_and_their_questions_in_both_forms(client):
    rows = client.get(f"{BASE}/services.json").json()
    assert {"service_code", "service_name", "description", "metadata", "type", "keywords",
            "group"} == rows[0].keys()  # fmt: skip
    tree = ET.fromstring(client.get(f"{BASE}/services.xml").content)
    assert tree.tag == "services"
    assert [one.findtext("service_code") for one in tree] == [one["service_code"] for one in rows]
    asked = client.get(f"{BASE}/services/collecte_manquee.json").json()
    assert asked["service_code"] == "collecte_manquee"
    flux = asked["attributes"][0]
    assert (flux["code"], flux["datatype"], flux["required"]) == ("flux", "singlevaluelist", True)
    assert {"key": "omr", "name": "Ordures ménagères"} in flux["values"]
    assert client.get(f"{BASE}/services/ovni.json").json()[0]["code"] == 404


def test_a_report_is_kept_and_followed_without_saying_who_reported(client):
    number = created(
        client, email="a@exemple.fr", last_name="Dupont", **{"attribute[flux]": "verre"}
    )
    for path in (f"{BASE}/requests/{number}", f"{BASE}/request/{number}"):
        answer = client.get(f"{path}.json")
        (row,) = answer.json()
        assert (row["service_request_id"], row["status"]) == (number, "open")
        assert (row["lat"], row["long"], row["description"]) == (49.36, 0.08, "Pleine")
        assert "exemple.fr" not in answer.text
        assert "Dupont" not in answer.text
        tree = ET.fromstring(client.get(f"{path}.xml").content)
        assert tree.find("request").findtext("service_request_id") == number


def test_the_key_may_come_in_the_form(client):
    del client.headers["Authorization"]
    answer = client.post(f"{BASE}/requests.json", data=REPORT | {"api_key": client.key})
    assert answer.status_code == 200
    assert client.post(f"{BASE}/requests.json", data=REPORT).status_code == 401


def test_a_refusal_at_the_door_is_told_as_the_specification_asks():
    told = open311_refusal(ProblemError(kind="unauthenticated"), path=f"{BASE}/requests.json")
    assert told.status_code == 401
    assert json.loads(told.body)[0]["code"] == 401
    assert "« api_key »" in json.loads(told.body)[0]["description"].replace("\u00a0", " ")
    tree = ET.fromstring(
        open311_refusal(ProblemError(kind="forbidden"), path=f"{BASE}/requests.xml").body
    )
    assert (tree.tag, tree.find("error").findtext("code")) == ("errors", "403")
    assert open311_refusal(ProblemError(kind="forbidden"), path="/v1/parse") is None


def refused(answer, status, extension):
    assert answer.status_code == status, answer.text
    if extension == "json":
        assert [one["code"] for one in answer.json()] == [status]
        assert answer.json()[0]["description"]
    else:
        tree = ET.fromstring(answer.content)
        assert (tree.tag, tree.find("error").findtext("code")) == ("errors", str(status))


@pytest.mark.parametrize("extension", ["json", "xml"])
def test_the_door_refuses_in_the_form_asked(client, extension):
    path = f"{BASE}/requests.{extension}"
    services = client.app.state.services
    refused(client.post(path, json=REPORT), 415, extension)
    refused(client.post(path, content=b"a" * 70_000, headers=FORM), 413, extension)
    unknown = client.get(path, headers={"Authorization": "Bearer rien"})
    refused(unknown, 401, extension)
    assert unknown.headers["www-authenticate"].startswith("Bearer")
    other = {"Authorization": f"Bearer {client.other_key}"}
    refused(client.get(path, headers=other), 403, extension)
    services.limits = replace(services.limits, keys=RateLimiter(per_minute=1, burst=1))
    client.get(path)
    limited = client.get(path)
    refused(limited, 429, extension)
    assert int(limited.headers["retry-after"]) > 0


def test_refusals_are_in_the_form_asked(client):
    answer = client.post(f"{BASE}/requests.json", data={"lat": "10", "long": "10"})
    assert answer.status_code == 400
    assert {one["code"] for one in answer.json()} == {400}
    assert len(answer.json()) == 2
    answer = client.post(f"{BASE}/requests.xml", data={})
    assert ET.fromstring(answer.content).tag == "errors"
    assert client.get(f"{BASE}/requests/SIG-000000-000000.json").status_code == 404
    assert client.get(f"{BASE}/requests/%00.json").status_code == 404


def test_the_same_sending_twice_keeps_one_report(client):
    headers = {"Idempotency-Key": "envoi-42"}
    answers = [client.post(f"{BASE}/requests.json", data=REPORT, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(client.get(f"{BASE}/requests.json").json()) == 1
    other = REPORT | {"description": "Autre"}
    assert client.post(f"{BASE}/requests.json", data=other, headers=headers).status_code == 409


def test_filters(client):
    first, second = created(client), created(client, service_code="depot_sauvage")

    def numbers(**query):
        answer = client.get(f"{BASE}/requests.json", params=query)
        assert answer.status_code == 200, answer.text
        return {one["service_request_id"] for one in answer.json()}

    now = client.app.state.services.now()
    assert numbers() == {first, second}
    assert numbers(service_code="depot_sauvage,pav_degrade") == {second}
    assert numbers(service_request_id=f"{first},SIG-1") == {first}
    assert numbers(status="closed") == set()
    assert numbers(end_date=(now - timedelta(days=1)).isoformat()) == set()
    assert numbers(start_date=(now - timedelta(days=1)).isoformat()) == {first, second}


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2026-01-01", "end_date": "2026-06-01"},
        {"start_date": "2026-02-01", "end_date": "2026-01-01"},
        {"start_date": "hier"},
        {"start_date": "0001-01-01T00:00:00+23:00"},
        {"status": "ouvert"},
        {"service_request_id": "a'b"},
        {"service_code": "\x00"},
    ],
)
def test_filters_that_cannot_be_used_are_refused(client, query):
    answer = client.get(f"{BASE}/requests.json", params=query)
    assert answer.status_code == 400
    assert answer.json()[0]["code"] == 400


def test_hostile_words_give_sound_xml(client):
    number = created(client, description="<script>\x00\x0b]]>&amp;\ud83d\ude00".encode(
        "utf-8", "surrogatepass").decode("utf-8", "replace"))  # fmt: skip
    tree = ET.fromstring(client.get(f"{BASE}/requests/{number}.xml").content)
    assert "<script>" in tree.find("request").findtext("description")


def test_a_body_that_is_no_form_is_refused(client):
    assert client.post(f"{BASE}/requests.json", json=REPORT).status_code == 415
    many = "&".join(f"attribute[a{i}]=1" for i in range(200))
    assert client.post(f"{BASE}/requests.json", content=many, headers=FORM).status_code == 400
    assert client.post(f"{BASE}/requests.json", content=b"\xff=1", headers=FORM).status_code == 400
