"""Refusals as problem details (RFC 9457), in French, each kind with a stable address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
BASE = "/problems/"

Kind = Literal[
    "malformed",
    "unauthenticated",
    "forbidden",
    "not-found",
    "method-not-allowed",
    "timeout",
    "conflict",
    "body-too-large",
    "unsupported-media-type",
    "validation",
    "rate-limited",
    "overloaded",
    "internal",
    "unavailable",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    status: int
    title: str
    detail: str


_TOLD: Mapping[Kind, _Told] = MappingProxyType(
    {
        "malformed": _Told(
            status=400,
            title="Requête illisible",
            detail="Le corps de la requête ne peut pas être lu.",
        ),
        "unauthenticated": _Told(
            status=401,
            title="Clé absente ou refusée",
            detail="Donnez une clé en cours de validité : « Authorization: Bearer pouce_… ».",
        ),
        "forbidden": _Told(
            status=403,
            title="Accès refusé",
            detail="Cette clé n'ouvre pas cette ressource.",
        ),
        "not-found": _Told(
            status=404,
            title="Ressource introuvable",
            detail="Il n'y a rien à cette adresse.",
        ),
        "method-not-allowed": _Told(
            status=405,
            title="Méthode refusée",
            detail="Cette adresse existe, mais pas avec cette méthode.",
        ),
        "timeout": _Told(
            status=408,
            title="Requête trop lente",
            detail="Le corps de la requête n'est pas arrivé à temps.",
        ),
        "conflict": _Told(
            status=409,
            title="Demande en conflit",
            detail="La demande contredit une demande déjà enregistrée.",
        ),
        "body-too-large": _Told(
            status=413,
            title="Corps trop volumineux",
            detail="Le corps de la requête dépasse la taille admise.",
        ),
        "unsupported-media-type": _Told(
            status=415,
            title="Type de contenu refusé",
            detail="Cette adresse ne lit pas ce type de contenu.",
        ),
        "validation": _Told(
            status=422,
            title="Requête incorrecte",
            detail="Un ou plusieurs champs sont à corriger.",
        ),
        "rate-limited": _Told(
            status=429,
            title="Trop de requêtes",
            detail="Réessayez après le délai indiqué par « Retry-After ».",
        ),
        "overloaded": _Told(
            status=429,
            title="Service très demandé",
            detail="La file d'attente est pleine. Réessayez après le délai indiqué.",
        ),
        "internal": _Told(
            status=500,
            title="Erreur du service",
            detail="Le service a rencontré une erreur. Elle est notée au journal.",
        ),
        "unavailable": _Told(
            status=503,
            title="Service momentanément indisponible",
            detail="L'entrepôt de données ne répond pas. Rien n'a été enregistré ; réessayez.",
        ),
    }
)
_KIND_OF_STATUS: Mapping[int, Kind] = MappingProxyType(
    {told.status: kind for kind, told in reversed(list(_TOLD.items()))}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """One field that is wrong; ``place`` as in ``texts n° 3``, texts in French."""

    place: str
    what: str
    mend: str = ""


@dataclass(eq=False, kw_only=True)
class ProblemError(Exception):
    """A refusal to be told to the client.

    Attributes
    ----------
    kind
        Which one.
    detail
        French sentence in place of the usual one; never a citizen's words.
    headers
        Headers of the response.
    errors
        Fields that are wrong.
    """

    kind: Kind
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[FieldProblem, ...] = ()


def problem_response(error: ProblemError, *, request_id: str = "") -> JSONResponse:
    """Return the response that tells a refusal; ``instance`` names the request in the logs."""
    told = _TOLD[error.kind]
    content = problem_content(error.kind, detail=error.detail)
    if request_id:
        content["instance"] = f"urn:pouce:request:{request_id}"
    if error.errors:
        content["errors"] = [
            {"place": one.place, "what": one.what, "mend": one.mend} for one in error.errors
        ]
    return JSONResponse(
        content, status_code=told.status, headers=dict(error.headers), media_type=MEDIA_TYPE
    )


def problem_content(kind: Kind, *, detail: str = "") -> dict[str, Any]:
    """Return the members that every problem has."""
    told = _TOLD[kind]
    return {
        "type": f"{BASE}{kind}",
        "title": told.title,
        "status": told.status,
        "detail": detail or told.detail,
    }


def kind_of_status(status: int) -> Kind:
    """Return the kind that tells an HTTP status."""
    return _KIND_OF_STATUS.get(status, "internal" if status >= 500 else "malformed")


def status_of(kind: Kind) -> int:
    """Return the HTTP status of a kind."""
    return _TOLD[kind].status


def documented(kinds: Iterable[Kind]) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses of those kinds, each with its French example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        told = _TOLD[kind]
        described = responses.setdefault(
            told.status,
            {
                "description": told.title,
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"$ref": "#/components/schemas/Problem"},
                        "examples": {},
                    }
                },
            },
        )
        example = {"summary": told.title, "value": problem_content(kind)}
        described["content"][MEDIA_TYPE]["examples"][kind] = example
    return responses


PROBLEM_SCHEMA: Mapping[str, Any] = MappingProxyType(
    {
        "type": "object",
        "description": "Problème au sens de la RFC 9457.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "enum": [f"{BASE}{kind}" for kind in KINDS]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "description": "Requête, telle qu'au journal."},
            "errors": {
                "type": "array",
                "description": "Champs à corriger.",
                "items": {
                    "type": "object",
                    "required": ["place", "what", "mend"],
                    "properties": {
                        "place": {"type": "string"},
                        "what": {"type": "string"},
                        "mend": {"type": "string"},
                    },
                },
            },
        },
    }
)
