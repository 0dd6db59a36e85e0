import pytest

pytest.importorskip("psycopg")

from serving.store.postgresql_outage import CONNECT_SECONDS, PAUSE_SECONDS, Outage


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def outage(clock):
    return Outage(clock=lambda: clock[0])


def test_everyone_may_try_while_the_server_answers(outage):
    assert all(outage.admits() for _ in range(10))


def test_after_a_failure_one_may_try_in_a_while_and_the_others_fail_at_once(outage, clock):
    outage.failed()
    assert not outage.admits()
    clock[0] += PAUSE_SECONDS
    assert [outage.admits() for _ in range(3)] == [True, False, False]
    # One that was admitted and never told anything does not shut the others out for good.
    clock[0] += CONNECT_SECONDS + PAUSE_SECONDS
    assert outage.admits()


def test_one_answer_ends_the_outage(outage, clock):
    outage.failed()
    clock[0] += PAUSE_SECONDS
    assert outage.admits()
    outage.answered()
    assert all(outage.admits() for _ in range(10))
