"""Validation problems of a campaign file, in French, with the field and the mend."""

from collections.abc import Mapping
from typing import Any

from nudge.errors import Problem

_WHAT = {
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
    if not isinstance(value, (dict, list, tuple)) and problem["type"] != "missing":
        what = f"{what} (trouvé : {_shown(value)})"
    return Problem(place=source, column=_field(problem["loc"]), what=what, mend=mend)


def _in_french(problem: Mapping[str, Any]) -> tuple[str, str]:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in _WHAT:
        return _WHAT[kind]
    if kind == "value_error":
        return problem["msg"].removeprefix("Value error, "), ""
    if kind == "literal_error":
        return "valeur inconnue", f"choisir parmi {context['expected'].replace(' or ', ', ')}"
    if kind in {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}:
        bound = next(value for key, value in context.items() if key in {"gt", "ge", "lt", "le"})
        sign = {"gt": "plus de", "ge": "au moins", "lt": "moins de", "le": "au plus"}
        return "valeur hors limites", f"donner {sign[next(iter(context))]} {bound}"
    if kind in {"string_pattern_mismatch", "string_too_short"}:
        if "a-z0-9" in str(context.get("pattern", "")):
            return "identifiant mal formé", (
                "minuscules sans accent, chiffres, tirets ; 2 à 64 caractères"
            )
        return "texte vide", "le remplir"
    if kind == "too_short":
        return "liste trop courte", f"donner au moins {context['min_length']} élément(s)"
    if kind == "too_long":
        return "liste trop longue", f"donner au plus {context['max_length']} éléments"
    return str(problem["msg"]), ""


def _field(location: tuple[str | int, ...]) -> str:
    parts = []
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
    return text if len(text) <= 60 else f"{text[:57]}…"
