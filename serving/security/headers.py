"""Headers that every response carries."""

from collections.abc import Mapping
from types import MappingProxyType

SECURITY_HEADERS: Mapping[bytes, bytes] = MappingProxyType(
    {
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
        b"referrer-policy": b"no-referrer",
        b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
        b"content-security-policy": (
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            b"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
            b"frame-ancestors 'none'"
        ),
        b"cache-control": b"no-store",
    }
)


def with_security_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers with those of security, keeping any that the response sets itself.

    Cookies are dropped: the service sets none.
    """
    kept = [(name, value) for name, value in headers if name.lower() != b"set-cookie"]
    present = {name.lower() for name, _ in kept}
    missing = [(name, value) for name, value in SECURITY_HEADERS.items() if name not in present]
    return [*kept, *missing]
