import re

import pytest

from serving.security.gate import access_of
from serving.security.scopes import SCOPES

PAGES = {"/", "/sophie", "/cockpit", "/accessibilite", "/pages/static/deauville-1"}
PUBLIC = {"/healthz", "/readyz", *PAGES}
# Each parameter of an address, filled with something of its shape.
FILLED = re.compile(r"\{[^}]+\}")


def every_route(api):
    for route in api.client.app.routes:
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            yield method, FILLED.sub("deauville-1", route.path), access_of(route)


def test_without_a_key_only_health_and_the_pages_answer(api):
    for method, path, access in every_route(api):
        status = api.call(method, path, None).status_code
        assert (status == 401) == (access != "public"), (method, path, status)
        if access == "public":
            assert path in PUBLIC, path


def test_each_scope_opens_something_and_there_are_no_others(api):
    asked = {access for _, _, access in every_route(api)}
    assert asked == {*SCOPES, "public", "any"}


def test_the_cockpit_shows_no_figure_without_a_key(api):
    assert api.call("GET", "/cockpit", None).status_code == 200
    assert api.call("GET", "/v1/cockpit", None).status_code == 401
    assert api.call("GET", "/v1/cockpit", "cockpit").json()["year"]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_its_own_routes_and_no_other(api, scope):
    for method, path, access in every_route(api):
        status = api.call(method, path, scope).status_code
        allowed = access in {"public", "any", scope} or scope == "admin"
        assert (status not in {401, 403}) == allowed, (method, path, scope, status)
        assert status < 500, (method, path, scope)


def test_a_forgotten_route_is_closed_to_all_but_admin(api):
    @api.client.app.get("/oublie")
    def forgotten():
        return {}

    try:
        assert api.call("GET", "/oublie", None).status_code == 401
        assert api.call("GET", "/oublie", "parse").status_code == 403
        assert api.call("GET", "/oublie", "admin").status_code == 200
    finally:
        api.client.app.router.routes.pop()


def test_wrong_keys_are_refused_however_they_look(api):
    good = api.keys["parse"]
    for text in ("", "x", good[:-1], good[:-1] + ("a" if good[-1] != "a" else "b"), "é" * 40):
        headers = {"Authorization": f"Bearer {text}".encode()}
        answer = api.client.post("/v1/parse", json={"texts": ["a"]}, headers=headers)
        assert answer.status_code == 401, text
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_other_header_works_too(api):
    answer = api.client.post(
        "/v1/parse", json={"texts": ["bac jaune"]}, headers={"X-API-Key": api.keys["parse"]}
    )
    assert answer.status_code == 200
