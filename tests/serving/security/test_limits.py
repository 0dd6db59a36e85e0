import asyncio

import pytest

from serving.security.body import check_depth, read_body
from serving.security.problem import ProblemError
from serving.security.token_bucket import RateLimiter


def receiving(*chunks):
    messages = [
        {"type": "http.request", "body": chunk, "more_body": place < len(chunks) - 1}
        for place, chunk in enumerate(chunks)
    ]

    async def receive():
        return messages.pop(0)

    return receive


def test_bytes_are_counted_as_they_come_whatever_length_is_declared():
    with pytest.raises(ProblemError) as refused:
        asyncio.run(read_body(receiving(b"x" * 60, b"x" * 60), limit=100, declared="10"))
    assert refused.value.kind == "body-too-large"


def test_a_declared_length_over_the_limit_is_refused_unread():
    async def receive():
        pytest.fail("the body was read")

    with pytest.raises(ProblemError):
        asyncio.run(read_body(receive, limit=100, declared="101"))


def test_a_body_at_the_limit_is_read_whole():
    assert asyncio.run(read_body(receiving(b"a" * 50, b"b" * 50), limit=100, declared=None)) == (
        b"a" * 50 + b"b" * 50
    )


@pytest.mark.parametrize("body", [b"[" * 1_000_000, b'{"a":' * 200_000, b"[" * 17 + b"]" * 17])
def test_deep_json_is_refused_before_it_is_parsed(body):
    with pytest.raises(ProblemError) as refused:
        check_depth(body, limit=16)
    assert refused.value.kind == "validation"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 16 + b"]" * 16,
        b'{"texts": ["' + b"[{" * 500 + b'"]}',
        b'["\\"[[[[[[[[[[[[[[[[[[[[[[[["]',
        b"[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]",
    ],
)
def test_brackets_in_texts_and_side_by_side_are_not_depth(body):
    check_depth(body, limit=16)


def test_a_bucket_gives_its_burst_then_says_when_to_come_back():
    limiter = RateLimiter(per_minute=60, burst=3)
    assert [limiter.take("a", now=0.0) for _ in range(3)] == [0, 0, 0]
    assert limiter.take("a", now=0.0) == 1
    assert limiter.take("b", now=0.0) == 0
    assert limiter.take("a", now=1.0) == 0
    assert limiter.take("a", now=1.5) == 1


def test_waiting_does_not_fill_a_bucket_beyond_its_burst():
    limiter = RateLimiter(per_minute=60, burst=2)
    limiter.take("a", now=0.0)
    assert [limiter.take("a", now=1_000.0) for _ in range(3)] == [0, 0, 1]
