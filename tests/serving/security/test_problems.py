import pytest

from serving.security.problem import KINDS

JSON = {"content-type": "application/json"}


def check_problem(answer, status, kind):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["type"] == f"/problems/{kind}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert told["instance"].endswith(answer.headers["x-request-id"])
    return told


def post(api, content, *, headers=JSON, scope="parse", path="/v1/parse"):
    return api.call("POST", path, scope, content=content, headers=headers)


def test_each_refusal_has_its_own_kind(api):
    check_problem(api.call("GET", "/rien", None), 404, "not-found")
    check_problem(api.call("DELETE", "/v1/parse", "parse"), 405, "method-not-allowed")
    check_problem(api.call("POST", "/v1/parse", None), 401, "unauthenticated")
    check_problem(post(api, b"{}", scope="feedback"), 403, "forbidden")
    check_problem(post(api, b"x" * 2_000_000), 413, "body-too-large")
    check_problem(post(api, b"a=1", headers={"content-type": "text/plain"}), 415,
                  "unsupported-media-type")  # fmt: skip
    check_problem(post(api, b"{"), 422, "validation")
    check_problem(post(api, b"[" * 5_000), 422, "validation")


@pytest.mark.parametrize(
    ("body", "place", "what"),
    [
        (b"{}", "texts", "champ absent"),
        (b'{"texts": []}', "texts", "liste trop courte"),
        (b'{"texts": "a"}', "texts", "liste"),
        (b'{"texts": [1]}', "texts n° 1", "texte est attendu"),
        (b'{"texts": ["a"], "channel": "fax"}', "channel", "valeur inconnue"),
        (b'{"texts": ["a"], "autre": 1}', "autre", "champ inconnu"),
        (b'{"texts": ["\\ud800"]}', "texts n° 1", "Unicode"),
        (b"null", "corps", ""),
        (b"\xff\xfe", "corps", ""),
    ],
)
def test_faults_are_told_in_french_by_place(api, body, place, what):
    answer = post(api, body)
    if answer.status_code == 400:
        check_problem(answer, 400, "malformed")
        return
    errors = check_problem(answer, 422, "validation")["errors"]
    assert any(place in one["place"] and what in one["what"] for one in errors), errors


def test_a_faulty_text_is_not_echoed(api):
    secret = "Mme Petit 06 12 34 56 78 " * 400
    answer = api.call("POST", "/v1/parse", "parse", json={"texts": [secret], "autre": secret})
    assert answer.status_code == 422
    assert "Petit" not in answer.text


def test_every_route_documents_its_refusals_in_french(api):
    schema = api.call("GET", "/openapi.json", "parse").json()
    assert schema["openapi"].startswith("3.1")
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if int(status) < 400:
                    continue
                content = answer["content"]
                if path.startswith("/open311/"):
                    # GeoReport v2 has a form of its own for refusals.
                    assert list(content) == ["application/json", "text/xml"], (path, status)
                    continue
                assert list(content) == ["application/problem+json"], (path, method, status)
                assert content["application/problem+json"]["examples"]
            if operation["security"]:
                assert "401" in operation["responses"], (path, method)
    listed = schema["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert listed == [f"/problems/{kind}" for kind in KINDS]


def test_a_failure_inside_is_told_without_its_words(api, capsys):
    @api.client.app.get("/panne")
    def broken():
        raise ValueError("Mme Petit, 06 12 34 56 78")

    try:
        answer = api.call("GET", "/panne", "admin")
    finally:
        api.client.app.router.routes.pop()
    check_problem(answer, 500, "internal")
    assert "Petit" not in answer.text


def test_every_answer_is_guarded_and_sets_no_cookie(api):
    for answer in (
        api.call("GET", "/healthz", None),
        api.call("GET", "/rien", None),
        api.say("bac jaune"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
