"""Spaces that French typography keeps unbroken."""

import re

from nudge.french.numbers import NO_BREAK

_BEFORE = re.compile(r"[ \u202f](?=[;:!?»%€])")
_AFTER = re.compile(r"(?<=«)[ \u202f]")


def typeset(text: str) -> str:
    """Return text whose spaces before ``; : ! ? » %`` and after ``«`` do not break.

    Spaces that are not typed are not added, so that hours and addresses stay as they are.
    """
    return _AFTER.sub(NO_BREAK, _BEFORE.sub(NO_BREAK, text))
