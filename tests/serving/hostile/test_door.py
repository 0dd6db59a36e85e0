"""The door under pressure: a store that is gone, floods of addresses, pages with their files."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from serving.security.gate import _visitor
from serving.security.token_bucket import RateLimiter

FILES = 10


@pytest.fixture
def visitors(api, monkeypatch):
    def limited_to(burst):
        slow = RateLimiter(per_minute=1, burst=burst)
        monkeypatch.setattr(api.services, "limits", replace(api.services.limits, visitors=slow))

    return limited_to


def test_a_key_that_cannot_be_looked_up_is_no_fault_of_the_client(api, refused, monkeypatch):
    def gone(_identifier):
        raise OperationalError("SELECT", {}, Exception("the store is gone"))

    api.services.keys._known.clear()
    monkeypatch.setattr(api.services.keys, "_find", gone)
    answer = api.call("POST", "/v1/parse", "parse", json={"texts": ["bonjour"]})
    refused(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1
    form = api.call("GET", "/open311/v2/services.xml", "open311")
    assert (form.status_code, form.headers["content-type"]) == (503, "text/xml; charset=utf-8")


def test_a_page_with_its_files_counts_for_two_requests(api, visitors):
    visitors(4)
    for _ in range(2):
        assert api.client.get("/sophie").status_code == 200
        for _ in range(FILES):
            assert api.client.get("/pages/static/sophie.css").status_code == 200
    last = api.client.get("/sophie")
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) >= 1


def test_a_probe_is_not_starved_by_pages(api, visitors):
    visitors(1)
    assert [api.client.get("/healthz").status_code for _ in range(10)] == [200] * 10


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("pas:une:adresse", "pas:une:autre", False),
    ],
)
def test_a_household_is_one_visitor_however_many_addresses_it_has(one, other, same):
    assert (_visitor(one) == _visitor(other)) == same
