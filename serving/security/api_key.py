"""API keys: ``pouce_<identifier>_<secret>``, shown once and kept as a hash.

The secret holds 256 random bits. Slow hashes such as scrypt make guessing weak passwords dear;
no speed lets anyone guess 256 bits, and a slow hash on each request would hand an attacker a
way to exhaust the server. SHA-256 is the right tool here, with the identifier as salt, so that
two rows never hold the same hash (NIST SP 800-132 concerns passwords, not random keys).
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from serving.security.scopes import Scope

_KEY = re.compile(r"pouce_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as the store knows it.

    Attributes
    ----------
    identifier
        Public part, fit for logs.
    name
        Who uses it.
    scopes
        What it allows.
    secret_sha256
        Salted hash of the secret, in hexadecimal.
    created_at
        When it was made.
    expires_at, revoked_at
        From when it is refused; None where it is not.
    """

    identifier: str
    name: str
    scopes: frozenset[Scope]
    secret_sha256: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def allows(self, scope: str) -> bool:
        """Whether the key opens a route of that scope."""
        return scope == "any" or "admin" in self.scopes or scope in self.scopes


def new_key(
    *, name: str, scopes: frozenset[Scope], now: datetime, expires_at: datetime | None = None
) -> tuple[str, ApiKey]:
    """Make a key; return its text, to be shown once, and what is stored."""
    identifier, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    stored = ApiKey(
        identifier=identifier,
        name=name,
        scopes=scopes,
        secret_sha256=_hash(identifier, secret),
        created_at=now,
        expires_at=expires_at,
    )
    return f"pouce_{identifier}_{secret}", stored


def split_key(text: str) -> tuple[str, str] | None:
    """Return identifier and secret of a key's text; None where it is not one."""
    found = _KEY.fullmatch(text)
    return (found[1], found[2]) if found else None


def is_secret_of(key: ApiKey, secret: str) -> bool:
    """Whether a secret is that of a key, in a time that does not depend on where it differs."""
    return hmac.compare_digest(_hash(key.identifier, secret), key.secret_sha256)


def _hash(identifier: str, secret: str) -> str:
    return hashlib.sha256(f"{identifier}:{secret}".encode()).hexdigest()
