"""Sessions: what the client holds, and the pseudonym under which the store knows it.

The identifier of a session holds 192 random bits; nothing but its hash is stored, so that who
reads the store cannot continue a conversation.
"""

import hashlib
import hmac
import re
import secrets

_SESSION = re.compile(r"s_[A-Za-z0-9_-]{32}")
_PSEUDONYM = re.compile(r"p_[0-9a-f]{32}")


def new_session() -> str:
    """Return the identifier of a new session."""
    return f"s_{secrets.token_urlsafe(24)}"


def repeatable_session(secret: str, idempotency_key: str) -> str:
    """Return the identifier that a client's repeated first request gets again.

    Parameters
    ----------
    secret
        The client's API key, which only it and this request hold.
    idempotency_key
        Its ``Idempotency-Key``.
    """
    digest = hmac.new(secret.encode(), idempotency_key.encode(), hashlib.sha256).hexdigest()
    return f"s_{digest[:32]}"


def is_session(text: str) -> bool:
    """Whether a text is the identifier of a session."""
    return _SESSION.fullmatch(text) is not None


def pseudonym_of(text: str) -> str:
    """Return the pseudonym of a session; a pseudonym is its own.

    Raises
    ------
    ValueError
        The text is neither.
    """
    if _PSEUDONYM.fullmatch(text):
        return text
    if not is_session(text):
        raise ValueError("neither a session nor a pseudonym")
    return f"p_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
