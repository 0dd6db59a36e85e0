"""Held-out texts for a reference, read from JSON Lines; every bad line is told."""

import json
from dataclasses import dataclass
from pathlib import Path

from nlu.inference.prediction_reference import FEWEST
from nudge.errors import CampaignError, Problem, os_reason

MOST_PROBLEMS = 10
EXAMPLE = '{"text": "Quand passe le bac jaune ?"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTexts:
    """Texts and their families, in the same order; a text without family is one of its own."""

    texts: tuple[str, ...]
    families: tuple[str, ...]


def read_reference_texts(path: Path) -> ReferenceTexts:
    """Read the ``text`` and ``family`` of each line.

    Raises
    ------
    CampaignError
        The file cannot be read, a line is not an object with a text (ten such lines are told), or
        there are fewer than thirty texts.
    """
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise CampaignError(
            Problem(place=str(path), what=f"fichier illisible : {os_reason(error)}",
                    mend="donner un corpus .jsonl en UTF-8")
        ) from error  # fmt: skip
    texts, families, problems = [], [], []
    for row, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = _row(line, place=str(path), row=row)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        texts.append(found[0])
        families.append(found[1])
    if problems:
        raise CampaignError(problems[:MOST_PROBLEMS])
    if len(texts) < FEWEST:
        raise CampaignError(
            Problem(place=str(path), what=f"{len(texts)} textes",
                    mend=f"en donner {FEWEST} au moins ; quelques centaines valent mieux")
        )  # fmt: skip
    return ReferenceTexts(texts=tuple(texts), families=tuple(families))


def _row(line: bytes, *, place: str, row: int) -> tuple[str, str] | Problem:
    mend = f"écrire un objet JSON par ligne, par exemple {EXAMPLE}"
    try:
        found = json.loads(line)
    except UnicodeDecodeError:
        return Problem(place=place, row=row, what="la ligne n'est pas en UTF-8",
                       mend="enregistrer le fichier en UTF-8")  # fmt: skip
    except (ValueError, RecursionError):
        return Problem(place=place, row=row, what="la ligne n'est pas du JSON", mend=mend)
    if not isinstance(found, dict):
        return Problem(place=place, row=row, what="la ligne n'est pas un objet", mend=mend)
    text = found.get("text")
    if not isinstance(text, str) or not text.strip():
        return Problem(place=place, row=row, column="text", what="le texte manque ou est vide",
                       mend=mend)  # fmt: skip
    return text, str(found.get("family") or f"ligne {row}")
