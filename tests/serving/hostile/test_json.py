"""JSON that no honest client writes: each time a clear refusal, or a harmless answer."""

import json

import pytest

from nlu.classifier.intent_classifier import MOST_CHARACTERS

HEADERS = {"Content-Type": "application/json"}
BODIES = [
    ("/v1/parse", "parse", {"texts": ["bonjour"]}),
    ("/v1/messages", "messages", {"text": "bonjour"}),
    ("/v1/feedback", "feedback", {"rating": 5}),
    ("/v1/conversations/erase", "messages", {"session_id": "s_" + "a" * 32}),
]
DEEP = 100_000
NO_JSON = {
    "brackets": b"[" * DEEP,
    "objects": b'{"a":' * DEEP,
    "closed brackets": b"[" * DEEP + b"]" * DEEP,
    "brackets after a text": b'{"texts": ["\\"' + b'"], "a": ' + b"[" * DEEP,
    "invalid UTF-8": b'{"texts": ["\xff\xfe"]}',
    "cut UTF-8": b'{"texts": ["\xc3"]}',
    "overlong UTF-8": b'{"texts": ["\xc0\xaf"]}',
    "surrogate in UTF-8": b'{"texts": ["\xed\xa0\x80"]}',
    "number without end": b"1" * 100_000,
    "number in a field": b'{"rating": ' + b"9" * 100_000 + b"}",
    "exponent": b'{"rating": 1e999999}',
    "NaN": b'{"rating": NaN, "texts": NaN, "text": NaN}',
    "infinity": b'{"rating": -Infinity, "texts": [Infinity]}',
    "a bare text": b'"bonjour"',
    "null": b"null",
    "two documents": b"{}{}",
    "a comment": b"{/* */}",
    "a NUL": b"\x00",
    "nothing": b"",
    "spaces": b" " * 100_000,
    "a key without end": b'{"' + b"a" * 500_000 + b'": 1}',
    "many keys": json.dumps({f"k{number}": 1 for number in range(20_000)}).encode(),
    "words for a key": json.dumps({"je m'appelle Marie Durand <b>": 1}).encode(),
    "a forbidden key": b'{"__proto__": {"admin": true}, "__class__": 1}',
}


@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_request_is_refused_clearly(api, refused, content):
    for path, scope, _ in BODIES:
        told = refused(api.call("POST", path, scope, content=content, headers=HEADERS), 400, 422)
        assert len(json.dumps(told)) < 60_000
        assert "Traceback" not in str(told)
        assert "Durand" not in str(told)


@pytest.mark.parametrize("text", ["\ud800", "\udfff\ud800", "a\ud83d"])
def test_half_a_character_is_refused(api, refused, text):
    for path, scope, body in (
        ("/v1/parse", "parse", {"texts": [text]}),
        ("/v1/messages", "messages", {"text": text}),
        ("/v1/messages", "messages", {"payload": text}),
        ("/v1/feedback", "feedback", {"comment": text}),
    ):
        content = json.dumps(body).encode()
        refused(api.call("POST", path, scope, content=content, headers=HEADERS), 422)


def test_of_a_key_written_twice_one_value_counts_and_it_is_checked(api, refused):
    twice = b'{"texts": ["bonjour"], "texts": 3}'
    refused(api.call("POST", "/v1/parse", "parse", content=twice, headers=HEADERS), 422)
    swapped = b'{"texts": 3, "texts": ["bonjour"]}'
    answer = api.call("POST", "/v1/parse", "parse", content=swapped, headers=HEADERS)
    assert (answer.status_code, len(answer.json()["results"])) == (200, 1)


def test_as_many_texts_as_promised_and_not_one_more(api, refused):
    def parsed(texts):
        return api.call("POST", "/v1/parse", "parse", json={"texts": texts})

    assert len(parsed(["bac jaune"] * 256).json()["results"]) == 256
    told = refused(parsed(["bac jaune"] * 257), 422)
    assert "256" in str(told["errors"])
    assert parsed(["x" * MOST_CHARACTERS]).status_code == 200
    refused(parsed(["x" * (MOST_CHARACTERS + 1)]), 422)


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "text/csv", "application/xml", "application/x-www-form-urlencoded",
     "multipart/form-data; boundary=x", "application/json5", "json", "application/json\x00", "é"],
)  # fmt: skip
def test_another_media_type_is_refused(api, refused, media_type):
    for path, scope, body in BODIES:
        headers = [(b"Content-Type", media_type.encode())]
        headers += [(b"Authorization", f"Bearer {api.keys[scope]}".encode())]
        answer = api.client.post(path, content=json.dumps(body).encode(), headers=headers)
        assert "application/json" in refused(answer, 415)["detail"]
