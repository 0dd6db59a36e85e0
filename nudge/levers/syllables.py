"""Counting the spoken syllables of French words by rule.

A syllable is a group of letters that sounds as one vowel. Final mute ``e``, ``es`` and the
``ent`` of verbs are not counted; an ``e`` inside a word is. ``i`` glides into the vowel after it
(``bien``: 1) unless two consonants ending in l or r come before (``client``: 2); ``u`` and
``ou`` do not (``jouer``: 2), save in ``ui`` and ``oui``.

Limits: spelling does not tell whether a final ``ent`` is mute, so words where it sounds and
verbs in ``ment`` where it does not are listed; foreign words and acronyms are read as French
ones; each digit counts for one syllable.
"""

import re
import unicodedata

_VOWELS = "aeiouyàâäéèêëîïôöùûüœæ"
_NUCLEUS = re.compile(
    rf"aoû|oui|[uû][iî]|[iîy]?(?:eau|œu|oeu|uei|eui|eoi|œi|[ae]u|eû|[ae][iy]|aî|o[iîyuùûê]"
    rf"|[{_VOWELS}])"
)
_SOUNDED_ENT = frozenset(
    {
        "absent", "accent", "accident", "adolescent", "agent", "argent", "cent", "client",
        "compétent", "conscient", "content", "continent", "dent", "différent", "équivalent",
        "évident", "excellent", "fréquent", "incident", "inconvénient", "ingrédient", "innocent",
        "intelligent", "lent", "orient", "parent", "patient", "permanent", "pertinent",
        "précédent", "présent", "président", "prudent", "quotient", "récent", "récipient",
        "résident", "souvent", "talent", "transparent", "urgent", "vent", "violent",
    }
)  # fmt: skip
_VERBS_IN_MENT = frozenset(
    {
        "affirment", "aiment", "allument", "confirment", "consomment", "dorment", "enferment",
        "expriment", "ferment", "forment", "fument", "informent", "nomment", "priment",
        "résument", "transforment",
    }
)  # fmt: skip
_EXCEPTIONS = {"alcool": 2, "caen": 1, "jean": 1, "ouest": 1, "pays": 2, "paysage": 3, "zoo": 1}


def syllable_count(word: str) -> int:
    """Return the number of spoken syllables of a word, 1 at least.

    Parameters
    ----------
    word
        A word, a compound with hyphens or an elided form such as ``l'eau``; digits count one
        each.
    """
    parts = re.split(r"[-\u2010\u2011]", unicodedata.normalize("NFC", word).lower())
    return max(1, sum(map(_part_count, parts)))


def _part_count(part: str) -> int:
    digits = sum(character.isdigit() for character in part)
    # An elided article has no vowel of its own: « l'eau » sounds as « leau ».
    letters = re.sub(r"[^a-zàâäçéèêëîïôöùûüÿœæ]", "", part)
    if not letters:
        return digits
    if letters in _EXCEPTIONS:
        return digits + _EXCEPTIONS[letters]
    return digits + max(1, len(_NUCLEUS.findall(_spoken(letters))))


def _spoken(letters: str) -> str:
    """Return letters without silent vowels, with a hyphen where two vowels do not merge."""
    mute_ent = letters.endswith("ent") and (
        letters in _VERBS_IN_MENT or not (letters.endswith("ment") or letters in _SOUNDED_ENT)
    )
    letters = letters[:-3] + "e" if mute_ent else letters
    letters = re.sub(rf"qu(?=[{_VOWELS}])", "q", letters)
    letters = re.sub(r"gu(?=[eiéèêëîy])", "g", letters)
    letters = re.sub(r"ge(?=[aouâô])", "g", letters)
    letters = re.sub(rf"([bcdfgptv][lr])i(?=[{_VOWELS}])", r"\1i-", letters)
    letters = re.sub(rf"(?<=[aeou])y(?=[{_VOWELS}])", "-y", letters)
    return re.sub(r"(?<=.)es?$", "", letters)
