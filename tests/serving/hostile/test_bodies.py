"""Bodies and heads that are too large, too slow, cut, compressed, or no HTTP, on a real socket."""

import gzip
import json
import threading
from dataclasses import replace

import httpx
import pytest

from serving.routes import parse
from serving.security import body

TEN_MEGABYTES = 10 * 1_048_576
JSON = "Content-Type: application/json"
TEXTS = b'{"texts": ["bonjour"]}'


@pytest.fixture(autouse=True)
def still_answers(server):
    yield
    assert server.is_alive()


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else None


def problem_of(answer):
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_ten_declared_megabytes_are_refused_unread(server):
    head = server.head("/v1/parse", "parse", JSON, f"Content-Length: {TEN_MEGABYTES}")
    answer = server.send(head)
    assert status_of(answer) == 413
    assert "1 048 576 octets" in problem_of(answer)["detail"].replace("\u202f", " ")


def test_ten_megabytes_without_a_length_are_cut_at_the_limit(server):
    head = server.head("/v1/parse", "parse", JSON, "Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    assert status_of(server.send(head, *[chunk] * (TEN_MEGABYTES // 65_536))) in (413, None)


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", "x-inconnu"])
def test_a_compressed_body_is_refused_uncompressed(server, coding):
    bomb = gzip.compress(b" " * TEN_MEGABYTES)
    head = server.head(
        "/v1/parse", "parse", JSON, f"Content-Encoding: {coding}", f"Content-Length: {len(bomb)}"
    )
    answer = server.send(head, bomb)
    assert status_of(answer) == 415
    assert b"accept-encoding: identity" in answer.lower()


@pytest.mark.parametrize("scope", ["parse", None])
def test_a_body_that_stops_half_way_is_given_up(server, monkeypatch, scope):
    monkeypatch.setattr(body, "READ_SECONDS", 0.3)
    head = server.head("/v1/parse", scope, JSON, "Content-Length: 100")
    answer = server.send(head, b'{"texts": [')
    # Without a key nothing is waited for.
    assert status_of(answer) == (408 if scope else 401)


def test_who_leaves_half_way_leaves_nothing_behind(server):
    head = server.head("/v1/parse", "parse", JSON, "Content-Length: 100")
    for _ in range(20):
        server.send(head, b'{"texts": [', close=True)


@pytest.mark.parametrize(
    "lines",
    [
        ["X: " + "a" * 1_000_000],
        [f"X-{number}: a" for number in range(20_000)],
        ["Content-Length: 22", "Content-Length: 9"],
        ["Content-Length: 22", "Transfer-Encoding: chunked"],
        ["Content-Length: -1"],
        ["Content-Length: 1e3"],
        ["Transfer-Encoding: gzip"],
        ["X\x00: a"],
        ["X: a\x00b"],
        [" folded: a"],
    ],
    ids=lambda lines: lines[0][:24],
)
def test_heads_that_are_no_http_get_a_4xx_or_a_closed_door(server, monkeypatch, lines):
    monkeypatch.setattr(body, "READ_SECONDS", 0.3)
    answer = server.send(server.head("/v1/parse", "parse", JSON, *lines), TEXTS)
    assert status_of(answer) in (400, 408, 413, 422, 431, None)


@pytest.mark.parametrize(
    "request_line",
    [b"GET " + b"/a" * 100_000, b"\x16\x03\x01\x02\x00", b"\x00" * 100, b"PRI * HTTP/2.0",
     b"GET http://ailleurs.example/v1/cockpit HTTP/1.1"],
)  # fmt: skip
def test_what_is_no_http_1_1_gets_a_4xx_or_a_closed_door(server, request_line):
    answer = server.send(request_line + b"\r\nHost: sophie\r\nConnection: close\r\n\r\n")
    status = status_of(answer)
    assert status is None or 400 <= status < 500


def test_a_method_nobody_knows_and_a_switch_of_protocol(server):
    assert status_of(server.send(server.head("/v1/parse", "parse", method="FAITES"))) == 405
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")  # fmt: skip
    answer = server.send(server.head("/v1/cockpit", None, *upgrade, method="GET"))
    assert 400 <= status_of(answer) < 500


def test_beyond_its_places_the_service_says_when_to_come_back(server, monkeypatch):
    gate, places = threading.Event(), 2
    found = parse.entities_of

    def slowly(texts, **options):
        gate.wait(10)
        return found(texts, **options)

    monkeypatch.setattr(parse, "entities_of", slowly)
    limits = server.services.limits
    monkeypatch.setattr(server.services, "limits", replace(limits, requests=places))
    answers = []

    def ask():
        answers.append(
            httpx.post(
                f"{server.address}/v1/parse",
                content=TEXTS,
                headers={"Authorization": f"Bearer {server.keys['parse']}",
                         "Content-Type": "application/json"},
                timeout=20,
            )
        )  # fmt: skip

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(400):
        if len(answers) == 4:
            break
        gate.wait(0.01)
    refused = list(answers)
    assert httpx.get(f"{server.address}/healthz").status_code == 200
    gate.set()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in refused] == [429] * 4
    for one in refused:
        assert one.headers["content-type"] == "application/problem+json"
        assert one.json()["type"] == "/problems/overloaded"
        assert int(one.headers["retry-after"]) >= 1
    assert sorted(one.status_code for one in answers) == [200] * 2 + [429] * 4
