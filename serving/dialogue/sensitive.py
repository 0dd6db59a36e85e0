"""Sensitive data that nobody asked for."""

import re

from serving.knowledge.lexicon import Lexicons, mentions

CARD = re.compile(r"(?<!\d)(?:\d[ -]?){15}\d(?!\d)")
SOCIAL_SECURITY = re.compile(
    r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[ab]) ?"
    r"\d{3} ?\d{3}(?: ?\d{2})?(?!\d)",
    re.IGNORECASE,
)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){4,7}(?: ?[A-Z0-9]{1,3})?\b")


def is_sensitive(message: str, lexicons: Lexicons) -> bool:
    """Whether a message seems to hold health, opinions, bank or social security data."""
    if any(pattern.search(message) for pattern in (CARD, SOCIAL_SECURITY, IBAN)):
        return True
    if mentions(message, lexicons.sensitive):
        return True
    return mentions(message, lexicons.health) and mentions(message, lexicons.personal)
