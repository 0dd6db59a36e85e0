"""Personal data of a message replaced by tokens."""

import re
from collections.abc import Collection, Iterator

from nlu.entities.folding import fold
from nlu.entities.street_address import find_addresses, is_numbered
from nlu.redaction.birth_dates import find_birth_dates
from nlu.redaction.mail_addresses import find_mail_addresses
from nlu.redaction.numeric_identifiers import find_numeric_identifiers
from nlu.redaction.person_names import find_person_names
from nlu.redaction.personal_data import KINDS, PersonalSpan, Redacted

LONGEST_KEPT = 20_000
TOKEN = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")
# Stands for a token while the text is read: no pattern takes it for a letter or a space.
MASK = "█"
MOST_PASSES = 50


def redact(text: str, *, protected: Collection[tuple[int, int]] = ()) -> Redacted:
    """Replace the personal data of a message by tokens such as ``[TELEPHONE]``.

    Names after cues and in signatures, phone numbers, mail addresses, bank accounts, payment
    cards, number plates, street addresses with a number, dates of birth and social security
    numbers, as written, dictated or texted. A street without a number, a commune, a bin number
    and the reference of a request stay.

    Parameters
    ----------
    text : str
        Any string. Past 20,000 characters the text is dropped, never kept unread.
    protected : collection of (int, int)
        Spans of ``text`` that the caller needs, such as a commune or the reference of a
        request: what overlaps them stays, unless it is longer than they are.

    Returns
    -------
    Redacted
        Redacting its text again changes nothing.
    """
    kept = text[:LONGEST_KEPT]
    spans: list[PersonalSpan] = []
    for _ in range(MOST_PASSES):
        current, origins = _replaced(kept, spans)
        found = [
            span
            for span in _find(current)
            if not _is_protected(origins[span.start], origins[span.end - 1] + 1, protected)
        ]
        if not found:
            break
        spans += [
            PersonalSpan(
                kind=span.kind, start=origins[span.start], end=origins[span.end - 1] + 1
            )
            for span in found
        ]
        spans.sort(key=lambda span: span.start)
    return Redacted(
        text=_replaced(kept, spans)[0], spans=tuple(spans), truncated=len(kept) < len(text)
    )


def _find(text: str) -> list[PersonalSpan]:
    """Spans of a text, none overlapping another nor a token, the longest first."""
    folded = fold(TOKEN.sub(lambda found: MASK * len(found.group()), text))
    ranked = sorted(_all(folded), key=lambda span: (span.start - span.end, span.start))
    taken: set[int] = set()
    kept = []
    for span in ranked:
        places = range(span.start, span.end)
        if taken.isdisjoint(places) and MASK not in folded.original[span.start : span.end]:
            taken.update(places)
            kept.append(span)
    return kept
