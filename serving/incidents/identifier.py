"""Identifiers of incident reports: short enough to be read aloud, the same for the same token."""

import hashlib
import secrets

# Crockford's base 32: no letter that is read as a digit.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def request_identifier(*, client: str = "", token: str = "") -> str:
    """Return an identifier such as ``SIG-482109-K7M2Q9``, of 50 bits.

    Parameters
    ----------
    client
        Who sends the report: tokens of two clients never meet.
    token
        Given by the client so that a report sent twice is kept once; without one the identifier
        is drawn at random.
    """
    seed = f"{client}\0{token}".encode() if token else secrets.token_bytes(16)
    number = int.from_bytes(hashlib.sha256(seed).digest()[:8])
    digits, number = number % 1_000_000, number // 1_000_000
    letters = ""
    for _ in range(6):
        letters += LETTERS[number % 32]
        number //= 32
    return f"SIG-{digits:06d}-{letters}"
