import asyncio
import re

from serving.routes.parse import ParseResponse
from serving.security.token_bucket import RateLimiter


def parse(api, texts, **more):
    return api.call("POST", "/v1/parse", "parse", json={"texts": texts, **more})


def test_results_come_in_order_with_the_fields_of_the_contract(api):
    texts = ["Quand passe le bac jaune à Deauville ?", "stop", "parler à un conseiller"]
    answer = parse(api, texts, channel="web")
    assert answer.status_code == 200
    body = answer.json()
    ParseResponse.model_validate(body)
    assert body["model_version"].startswith("modele-1@")
    assert not body["degraded"]
    intents = [one["intent"] for one in body["results"]]
    assert intents == ["collecte_calendrier", "nudge_stop", "demander_humain"]
    first = body["results"][0]
    assert set(first) == {
        "intent", "confidence", "decision", "ranking", "out_of_scope", "entities"
    }  # fmt: skip
    assert first["ranking"][0] == {"intent": "collecte_calendrier", "confidence": 0.97}
    commune = next(one for one in first["entities"] if one["name"] == "commune")
    assert commune["value"] == "14220"
    assert texts[0][commune["start"] : commune["end"]] == commune["text"] == "Deauville"


def test_256_texts_are_read_and_257_are_not(api):
    assert len(parse(api, ["bac jaune"] * 256).json()["results"]) == 256
    assert parse(api, ["bac jaune"] * 257).status_code == 422


def test_phases_are_timed_in_a_header(api):
    timing = parse(api, ["bac jaune"]).headers["server-timing"]
    names = [part.partition(";")[0] for part in timing.split(", ")]
    assert names == ["queue", "tokenise", "model", "entities", "total"]
    assert all(re.fullmatch(r"[a-z]+;dur=\d+\.\d\d", part) for part in timing.split(", "))


def test_hostile_texts_are_only_texts(api):
    texts = [
        "",
        "\x00\x01\x02",
        "{{ 7*7 }}",
        "../../etc/passwd",
        "=1+1",
        "🙂",
        "\u202eabc",
        "a" * 8_000,
    ]
    answer = parse(api, texts)
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == len(texts)
    assert parse(api, ["a" * 8_001]).status_code == 422


def test_nothing_is_kept(api):
    parse(api, ["bac jaune secret-de-mme-petit"])
    with api.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT text FROM message").fetchall()
    assert all("petit" not in row[0] for row in rows)


def test_without_a_model_key_words_answer_and_say_so(degraded):
    body = parse(degraded, ["je veux parler à un conseiller", "quand passe le bac jaune"]).json()
    assert body["degraded"]
    assert body["model_version"] == "mots-cles"
    assert [one["decision"] for one in body["results"]] == ["answer", "hand_over"]
    ready = degraded.call("GET", "/readyz", None).json()
    assert ready["degraded"]
    assert ready["engine"] is None


def test_readiness_says_what_runs(api):
    ready = api.call("GET", "/readyz", None).json()
    assert ready["model_version"].startswith("modele-1@")
    assert ready["engine"] == {"runtime": "essai", "device": "cpu", "precision": "fp32"}


def test_too_fast_a_key_is_told_when_to_come_back(api, monkeypatch):
    slow = RateLimiter(per_minute=1, burst=1)
    limits = type(api.services.limits)
    monkeypatch.setattr(
        api.services,
        "limits",
        limits(body=10_000, json_depth=16, requests=9, keys=slow, visitors=slow),
    )
    assert parse(api, ["a"]).status_code == 200
    refused = parse(api, ["a"])
    assert refused.status_code == 429
    assert refused.json()["type"] == "/problems/rate-limited"
    assert int(refused.headers["retry-after"]) >= 1


def test_a_full_queue_answers_429_and_a_lost_model_never_hangs(api, monkeypatch):
    from nlu.inference.micro_batching import QueueFull

    async def full(_texts):
        raise QueueFull(2.4)

    async def lost(_texts):
        await asyncio.sleep(60)

    monkeypatch.setattr(api.services.batcher, "submit", full)
    refused = parse(api, ["a"])
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
    assert refused.json()["type"] == "/problems/overloaded"
    monkeypatch.setattr(api.services.batcher, "submit", lost)
    monkeypatch.setattr(
        api.services, "settings", _with(api.services.settings, deadline_seconds=0.1)
    )
    assert parse(api, ["a"]).status_code == 429


def _with(settings, **changes):
    from dataclasses import replace

    return replace(settings, **changes)
