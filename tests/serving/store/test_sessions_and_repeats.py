from datetime import UTC, datetime, timedelta

import pytest

from serving.store.database import recording
from serving.store.idempotency import (
    RepeatedKeyError,
    earlier_response,
    keep_response,
    request_key,
)
from serving.store.sessions import new_session, pseudonym_of, repeatable_session

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_an_answer_for_repeated_requests_is_kept_a_day(serving_store):
    asked = request_key("cle", "demande-1", {"texte": "a"})
    other = request_key("cle", "demande-1", {"texte": "b"})
    with recording(serving_store) as connection:
        assert keep_response(connection, asked, {"n": 1}, at=NOW)
        assert not keep_response(connection, asked, {"n": 2}, at=NOW)
        assert earlier_response(connection, asked) == {"n": 1}
        with pytest.raises(RepeatedKeyError):
            earlier_response(connection, other)
        late = request_key("cle", "demande-2", {})
        keep_response(connection, late, {}, at=NOW + timedelta(hours=25))
        assert earlier_response(connection, asked) is None


def test_a_session_is_known_by_its_pseudonym_only():
    session = new_session()
    assert new_session() != session
    assert pseudonym_of(session) == pseudonym_of(pseudonym_of(session))
    assert session[2:] not in pseudonym_of(session)
    assert repeatable_session("cle", "a") == repeatable_session("cle", "a")
    assert repeatable_session("cle", "a") != repeatable_session("autre", "a")
    with pytest.raises(ValueError, match="neither"):
        pseudonym_of("p_court")
