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
    "storage-full",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What the door itself may say: to anyone, to whoever presents a key, to whoever sends a body.
VISITED: tuple[Kind, ...] = ("rate-limited",)
KEYED: tuple[Kind, ...] = (
    "unauthenticated", "forbidden", *VISITED, "overloaded", "unavailable", "storage-full",
)  # fmt: skip
READING: tuple[Kind, ...] = (
    *KEYED, "malformed", "timeout", "body-too-large", "unsupported-media-type", "validation",
)  # fmt: skip


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
            detail="Le service traite déjà tout ce qu'il peut. Réessayez après le délai indiqué.",
        ),
        "internal": _Told(
            status=500,
            title="Erreur du service",
            detail="Le service a rencontré une erreur. Elle est notée au journal.",
        ),
        "unavailable": _Told(
            status=503,
            title="Service momentanément indisponible",
            # An answer may be lost after what it tells was written: only the key says it all.
            detail="L'entrepôt de données ne répond pas. Réessayez : sous la même "
            "« Idempotency-Key », une demande n'est enregistrée qu'une fois.",
        ),
        "storage-full": _Told(
            status=503,
            title="Espace de stockage épuisé",
            detail="Le disque de l'entrepôt de données est plein. Rien n'a été enregistré. "
            "Réessayez quand l'exploitant aura libéré de la place.",
        ),
    }
)
_RETRY_AFTER: Mapping[str, Any] = MappingProxyType(
    {
        "description": "Secondes à attendre avant de réessayer.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 5,
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
                "headers": headers_of(kind),
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


def headers_of(kind: Kind) -> dict[str, Any]:
    """Return the OpenAPI headers that a refusal of that kind carries."""
    status = _TOLD[kind].status
    return {name: {**header} for name, header in _HEADERS.get(status, {}).items()}


_HEADERS: Mapping[int, Mapping[str, Any]] = MappingProxyType(
    {
        401: {
            "WWW-Authenticate": {
                "description": "Comment donner une clé.",
                "required": True,
                "schema": {"type": "string"},
                "example": 'Bearer realm="pouce"',
            }
        },
        429: {"Retry-After": _RETRY_AFTER},
        503: {"Retry-After": _RETRY_AFTER},
    }
)


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
