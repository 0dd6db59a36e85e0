"""``GET /openapi.json``: the description of the interface, with any valid key."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi

from serving.security.problem import KEYED, PROBLEM_SCHEMA, documented
from serving.security.scopes import needs

router = APIRouter(tags=["service"])

OPENAPI = "3.1.0"
# The framework's own form of a validation failure, which the service never answers.
UNUSED = ("HTTPValidationError", "ValidationError")
# The framework's own words for a success.
UNSAID = "Successful Response"
KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": (
        "Clé « pouce_… », créée par « pouce serve key create NOM --scope DROIT » ; l'en-tête "
        "« X-API-Key » la porte aussi."
    ),
}
HEADERS = {
    "X-Request-ID": {
        "description": "Nom de la requête au journal ; celui du client s'il est bien formé.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9-]{8,64}$"},
    },
    "Server-Timing": {
        "description": "Durée de chaque phase, en millisecondes.",
        "required": True,
        "schema": {"type": "string"},
    },
}


@router.get(
    "/openapi.json",
    summary="Description de l'interface",
    responses=documented(kind for kind in KEYED if kind != "forbidden"),
    **needs("any"),
)
def openapi(request: Request) -> dict[str, Any]:
    """Décrit l'interface au format OpenAPI 3.1."""
    described: dict[str, Any] = request.app.openapi()
    return described


def described(app: FastAPI) -> dict[str, Any]:
    """Return the description of an application: problems, keys and headers included."""
    if app.openapi_schema is None:
        app.openapi_schema = _description(app)
    return app.openapi_schema


def _description(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        openapi_version=OPENAPI,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in UNUSED:
        schemas.pop(name, None)
    for schema in schemas.values():
        # The docstring of a class: for those who read the code.
        schema.pop("description", None)
        if "examples" in schema:
            schema["examples"] = [_with_nulls(one, schema) for one in schema["examples"]]
    schemas["Problem"] = dict(PROBLEM_SCHEMA)
    components["securitySchemes"] = {"apiKey": KEY}
    components["headers"] = HEADERS
    for methods in document["paths"].values():
        for operation in methods.values():
            _complete(operation["responses"])
    return document


def _complete(responses: dict[str, Any]) -> None:
    content = responses.get("422", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if str(schema.get("$ref", "")).endswith(UNUSED[0]):
        del responses["422"]
    for response in responses.values():
        if response["description"] == UNSAID:
            response["description"] = "Fait."
        named = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
        response["headers"] = {**response.get("headers", {}), **named}
        for form in response.get("content", {}).values():
            if "example" in form:
                form["example"] = _with_nulls(form["example"], form["schema"])


def _with_nulls(example: Any, schema: dict[str, Any]) -> Any:
    """Return an example with the fields that are required and null: the framework drops them."""
    if isinstance(example, list):
        return [_with_nulls(one, schema["items"]) for one in example]
    if isinstance(example, dict):
        return {name: example.get(name) for name in schema.get("required", ())} | example
    return example
