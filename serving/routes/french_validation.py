"""Faults of a request, in French and without what the client wrote."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from nudge.campaign.french_validation import french_problem
from nudge.french.numbers import whole
from serving.security.problem import FieldProblem

PARTS = frozenset({"body", "query", "path", "header"})
MOST_FAULTS = 50
# Unknown fields are named by the client: what does not look like a name is not repeated.
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_WHAT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "json_invalid": ("le document JSON est mal formé", "vérifier guillemets et virgules"),
        "string_unicode": ("le texte n'est pas de l'Unicode valide", "l'envoyer en UTF-8"),
        "list_type": ("une liste est attendue", ""),
        "model_attributes_type": ("un objet JSON est attendu", ""),
        "string_pattern_mismatch": ("texte mal formé", "suivre le modèle de la documentation"),
        "uuid_parsing": ("identifiant mal formé", ""),
    }
)


def french_faults(faults: Sequence[Mapping[str, Any]]) -> tuple[FieldProblem, ...]:
    """Translate the faults of pydantic, the first fifty; the values themselves are left out."""
    return tuple(_french(fault) for fault in faults[:MOST_FAULTS])


def _french(fault: Mapping[str, Any]) -> FieldProblem:
    location = tuple(_named(part) for part in fault["loc"] if part not in PARTS)
    # An empty mapping is a value that the translation never shows.
    told = french_problem({**fault, "loc": location, "input": {}}, source="")
    what, mend = told.what, told.mend
    kind = fault["type"]
    if kind == "json_invalid":
        return FieldProblem(place="corps", what=_WHAT[kind][0], mend=_WHAT[kind][1])
    if kind in _WHAT:
        what, mend = _WHAT[kind]
    elif kind == "string_too_long":
        what = "texte trop long"
        mend = f"donner au plus {whole(fault['ctx']['max_length'])} caractères"
    elif kind == "too_long":
        what = "liste trop longue"
        mend = f"donner au plus {whole(fault['ctx']['max_length'])} éléments"
    return FieldProblem(place=told.column or "corps", what=what, mend=mend)


def _named(part: str | int) -> str | int:
    return part if isinstance(part, int) or _NAME.fullmatch(part) else "…"
