"""Words as they are stored: without signs that act on what shows them."""

import re

# PostgreSQL has no NUL, a terminal obeys ESC, and nobody types either.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]")


def plain_text(text: str) -> str:
    """Return a text whose control characters are spaces; line ends and tabs stay."""
    return _CONTROLS.sub(" ", text)
