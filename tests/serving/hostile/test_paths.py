"""Addresses that climb out of where they belong."""

import pytest

CLIMBS = [
    "../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252fetc%252fpasswd", "..\\..\\..\\windows\\win.ini", "..%5c..%5cwindows%5cwin.ini",
    "....//....//etc/passwd", "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd",
    "deauville-1%00", "%00", "deauville-1%0d%0aX-Faux:%20oui", "%c0%ae%c0%ae%c0%afetc", "%ff", "%",
    "~root", "C:%5Cwin.ini", "sophie.css%20", "sophie.css/", "sophie.css%00.js", "Sophie.css",
    "%E2%80%AE", "a" * 4_000, "*", "'%20OR%201=1--", "{{7*7}}", "<script>alert(1)</script>",
]  # fmt: skip
PLACES = [
    "/pages/static/{}", "/v1/calendar/{}.ics", "/open311/v2/services/{}.json",
    "/open311/v2/services/{}.xml", "/open311/v2/requests/{}.json", "/open311/v2/request/{}.xml",
    "/open311/v2/services.{}", "/open311/v2/requests.{}", "/open311/v2/{}", "/v1/{}", "/{}",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_address_leads_out(api, place):
    for climb in CLIMBS:
        path = place.format(climb)
        answer = api.call("GET", path, "admin", follow_redirects=False)
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
        assert "root:" not in answer.text
        assert "<script>" not in answer.text
        assert "x-faux" not in answer.headers
        assert answer.headers["content-type"] in (
            "application/problem+json", "application/json; charset=utf-8",
            "text/xml; charset=utf-8",
        )  # fmt: skip


@pytest.mark.parametrize("query", ["year={}", "only={}", "year=2026&only=commune:{}", "{}=1"])
def test_pages_show_no_word_of_their_address_unescaped(api, query):
    for word in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "'"):
        answer = api.client.get(f"/cockpit?{query.format(word)}")
        assert answer.status_code == 200
        assert word not in answer.text or word == "'"
        assert "<script>alert" not in answer.text


def test_an_address_with_a_slash_too_many_leads_nowhere_else(api):
    for path in ("/v1/parse/", "/sophie/", "/pages/static/", "/v1//parse"):
        answer = api.client.get(path, headers={"Host": "ailleurs.example"}, follow_redirects=False)
        assert answer.status_code in (404, 405)
        assert "ailleurs" not in answer.headers.get("location", "")


def test_the_way_home_does_not_depend_on_the_host_that_is_asked(api):
    answer = api.client.get("/", headers={"Host": "ailleurs.example"}, follow_redirects=False)
    assert answer.headers["location"] == "/sophie"
