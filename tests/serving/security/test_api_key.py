from datetime import UTC, datetime, timedelta

import pytest

from nudge.errors import CampaignError
from serving.security.api_key import is_secret_of, new_key, split_key
from serving.security.key_ring import REMEMBERED_SECONDS, KeyRing
from serving.store.api_keys import all_keys, find_key, revoke_key, save_key
from serving.store.tables import api_key

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def make(**options):
    return new_key(name="site", scopes=frozenset({"parse"}), now=NOW, **options)


def test_a_key_is_recognised_and_its_neighbour_is_not():
    text, stored = make()
    other, _ = make()
    identifier, secret = split_key(text)
    assert identifier == stored.identifier
    assert is_secret_of(stored, secret)
    assert not is_secret_of(stored, split_key(other)[1])


def test_the_store_never_holds_the_secret(serving_store):
    text, stored = make()
    save_key(serving_store, stored)
    with serving_store.engine.connect() as connection:
        row = connection.execute(api_key.select()).mappings().one()
    assert split_key(text)[1] not in " ".join(map(str, row.values()))
    assert find_key(serving_store, stored.identifier) == stored


def test_a_key_expires_at_its_instant():
    _, stored = make(expires_at=NOW + timedelta(days=1))
    assert stored.is_valid(NOW + timedelta(hours=23))
    assert not stored.is_valid(NOW + timedelta(days=1))


def test_a_revoked_key_is_refused_within_five_seconds(serving_store):
    text, stored = make()
    save_key(serving_store, stored)
    ring = KeyRing(lambda identifier: find_key(serving_store, identifier))
    assert ring.check(text, clock=0.0, now=NOW) is not None
    revoke_key(serving_store, stored.identifier, now=NOW)
    assert ring.check(text, clock=REMEMBERED_SECONDS, now=NOW) is None
    assert all_keys(serving_store)[0].revoked_at == NOW


def test_revoking_an_unknown_key_says_where_the_list_is(serving_store):
    with pytest.raises(CampaignError, match="pouce serve key list"):
        revoke_key(serving_store, "0" * 12, now=NOW)


@pytest.mark.parametrize("text", ["", "pouce_", "pouce_x_y", "Bearer", "pouce_é_" + "a" * 43])
def test_what_is_not_a_key_never_reaches_the_store(text):
    ring = KeyRing(lambda _identifier: pytest.fail("the store was asked"))
    assert ring.check(text, clock=0.0, now=NOW) is None


def test_admin_allows_everything_and_others_only_themselves():
    _, parse = make()
    _, admin = new_key(name="chef", scopes=frozenset({"admin"}), now=NOW)
    assert parse.allows("parse")
    assert parse.allows("any")
    assert not parse.allows("messages")
    assert admin.allows("messages")
