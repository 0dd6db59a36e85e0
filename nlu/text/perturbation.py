"""How real messages differ from careful ones: seeded perturbations of French text.

The same functions serve augmentation at training time and the robustness table of the
evaluation; each takes a random generator and leaves its input's meaning readable.
"""

import random
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from nlu.text.normalization import normalize

Perturbation = Callable[[str, random.Random], str]

ACCENTED = str.maketrans("àâäéèêëîïôöùûüÿçÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇ", "aaaeeeeiioouuuycAAAEEEEIIOOUUUYC")
AZERTY_NEIGHBOURS = {
    "a": "zq", "z": "aes", "e": "zrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok",
    "o": "ipl", "p": "om", "q": "asw", "s": "qdzx", "d": "sfec", "f": "dgrv", "g": "fhtb",
    "h": "gjyn", "j": "hkun", "k": "jli", "l": "kmo", "m": "lp", "w": "xq", "x": "wcs", "c": "xvd",
    "v": "cbf", "b": "vng", "n": "bhj",
}  # fmt: skip
SMS_WORDS = {
    "bonjour": "bjr", "bonsoir": "bsr", "salut": "slt", "merci": "mci", "pourquoi": "pk",
    "quand": "kan", "comment": "cmt", "quel": "kel", "quelle": "kel", "que": "ke", "qui": "ki",
    "quoi": "koi", "est-ce": "esk", "c'est": "c", "j'ai": "g", "je": "j", "suis": "sui",
    "vous": "vs", "nous": "ns", "tout": "tt", "tous": "ts", "toujours": "tjr", "pas": "pa",
    "plus": "plu", "pour": "pr", "dans": "ds", "avec": "ac", "sans": "ss", "beaucoup": "bcp",
    "rendez-vous": "rdv", "aujourd'hui": "ajd", "demain": "2main", "maintenant": "mtn",
    "s'il": "svp", "plaît": "", "temps": "tps", "faut": "fo", "faire": "fr", "fait": "fé",
    "sont": "st", "déjà": "dja", "même": "mm", "problème": "pb", "numéro": "num",
    "semaine": "sem", "poubelle": "poubel", "poubelles": "poubel", "déchèterie": "dechet",
    "chez": "ché", "aussi": "ossi", "jamais": "jamé", "peut": "pe", "peux": "pe", "mais": "mé",
    "quelqu'un": "qq1", "quelque": "kelk", "mon": "mn", "ton": "tn", "parce": "pcq", "sur": "sr",
}  # fmt: skip
PHONETIC_RULES: tuple[tuple[str, str], ...] = (
    (r"eau\b", "o"), (r"au", "o"), (r"qu", "k"), (r"ph", "f"), (r"ss", "s"), (r"tt", "t"),
    (r"ll(?=[aeiouy])", "l"), (r"mm", "m"), (r"nn", "n"), (r"(?<=[aeiouyé])s\b", ""),
    (r"ent\b", "e"), (r"er\b", "é"), (r"ez\b", "é"), (r"ai(?=[ts]?\b)", "é"), (r"è", "é"),
    (r"(?<=[bcdfglmnprstv])e\b", ""), (r"ch(?=r)", "c"), (r"y", "i"), (r"c(?=[eéi])", "s"),
)  # fmt: skip
OPENERS = (
    "bonjour", "Bonjour,", "bonjour madame", "Bonsoir,", "Salut,", "Bonjour Sophie,", "euh",
    "bon alors", "Dites-moi,", "svp", "Excusez-moi,", "Bonjour, une petite question :",
    "alors voilà", "Désolé de vous déranger,", "re bonjour",
)  # fmt: skip
CLOSERS = (
    "merci", "Merci d'avance.", "svp", "merci bien", "cordialement", "c'est urgent", "merci !",
    "s'il vous plaît", "Bonne journée.", "voilà", "je ne sais pas si c'est ici",
)  # fmt: skip
WORD = re.compile(r"[\w'’-]+")


def drop_accents(text: str, rng: random.Random) -> str:
    """No diacritics: ``déchèterie`` → ``decheterie``."""
    del rng
    return text.translate(ACCENTED).replace("œ", "oe").replace("Œ", "Oe")


def drop_punctuation(text: str, rng: random.Random) -> str:
    """No punctuation and no capitals, as dictation gives them; apostrophes stay."""
    del rng
    return " ".join(re.sub(r"[^\w\s'’-]", " ", text).lower().split())


def drop_apostrophes(text: str, rng: random.Random) -> str:
    """Apostrophes lost or turned into spaces, hyphens into spaces."""
    joined = rng.random() < 0.5
    return re.sub(r"['’]", "" if joined else " ", text).replace("-", " ")


def keyboard_typos(text: str, rng: random.Random) -> str:
    """One slip in about eighteen letters: AZERTY neighbour, swap, omission or doubling."""
    letters = list(text)
    slips = max(1, round(sum(char.isalpha() for char in letters) / 18))
    positions = [place for place, char in enumerate(letters) if char.lower() in AZERTY_NEIGHBOURS]
    for place in rng.sample(positions, min(slips, len(positions))):
        char = letters[place]
        match rng.randrange(4):
            case 0:
                letters[place] = rng.choice(AZERTY_NEIGHBOURS[char.lower()])
            case 1 if place + 1 < len(letters) and letters[place + 1].isalpha():
                letters[place], letters[place + 1] = letters[place + 1], char
            case 2:
                letters[place] = ""
            case _:
                letters[place] = char + char
    return "".join(letters)


def phonetic_spelling(text: str, rng: random.Random) -> str:
    """Written as heard: half of the longer words meet six of the nineteen rules."""

    def respell(match: re.Match[str]) -> str:
        word = match.group()
        if len(word) < 4 or rng.random() < 0.5:
            return word
        for pattern, replacement in rng.sample(PHONETIC_RULES, 6):
            word = re.sub(pattern, replacement, word)
        return word

    return WORD.sub(respell, text)


def sms_style(text: str, rng: random.Random) -> str:
    """Usual abbreviations, no capitals, no accents, no apostrophes, little punctuation."""

    def shorten(match: re.Match[str]) -> str:
        word = match.group().lower().replace("’", "'")
        return SMS_WORDS.get(word, word) if rng.random() < 0.8 else word

    return drop_apostrophes(drop_accents(drop_punctuation(WORD.sub(shorten, text), rng), rng), rng)


def lower_case(text: str, rng: random.Random) -> str:
    """No capitals."""
    del rng
    return text.lower()


def upper_case(text: str, rng: random.Random) -> str:
    """All capitals."""
    del rng
    return text.upper()


def politeness_wrapper(text: str, rng: random.Random) -> str:
    """A greeting before and a formula after, which must not change the answer."""
    return f"{rng.choice(OPENERS)} {text} {rng.choice(CLOSERS)}"


PERTURBATIONS: Mapping[str, Perturbation] = MappingProxyType(
    {
        "accents": drop_accents,
        "punctuation": drop_punctuation,
        "apostrophes": drop_apostrophes,
        "keyboard": keyboard_typos,
        "phonetic": phonetic_spelling,
        "sms": sms_style,
        "lower": lower_case,
        "upper": upper_case,
        "politeness": politeness_wrapper,
    }
)


def perturb(text: str, rates: Mapping[str, float], rng: random.Random) -> str:
    """Apply each perturbation with its own probability; never returns an empty text.

    Parameters
    ----------
    text : str
        A message.
    rates : mapping of str to float
        Probability of each entry of :data:`PERTURBATIONS`, in [0, 1].
    rng : random.Random
        Source of chance.

    Raises
    ------
    KeyError
        For an unknown perturbation.
    """
    changed = text
    for name, rate in rates.items():
        if rate > 0 and rng.random() < rate:
            changed = PERTURBATIONS[name](changed, rng)
    changed = normalize(changed)
    return changed if changed else text
