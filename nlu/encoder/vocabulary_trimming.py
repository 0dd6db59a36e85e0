"""Trim a multilingual Unigram vocabulary to the pieces that French needs.

A Unigram tokeniser picks the segmentation of highest total score. Taking pieces away only
removes candidates, so a text whose best segmentation uses kept pieces alone keeps exactly the
same pieces, hence the same embeddings (Ushio et al. 2023, "Efficient multilingual language
model compression through vocabulary trimming"). What is lost: other scripts and the words of
other languages fall back to shorter pieces or single characters, and characters outside the
kept alphabet become ``<unk>``.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from tokenizers import Tokenizer

# Clitics fuse with the next word in French spelling, so "l'eau" is one pre-token: the piece
# inside it has no leading space and would be lost if words were only seen alone.
CLITICS = ("l'", "d'", "j'", "n'", "m'", "t'", "s'", "c'", "qu'", "l’", "d’", "qu’")
EMOJI_BLOCKS = ((0x2600, 0x27BF), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF))
LATIN_LIMIT = 0x0250
OTHER_KEPT_CHARACTERS = "€™…–—‘’“”„«»•°²³½¼¾×→←✓✔\u200d\ufe0f"


def strip_accents(text: str) -> str:
    """Text without diacritics (``é`` → ``e``); ligatures and case are kept."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize(
        "NFC", "".join(char for char in decomposed if not unicodedata.combining(char))
    )


def spellings(words: Iterable[str]) -> Iterator[str]:
    """Every way a word of the list is met in messages.

    Parameters
    ----------
    words : iterable of str
        Lower-case words, most frequent first.

    Yields
    ------
    str
        The word, capitalised, upper-cased, without accents, after a clitic when it starts with
        a vowel or an h, and as the second half of a hyphenated word.
    """
    for word in words:
        plain = strip_accents(word)
        forms = dict.fromkeys((word, plain))
        for form in forms:
            yield form
            yield form.capitalize()
            yield "-" + form
            yield "-" + form.capitalize()
        yield plain.upper()
        if plain[:1] in "aeiouhy":
            for clitic in CLITICS:
                yield clitic + word
                yield clitic.capitalize() + word.capitalize()


def is_kept_character(character: str) -> bool:
    """True for a character of the kept alphabet: Latin, digits, punctuation, emoji."""
    point = ord(character)
    return (
        point < LATIN_LIMIT
        or character in OTHER_KEPT_CHARACTERS
        or any(low <= point <= high for low, high in EMOJI_BLOCKS)
    )


def is_kept_without_words(piece: str) -> bool:
    """True for a piece kept whatever the word list.

    Those are single characters of the kept alphabet and runs of digits and punctuation, which
    no word list contains and every message does (times, dates, "...)", "?!").
    """
    body = piece.removeprefix("▁")
    if not all(is_kept_character(character) for character in body):
        return False
    return len(body) <= 1 or not any(character.isalpha() for character in body)


def select_pieces(
    tokenizer: Tokenizer,
    pieces: Sequence[str],
    words: Sequence[str],
    *,
    special_ids: Iterable[int],
    batch_size: int = 20_000,
) -> list[int]:
    """Ids of the pieces to keep, in the order of the original vocabulary.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        The full tokeniser.
    pieces : sequence of str
        Its pieces in id order.
    words : sequence of str
        French words, most frequent first.
    special_ids : iterable of int
        Ids kept whatever the words.
    batch_size : int
        Words tokenised at once; bounds memory.

    Returns
    -------
    list of int
        Sorted ids.
    """
    kept = set(special_ids)
    kept.update(index for index, piece in enumerate(pieces) if is_kept_without_words(piece))
    for start in range(0, len(words), batch_size):
        batch = list(spellings(words[start : start + batch_size]))
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            kept.update(encoding.ids)
    return sorted(kept)
