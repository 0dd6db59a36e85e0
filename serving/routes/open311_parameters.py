"""Parameters of Open311 GeoReport v2's addresses.

What a filter may hold is described here and checked by the routes, so that a refusal is told as
GeoReport v2 asks.
"""

from typing import Annotated

from fastapi import Depends, Path, Query

from serving.incidents.open311_form import MEDIA_TYPES, Format
from serving.routes.open311_contract import NUMBER
from serving.security.problem import ProblemError

WORDS = {"pattern": r"^[A-Za-z0-9_-]{1,40}(,[A-Za-z0-9_-]{1,40}){0,99}$|^$"}
STATUSES = {"pattern": r"^(open|closed)(,(open|closed))?$|^$"}
MOMENT = {"pattern": r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$|^$"}


def _known_format(
    extension: Annotated[
        str,
        Path(
            description="Forme de la réponse.",
            examples=["json"],
            json_schema_extra={"enum": list(MEDIA_TYPES)},
        ),
    ],
) -> Format:
    for known in MEDIA_TYPES:
        if extension == known:
            return known
    raise ProblemError(kind="not-found", detail="Formes servies : .json et .xml.")


Extension = Annotated[Format, Depends(_known_format)]
ServiceCode = Annotated[str, Path(description="Nature d'incident.", examples=["pav_plein"])]
Numbers = Annotated[
    str,
    Query(
        description="Un ou plusieurs numéros, séparés par des virgules.",
        examples=[NUMBER],
        json_schema_extra=WORDS,
    ),
]
Codes = Annotated[
    str,
    Query(
        description="Une ou plusieurs natures, séparées par des virgules.",
        examples=["pav_plein"],
        json_schema_extra=WORDS,
    ),
]
Moment = Annotated[
    str,
    Query(
        description="Date, ou date et heure avec son fuseau (ISO 8601).",
        examples=["2026-11-01"],
        json_schema_extra=MOMENT,
    ),
]
Statuses = Annotated[
    str,
    Query(
        description="« open », « closed » ou les deux.",
        examples=["open"],
        json_schema_extra=STATUSES,
    ),
]
Number = Annotated[str, Path(description="Numéro du signalement.", examples=[NUMBER])]
