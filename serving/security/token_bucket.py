"""Rate limits: one token bucket a client.

Buckets live in this process: two replicas behind a proxy admit up to twice the rate. A shared
count would need a write for each request, or another server.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

MOST_CLIENTS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimiter:
    """Token buckets by client, the longest unseen forgotten beyond 10,000.

    Parameters
    ----------
    per_minute
        Tokens gained in a minute.
    burst
        Most tokens in a bucket.
    """

    def __init__(self, *, per_minute: int, burst: int) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str, *, now: float, cost: float = 1.0) -> int:
        """Take tokens; return 0, or the seconds after which there will be enough.

        Parameters
        ----------
        client
            Whose bucket.
        now
            Seconds on a clock that never goes back.
        cost
            Tokens to take, at most the burst.
        """
        bucket = self._buckets.pop(client, None) or _Bucket(self._burst, now)
        gained = (now - bucket.at) * self._per_second
        bucket.tokens = min(self._burst, bucket.tokens + gained)
        bucket.at = now
        self._buckets[client] = bucket
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        if bucket.tokens >= cost:
            bucket.tokens -= cost
            return 0
        return math.ceil((cost - bucket.tokens) / self._per_second)
