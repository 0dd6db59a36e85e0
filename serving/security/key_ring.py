"""Keys that were looked up a moment ago, so that each request does not ask the store.

While the store does not answer, a key that it confirmed less than ten minutes ago still opens
what needs no store. It is no longer than that because a key may have been revoked where this
process cannot see it; expiry is checked here, store or not.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from serving.security.api_key import ApiKey, is_secret_of, split_key

# A revoked key is refused everywhere after this long.
REMEMBERED_SECONDS = 5.0
# The same where the store cannot be asked: a restart or a change of server takes minutes.
TRUSTED_SECONDS = 600.0
MOST_KEYS = 1_000


@dataclass(slots=True, kw_only=True)
class _Known:
    key: ApiKey
    confirmed: float
    looked_up: float


class KeyRing:
    """Keys by identifier, each looked up again after five seconds.

    Parameters
    ----------
    find
        Looks a key up in the store, by its public part.
    """

    def __init__(self, find: Callable[[str], ApiKey | None]) -> None:
        self._find = find
        self._known: OrderedDict[str, _Known] = OrderedDict()

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

        Raises
        ------
        SQLAlchemyError
            The store does not answer, and did not confirm this key in the last ten minutes.
        """
        parts = split_key(text)
        if parts is None:
            return None
        identifier, secret = parts
        key = self._key(identifier, clock)
        if key is None or not is_secret_of(key, secret) or not key.is_valid(now):
            return None
        return key

    def remembered(self, text: str, *, clock: float, now: datetime) -> ApiKey | None:
        """Return the valid key that a text is, if it was looked up a moment ago; asks nothing.

        None says nothing of the text: :meth:`check` tells.
        """
        parts = split_key(text)
        known = None if parts is None else self._known.get(parts[0])
        if parts is None or known is None or clock - known.looked_up >= REMEMBERED_SECONDS:
            return None
        return known.key if is_secret_of(known.key, parts[1]) and known.key.is_valid(now) else None

    def _key(self, identifier: str, clock: float) -> ApiKey | None:
        known = self._known.get(identifier)
        if known is not None:
            if clock - known.looked_up < REMEMBERED_SECONDS:
                return known.key
            # Requests that come meanwhile do not all ask a store that may be slow to answer.
            known.looked_up = clock
        try:
            key = self._find(identifier)
        except SQLAlchemyError:
            if known is None or clock - known.confirmed >= TRUSTED_SECONDS:
                self._known.pop(identifier, None)
                raise
            return known.key
        self._known.pop(identifier, None)
        # Unknown identifiers are not remembered: an attacker would choose what is.
        if key is not None:
            self._known[identifier] = _Known(key=key, confirmed=clock, looked_up=clock)
            if len(self._known) > MOST_KEYS:
                self._known.popitem(last=False)
        return key
