"""Texts as they are said: no markup, no address, no pictogram, abbreviations in full."""

import re

from serving.knowledge.answer import PICTOGRAM

EMAIL = re.compile(r"([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
URL = re.compile(r"(?:https?://|www\.)\S+")
MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|[*_`#|<>\[\]{}]+")
ABBREVIATIONS = (
    (re.compile(r"\b(\d{1,2})\s?h\s?(\d{2})\b"), r"\1 heures \2"),
    (re.compile(r"\b(\d{1,2})\s?h\b"), r"\1 heures"),
    (re.compile(r"\b1 heures\b"), "1 heure"),
    (re.compile(r"\bn°\s?"), "numéro "),
    (re.compile(r"\b1er\b"), "premier"),
)
SPACES = re.compile(r"[ \t\u00a0\u202f]+")


def spoken(text: str) -> str:
    """Text for a speech synthesiser, in sentences on one line."""
    said = EMAIL.sub(_spelled, text)
    said = PICTOGRAM.sub("", MARKUP.sub(" ", URL.sub("notre site internet", said)))
    for pattern, words in ABBREVIATIONS:
        said = pattern.sub(words, said)
    said = said.replace("«", "").replace("»", "").replace("\u2026", ".")
    lines = [SPACES.sub(" ", line).strip() for line in said.splitlines()]
    said = " ".join(line if line[-1] in ".!?:;," else f"{line}." for line in lines if line)
    return re.sub(r" (?=[,.])", "", SPACES.sub(" ", said)).strip()


def _spelled(found: re.Match[str]) -> str:
    return f"{found[1]} arobase {found[2]}".replace(".", " point ")
