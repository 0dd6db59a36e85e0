from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from serving.security.api_key import new_key
from serving.security.key_ring import MOST_KEYS, REMEMBERED_SECONDS, TRUSTED_SECONDS, KeyRing

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Store:
    """Keys by identifier, and how often they were asked for; None where it does not answer."""

    def __init__(self, *keys):
        self.keys = {one.identifier: one for one in keys}
        self.asked = 0

    def find(self, identifier):
        self.asked += 1
        if self.keys is None:
            raise OperationalError("SELECT", {}, Exception("connection refused"))
        return self.keys.get(identifier)


@pytest.fixture
def key():
    return new_key(
        name="site", scopes=frozenset({"parse"}), now=NOW, expires_at=NOW + timedelta(minutes=5)
    )


def test_a_key_outlives_a_store_that_is_down_for_ten_minutes(key):
    text, stored = key
    store = Store(stored)
    ring = KeyRing(store.find)
    assert ring.check(text, clock=0.0, now=NOW) == stored
    store.keys = None
    assert ring.check(text, clock=TRUSTED_SECONDS - 1, now=NOW) == stored
    with pytest.raises(OperationalError):
        ring.check(text, clock=TRUSTED_SECONDS + REMEMBERED_SECONDS, now=NOW)


def test_expiry_needs_no_store(key):
    text, stored = key
    store = Store(stored)
    ring = KeyRing(store.find)
    ring.check(text, clock=0.0, now=NOW)
    store.keys = None
    assert ring.check(text, clock=301.0, now=NOW + timedelta(seconds=301)) is None


def test_a_key_that_was_never_seen_waits_for_the_store(key):
    store = Store()
    store.keys = None
    with pytest.raises(OperationalError):
        KeyRing(store.find).check(key[0], clock=0.0, now=NOW)


def test_a_store_that_is_down_is_asked_every_five_seconds_only(key):
    text, stored = key
    store = Store(stored)
    ring = KeyRing(store.find)
    ring.check(text, clock=0.0, now=NOW)
    store.keys = None
    for tenth in range(200):
        ring.check(text, clock=tenth / 10, now=NOW)
    assert store.asked == 4


def test_a_key_that_is_gone_is_refused_once_the_store_is_back(key):
    text, stored = key
    store = Store(stored)
    ring = KeyRing(store.find)
    ring.check(text, clock=0.0, now=NOW)
    store.keys = None
    assert ring.check(text, clock=60.0, now=NOW) == stored
    store.keys = {}
    assert ring.check(text, clock=60.0 + REMEMBERED_SECONDS, now=NOW) is None


def test_the_ring_holds_a_bounded_number_of_keys():
    made = [new_key(name="site", scopes=frozenset(), now=NOW) for _ in range(MOST_KEYS + 1)]
    store = Store(*(stored for _text, stored in made))
    ring = KeyRing(store.find)
    for text, _stored in made:
        ring.check(text, clock=0.0, now=NOW)
    ring.check(made[0][0], clock=0.0, now=NOW)
    assert store.asked == MOST_KEYS + 2


def test_what_is_remembered_is_told_without_the_store(key):
    text, stored = key
    store = Store(stored)
    ring = KeyRing(store.find)
    assert ring.remembered(text, clock=0.0, now=NOW) is None
    ring.check(text, clock=0.0, now=NOW)
    assert ring.remembered(text, clock=REMEMBERED_SECONDS - 1, now=NOW) == stored
    assert ring.remembered(f"{text}x", clock=1.0, now=NOW) is None
    assert ring.remembered("nothing", clock=1.0, now=NOW) is None
    assert ring.remembered(text, clock=1.0, now=NOW + timedelta(minutes=6)) is None
    assert ring.remembered(text, clock=REMEMBERED_SECONDS, now=NOW) is None
    assert store.asked == 1
