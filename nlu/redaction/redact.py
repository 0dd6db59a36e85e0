"""Personal data of a message replaced by tokens."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from nlu.entities.folding import FoldedText, fold, fold_words
from nlu.entities.street_address import find_addresses, is_numbered
from nlu.redaction.birth_dates import find_birth_dates
from nlu.redaction.mail_addresses import find_mail_addresses
from nlu.redaction.numeric_identifiers import find_numeric_identifiers
from nlu.redaction.person_names import find_person_names
from nlu.redaction.personal_data import KINDS, PersonalSpan, Redacted
from nlu.redaction.vocabulary import Vocabulary, usual_vocabulary

LONGEST_KEPT = 20_000
TOKEN = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")
# Stands for a token while the text is read: no pattern of the redaction reads over it.
MASK = "█"
MOST_PASSES = 50
SECOND_PLACE = re.compile(r" (?:à|aux|au) (?P<place>[A-ZÀ-ÖØ-Þ]\w+)(?!-)")


def redact(
    text: str,
    *,
    vocabulary: Vocabulary | None = None,
    protected: Collection[tuple[int, int]] = (),
) -> Redacted:
    """Replace the personal data of a message by tokens such as ``[TELEPHONE]``.

    Names after cues and in signatures, phone numbers, mail addresses, bank accounts, payment
    cards, number plates, street addresses with a number, dates of birth and social security
    numbers, as written, dictated or texted. A street without a number, a commune, a bin number
    and the reference of a request stay.

    Parameters
    ----------
    text : str
        Any string. Past 20,000 characters the text is dropped, never kept unread.
    vocabulary : Vocabulary, optional
        Words that are no names, places first. With it, any other capitalised word inside a
        sentence counts as a name: more is found, and more is taken in excess.
    protected : collection of (int, int)
        Spans of ``text`` that the caller needs, such as a commune or the reference of a
        request: what overlaps them stays, unless it is longer than they are.

    Returns
    -------
    Redacted
        Redacting its text again changes nothing, as long as it is no longer than the limit.
    """
    kept = text[:LONGEST_KEPT]
    spans: list[PersonalSpan] = []
    for _ in range(MOST_PASSES):
        current, origins = _replaced(kept, spans)
        found = [
            span
            for span in _find(current, vocabulary)
            if not _is_protected(origins[span.start], origins[span.end - 1] + 1, protected)
        ]
        if not found:
            break
        spans += [
            PersonalSpan(kind=span.kind, start=origins[span.start], end=origins[span.end - 1] + 1)
            for span in found
        ]
        spans.sort(key=lambda span: span.start)
    return Redacted(
        text=_replaced(kept, spans)[0], spans=tuple(spans), truncated=len(kept) < len(text)
    )


def _find(text: str, vocabulary: Vocabulary | None) -> list[PersonalSpan]:
    """Identifiers of a text; names when none is left, for they tell a name beside them."""
    folded = fold(TOKEN.sub(lambda found: MASK * len(found.group()), text))
    identifiers = _joined(_identifiers(folded))
    return identifiers or _joined(find_person_names(folded, vocabulary))


def _joined(spans: Iterable[PersonalSpan]) -> list[PersonalSpan]:
    """Spans in order, those that overlap joined under the kind of the longest."""
    joined: list[PersonalSpan] = []
    longest = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not joined or span.start >= joined[-1].end:
            joined.append(span)
            longest = span.end - span.start
            continue
        kind = joined[-1].kind
        if span.end - span.start > longest:
            kind, longest = span.kind, span.end - span.start
        end = max(joined[-1].end, span.end)
        joined[-1] = PersonalSpan(kind=kind, start=joined[-1].start, end=end)
    return joined


def _identifiers(folded: FoldedText) -> Iterator[PersonalSpan]:
    yield from find_numeric_identifiers(folded)
    yield from find_mail_addresses(folded)
    yield from find_birth_dates(folded)
    for address in find_addresses(folded):
        if is_numbered(address):
            end = _with_second_place(folded.original, address.end)
            yield PersonalSpan(kind="ADRESSE", start=address.start, end=end)


def _with_second_place(text: str, end: int) -> int:
    """« impasse du Four à Chaux »: a street goes on after « à », unless a known place follows."""
    found = SECOND_PLACE.match(text, end)
    if found is None or fold_words(found["place"]) in usual_vocabulary().proper:
        return end
    return found.end()


def _replaced(text: str, spans: Sequence[PersonalSpan]) -> tuple[str, list[int]]:
    """Text with tokens, and the place in ``text`` of each of its characters."""
    pieces: list[str] = []
    origins: list[int] = []
    place = 0
    for span in spans:
        token = f"[{span.kind}]"
        pieces += (text[place : span.start], token)
        origins += (*range(place, span.start), *[span.start] * len(token))
        place = span.end
    return "".join((*pieces, text[place:])), [*origins, *range(place, len(text))]


def _is_protected(start: int, end: int, protected: Collection[tuple[int, int]]) -> bool:
    return any(
        first < end and start < last and end - start <= last - first for first, last in protected
    )
