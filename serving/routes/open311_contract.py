"""What Open311 GeoReport v2 takes and answers, as OpenAPI describes it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from serving.incidents.open311_form import MEDIA_TYPES
from serving.incidents.submission import (
    CONTACT_FIELDS,
    JURISDICTION,
    LONGEST,
    LONGEST_ANSWER,
    OTHER_FIELDS,
)
from serving.security.gate import FORM
from serving.security.problem import Kind, headers_of, problem_content, status_of

Schema = dict[str, Any]
_TEXT: Mapping[str, Any] = MappingProxyType({"type": "string"})
_OPTIONAL: Mapping[str, Any] = MappingProxyType({"type": ["string", "null"]})
_INSTANT: Mapping[str, Any] = MappingProxyType({"type": ["string", "null"], "format": "date-time"})
_DEGREES: Mapping[str, Any] = MappingProxyType({"type": ["number", "null"]})
NUMBER = "SIG-482109-K7M2Q9"
TITLES: Mapping[Kind, str] = MappingProxyType(
    {
        "malformed": "Champ absent ou incorrect",
        "not-found": "Introuvable",
        "conflict": "Jeton déjà utilisé pour un autre signalement",
    }
)


def answered(title: str, *, item: Schema, example: Any, listed: bool = True) -> dict[Any, Any]:
    """Return the OpenAPI response of an answer, in JSON and in XML.

    Parameters
    ----------
    title
        French description.
    item
        Schema of one item, or of the whole where it is no list.
    example
        The answer in JSON.
    listed
        Whether the answer is a list of items.
    """
    schema = {"type": "array", "items": item} if listed else item
    content = {
        MEDIA_TYPES["json"]: {"schema": schema, "example": example},
        MEDIA_TYPES["xml"]: {"schema": {"type": "string", "description": "Les mêmes champs."}},
    }
    return {200: {"description": title, "content": content}}


def refused(*kinds: Kind) -> dict[int | str, Schema]:
    """Return the OpenAPI responses of refusals, in GeoReport v2's own form."""
    responses: dict[int | str, Schema] = {}
    for kind in kinds:
        told, status = problem_content(kind), status_of(kind)
        example = [{"code": status, "description": told["detail"]}]
        responses[status] = {
            "description": TITLES.get(kind, str(told["title"])),
            "headers": headers_of(kind),
            "content": {
                MEDIA_TYPES["json"]: {
                    "schema": {"type": "array", "minItems": 1, "items": _closed(_ERROR)},
                    "example": example,
                },
                MEDIA_TYPES["xml"]: {"schema": {"type": "string"}},
            },
        }
    return responses


def form_body(codes: list[str]) -> Schema:
    """Return the OpenAPI request body of a report.

    Parameters
    ----------
    codes
        Kinds of incident, shown as examples.
    """
    texts = {name: {"type": "string", "maxLength": most} for name, most in LONGEST.items()}
    others = {name: dict(_TEXT) for name in OTHER_FIELDS}
    fields = {**texts, **others}
    fields["service_code"] |= {"description": "Nature de l'incident.", "examples": codes}
    fields["lat"] = {"type": "number", "minimum": -90, "maximum": 90, "description": "WGS 84."}
    fields["long"] = {"type": "number", "minimum": -180, "maximum": 180, "description": "WGS 84."}
    fields["jurisdiction_id"] |= {"enum": [JURISDICTION]}
    fields["media_url"] |= {"description": "Adresse http(s) d'une photo."}
    fields["token"] |= {"description": "Comme « Idempotency-Key »."}
    fields["api_key"] |= {"description": "La clé, pour un client qui n'a pas d'en-tête."}
    for name in CONTACT_FIELDS:
        fields[name] |= {"description": "Facultatif, gardé à part et effacé plus tôt."}
    schema = {
        "type": "object",
        "required": ["service_code"],
        "anyOf": [{"required": ["lat", "long"]}, {"required": ["address_string"]},
                  {"required": ["address_id"]}],
        "properties": fields,
        "patternProperties": {
            r"^attribute\[[a-z0-9_]{1,40}\](\[\])?$": {
                "type": ["string", "array"], "maxLength": LONGEST_ANSWER,
                "items": {"type": "string", "maxLength": LONGEST_ANSWER},
            }
        },
        "additionalProperties": False,
    }  # fmt: skip
    example = {
        "service_code": "pav_plein", "lat": 49.3601, "long": 0.0752,
        "description": "La colonne à verre de la place déborde.",
    }  # fmt: skip
    return {"required": True, "content": {FORM: {"schema": schema, "example": example}}}


def _closed(properties: Mapping[str, Any]) -> Schema:
    return {
        "type": "object",
        "required": list(properties),
        "properties": {name: dict(schema) for name, schema in properties.items()},
        "additionalProperties": False,
    }


_ERROR: Mapping[str, Any] = MappingProxyType({"code": {"type": "integer"}, "description": _TEXT})
SERVICE: Schema = _closed(
    {
        "service_code": _TEXT,
        "service_name": _TEXT,
        "description": _TEXT,
        "metadata": {"type": "boolean"},
        "type": {"type": "string", "enum": ["realtime", "batch", "blackbox"]},
        "keywords": _TEXT,
        "group": _TEXT,
    }
)
_CHOICE: Schema = _closed({"key": _TEXT, "name": _TEXT})
_QUESTION: Schema = _closed(
    {
        "variable": {"type": "boolean"},
        "code": _TEXT,
        "datatype": _TEXT,
        "required": {"type": "boolean"},
        "datatype_description": _TEXT,
        "order": {"type": "integer", "minimum": 1},
        "description": _TEXT,
    }
)
_QUESTION["properties"]["values"] = {"type": "array", "items": _CHOICE}
DEFINITION: Schema = _closed(
    {"service_code": _TEXT, "attributes": {"type": "array", "items": _QUESTION}}
)
CREATED: Schema = _closed(
    {"service_request_id": _TEXT, "service_notice": _OPTIONAL, "account_id": {"type": "null"}}
)
REPORT: Schema = _closed(
    {
        "service_request_id": _TEXT,
        "status": {"type": "string", "enum": ["open", "closed"]},
        "status_notes": _OPTIONAL,
        "service_name": _TEXT,
        "service_code": _TEXT,
        "description": _OPTIONAL,
        "agency_responsible": _OPTIONAL,
        "service_notice": _OPTIONAL,
        "requested_datetime": _INSTANT,
        "updated_datetime": _INSTANT,
        "expected_datetime": _INSTANT,
        "address": _OPTIONAL,
        "address_id": _OPTIONAL,
        "zipcode": {"type": "null"},
        "lat": _DEGREES,
        "long": _DEGREES,
        "media_url": _OPTIONAL,
    }
)
SERVICE_EXAMPLE = {
    "service_code": "pav_plein",
    "service_name": "Point d'apport plein",
    "description": "Une colonne à verre ou à papier déborde.",
    "metadata": True,
    "type": "realtime",
    "keywords": "colonne,verre",
    "group": "Déchets",
}
DEFINITION_EXAMPLE = {
    "service_code": "pav_plein",
    "attributes": [
        {
            "variable": True,
            "code": "flux",
            "datatype": "singlevaluelist",
            "required": False,
            "datatype_description": "Choisir dans la liste.",
            "order": 1,
            "description": "Quelle colonne ?",
            "values": [{"key": "verre", "name": "Verre"}],
        }
    ],
}
CREATED_EXAMPLE = {"service_request_id": NUMBER, "service_notice": None, "account_id": None}
REPORT_EXAMPLE = {
    "service_request_id": NUMBER,
    "status": "closed",
    "status_notes": "La colonne a été vidée.",
    "service_name": "Point d'apport plein",
    "service_code": "pav_plein",
    "description": "La colonne à verre de la place déborde.",
    "agency_responsible": None,
    "service_notice": None,
    "requested_datetime": "2026-11-23T09:00:00+01:00",
    "updated_datetime": "2026-11-24T10:30:00+01:00",
    "expected_datetime": "2026-11-26T09:00:00+01:00",
    "address": None,
    "address_id": None,
    "zipcode": None,
    "lat": 49.3601,
    "long": 0.0752,
    "media_url": None,
}
