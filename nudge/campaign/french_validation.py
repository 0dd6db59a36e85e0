"""Validation problems of a campaign file, in French, with the field and the mend."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from nudge.errors import Problem
from nudge.french.numbers import count

LONGEST_SHOWN = 60
# What the file of a new campaign holds where only its manager knows.
TO_FILL = "À REMPLIR"

_WHAT: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        "missing": ("champ absent", "l'ajouter"),
        "extra_forbidden": ("champ inconnu", "corriger son nom ou le retirer"),
        "string_type": ("un texte est attendu", "l'écrire entre guillemets"),
        "bool_type": ("oui ou non est attendu", ""),
        "bool_parsing": ("oui ou non est attendu", ""),
        "int_type": ("un nombre entier est attendu", ""),
        "int_parsing": ("un nombre entier est attendu", ""),
        "int_from_float": ("un nombre entier est attendu", ""),
        "float_type": ("un nombre est attendu", "écrire 0.05 (avec un point) et non 0,05"),
        "float_parsing": ("un nombre est attendu", "écrire 0.05 (avec un point) et non 0,05"),
        "finite_number": ("un nombre fini est attendu", ""),
        "date_type": ("une date est attendue", "l'écrire AAAA-MM-JJ"),
        "date_parsing": ("une date est attendue", "l'écrire AAAA-MM-JJ"),
        "date_from_datetime_parsing": ("une date est attendue", "l'écrire AAAA-MM-JJ"),
        "date_from_datetime_inexact": ("une date sans heure est attendue", "l'écrire AAAA-MM-JJ"),
        "tuple_type": ("une liste est attendue", "écrire un tiret devant chaque élément"),
        "dict_type": ("des champs « nom: valeur » sont attendus", ""),
        "model_type": ("des champs « nom: valeur » sont attendus", ""),
    }
)
_BOUNDS = MappingProxyType({"gt": "plus de", "ge": "au moins", "lt": "moins de", "le": "au plus"})


def french_problem(problem: Mapping[str, Any], *, source: str) -> Problem:
    """Translate one problem of pydantic into French.

    Parameters
    ----------
    problem
        One item of ``ValidationError.errors()``.
    source
        File, for the message.
    """
    what, mend = _in_french(problem)
    value = problem["input"]
    if isinstance(value, str) and value.strip() == TO_FILL:
        what = f"champ à remplir : {what}"
    elif not isinstance(value, (dict, list, tuple)) and problem["type"] != "missing":
        what = f"{what} (trouvé : {_shown(value)})"
    return Problem(place=source, column=_field(problem["loc"]), what=what, mend=mend)


def _in_french(problem: Mapping[str, Any]) -> tuple[str, str]:
    kind = problem["type"]
    if kind in _WHAT:
        return _WHAT[kind]
    told = _TOLD.get(kind)
    return told(problem) if told is not None else (str(problem["msg"]), "")


def _rule(problem: Mapping[str, Any]) -> tuple[str, str]:
    return str(problem["msg"]).removeprefix("Value error, "), ""


def _level(problem: Mapping[str, Any]) -> tuple[str, str]:
    expected = problem["ctx"]["expected"].replace(" or ", ", ")
    return "valeur inconnue", f"choisir parmi {expected}"


def _bound(problem: Mapping[str, Any]) -> tuple[str, str]:
    kind, value = next((kind, bound) for kind, bound in problem["ctx"].items() if kind in _BOUNDS)
    return "valeur hors limites", f"donner {_BOUNDS[kind]} {value}"


def _text(problem: Mapping[str, Any]) -> tuple[str, str]:
    if "a-z0-9" in str(problem["ctx"].get("pattern", "")):
        mend = "minuscules sans accent, chiffres, tirets ; 2 à 64 caractères"
        return "identifiant mal formé", mend
    return "texte vide", "le remplir"


def _length(problem: Mapping[str, Any]) -> tuple[str, str]:
    if problem["type"] == "too_short":
        least = problem["ctx"]["min_length"]
        return "liste trop courte", f"donner au moins {count(least, 'élément')}"
    return "liste trop longue", f"donner au plus {problem['ctx']['max_length']} éléments"


_TOLD: MappingProxyType[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = MappingProxyType(
    {
        "value_error": _rule,
        "literal_error": _level,
        "greater_than": _bound,
        "greater_than_equal": _bound,
        "less_than": _bound,
        "less_than_equal": _bound,
        "string_pattern_mismatch": _text,
        "string_too_short": _text,
        "too_short": _length,
        "too_long": _length,
    }
)


def _field(location: tuple[str | int, ...]) -> str:
    parts: list[str] = []
    for part in location:
        if isinstance(part, int):
            parts[-1:] = [f"{parts[-1] if parts else 'élément'} n° {part + 1}"]
        else:
            parts.append(part)
    return ", ".join(parts)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}…"
