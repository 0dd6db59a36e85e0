"""Keys that were looked up a moment ago, so that each request does not ask the store."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from serving.security.api_key import ApiKey, is_secret_of, split_key

# A revoked key is refused everywhere after this long.
REMEMBERED_SECONDS = 5.0
MOST_KEYS = 1_000


class KeyRing:
    """Keys by identifier, each looked up again after five seconds.

    Parameters
    ----------
    find
        Looks a key up in the store, by its public part.
    """

    def __init__(self, find: Callable[[str], ApiKey | None]) -> None:
        self._find = find
        self._known: OrderedDict[str, tuple[float, ApiKey]] = OrderedDict()

    def check(self, text: str, *, clock: float, now: datetime) -> ApiKey | None:
        """Return the valid key that a text is; None for any other text.

        Parameters
        ----------
        text
            What the client presents.
        clock
            Seconds on a clock that never goes back.
        now
            Instant, for expiry.
        """
        parts = split_key(text)
        if parts is None:
            return None
        identifier, secret = parts
        key = self._key(identifier, clock)
        if key is None or not is_secret_of(key, secret) or not key.is_valid(now):
            return None
        return key

    def _key(self, identifier: str, clock: float) -> ApiKey | None:
        known = self._known.get(identifier)
        if known is not None and clock - known[0] < REMEMBERED_SECONDS:
            return known[1]
        self._known.pop(identifier, None)
        key = self._find(identifier)
        # Unknown identifiers are not remembered: an attacker would choose what is.
        if key is not None:
            self._known[identifier] = (clock, key)
            if len(self._known) > MOST_KEYS:
                self._known.popitem(last=False)
        return key
