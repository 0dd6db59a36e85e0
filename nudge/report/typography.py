"""French spacing, applied to every text of a report as it is printed."""

import re

from nudge.french.numbers import NARROW_NO_BREAK, NO_BREAK

BEFORE_NARROW = re.compile(r"[ \u00a0](?=[;!?])")
BEFORE_WIDE = re.compile(r" (?=[:%»€])")
AFTER_OPENING = re.compile(r"« ")
BEFORE_UNIT = re.compile(r"(?<=\d) (?=\d{3}\b)")


def french_spaces(text: str) -> str:
    """Return a text whose spaces before ``; : ! ? % »`` and after ``«`` do not break."""
    text = BEFORE_NARROW.sub(NARROW_NO_BREAK, text)
    text = BEFORE_WIDE.sub(NO_BREAK, text)
    text = BEFORE_UNIT.sub(NARROW_NO_BREAK, text)
    return AFTER_OPENING.sub(f"«{NO_BREAK}", text)
