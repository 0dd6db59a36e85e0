"""The one normalisation of messages, used at training and at serving alike.

Two spellings of the same message must get the same answer: typographic apostrophes, wide or
non-breaking spaces, compatibility characters, control characters and stretched letters are
folded here, and a message shouted in capitals is lowered; accents are left to the model.
"""

import re
import unicodedata

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′´`＇", "'") | dict.fromkeys("«»“”„", '"'))
# Every format character but the joiner that holds an emoji together.
JOINER = "\u200d"
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
STRETCHED = re.compile(r"(\S)\1{3,}")
# Capitals from which a message is shouted; below, acronyms and initials are left alone.
SHOUTED_LETTERS, SHOUTED_SHARE = 8, 0.8
BEFORE_MARK = re.compile(r"(?<=\w)\s*([?!])")


def normalize(text: str) -> str:
    """Canonical form of a message.

    Parameters
    ----------
    text : str
        Any string, lone surrogates and control characters included.

    Returns
    -------
    str
        NFKC, straight apostrophes and quotes, no control or invisible characters, single spaces,
        at most three times the same character in a row, one space before ``?`` and ``!``, lower
        case when eight letters or more are nearly all capitals. Empty when nothing visible is
        left. Idempotent.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8").translate(APOSTROPHES)
    # Invisible characters first: between a letter and its accent they would stop composition.
    clean = "".join(char for char in clean if char == JOINER or unicodedata.category(char) != "Cf")
    clean = unicodedata.normalize("NFKC", clean).translate(APOSTROPHES)
    clean = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in clean
    )
    clean = STRETCHED.sub(r"\1\1\1", clean)
    clean = BEFORE_MARK.sub(r" \1", clean)
    letters = [char for char in clean if char.isalpha()]
    shouted = sum(char.isupper() for char in letters)
    if len(letters) >= SHOUTED_LETTERS and shouted >= SHOUTED_SHARE * len(letters):
        clean = unicodedata.normalize("NFKC", clean.lower())
    return " ".join(clean.split())


def has_words(text: str) -> bool:
    """True when the text holds at least one letter or digit."""
    return any(char.isalnum() for char in text)


def comparison_key(text: str) -> str:
    """Form in which two utterances count as the same text.

    Lower case, without accents and punctuation, single spaces.
    """
    decomposed = unicodedata.normalize("NFD", normalize(text).lower().translate(LIGATURES))
    kept = (
        char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char)
    )
    return " ".join("".join(kept).split())
