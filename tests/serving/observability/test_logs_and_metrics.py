import json


def test_a_request_is_one_json_line_without_words_or_secrets(api, logged):
    answer = api.say("Mme Petit attend son bac jaune à Deauville, 06 12 34 56 78")
    api.call("GET", "/v1/calendar/mme-petit.ics", "calendar")
    api.call("GET", "/mme-petit?nom=petit", "calendar")
    lines = logged()
    line = next(one for one in lines if one.get("route") == "/v1/messages")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["status"] == 200
    assert line["key"]
    assert line["milliseconds"] > 0
    assert set(line["phases"]) >= {"queue", "model", "entities", "answer"}
    text = json.dumps(lines).lower()
    for secret in ("petit", "06 12", answer.json()["session_id"].lower(), "pouce_"):
        assert secret not in text


def test_the_failure_of_a_driver_is_logged_by_its_type_only(api, logged, monkeypatch):
    def broken(*_args, **_options):
        raise ValueError("near 'Mme Petit': syntax error")

    from serving.turns import take

    monkeypatch.setattr(take, "save_turn", broken)
    assert api.say("bac jaune").status_code == 500
    failure = next(one for one in logged() if one["event"] == "failure")
    assert failure["exception"] == "ValueError"
    assert any("take.py" in frame for frame in failure["stack"])
    assert "Petit" not in json.dumps(failure)


def test_a_clients_request_identifier_is_kept_when_it_is_one(api):
    given = api.call("GET", "/healthz", None, headers={"X-Request-ID": "front-0001"})
    assert given.headers["x-request-id"] == "front-0001"
    bad = api.call("GET", "/healthz", None, headers={"X-Request-ID": "a b\tc<script>"})
    assert "script" not in bad.headers["x-request-id"]


def value(api, line_start):
    text = api.call("GET", "/metrics", "admin").text
    found = [line for line in text.splitlines() if line.startswith(line_start)]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


def test_metrics_count_what_was_decided_and_refused(api):
    said = 'pouce_decisions_total{channel="web",decision="answer"}'
    intent = 'pouce_intents_total{intent="redevance_pro"}'
    refused = 'pouce_refusals_total{kind="validation"}'
    before = [value(api, name) for name in (said, intent, refused, "pouce_confidence_count")]
    api.say("redevance")
    api.say()
    after = [value(api, name) for name in (said, intent, refused, "pouce_confidence_count")]
    assert [late - early for late, early in zip(after, before, strict=True)] == [1, 1, 1, 1]
    assert value(api, "pouce_degraded") == 0
    assert value(api, 'pouce_phase_seconds_count{phase="model",route="/v1/messages"}') > 0
    assert "pouce_queue_texts 0.0" in api.call("GET", "/metrics", "admin").text


def test_an_address_that_does_not_exist_makes_no_label(api):
    for place in range(20):
        api.call("GET", f"/invente-{place}", None)
    assert "invente" not in api.call("GET", "/metrics", "admin").text


def test_a_degraded_service_says_so(degraded):
    assert value(degraded, "pouce_degraded") == 1
