"""The application: routes behind one door, every failure told in one form."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nudge.errors import CampaignError, Problem
from nudge.french.typography import typeset
from serving.incidents.gate_refusals import open311_refusal
from serving.observability.json_logs import log_event
from serving.observability.request_record import RecordRequests, record_of
from serving.routes import (
    calendar,
    cockpit,
    contacts,
    conversations,
    feedback,
    health,
    messages,
    metrics,
    open311,
    openapi,
    pages,
    parse,
)
from serving.routes.french_validation import french_faults
from serving.runtime.start import open_services
from serving.security.gate import Gate
from serving.security.problem import (
    PROBLEM_SCHEMA,
    FieldProblem,
    ProblemError,
    kind_of_status,
    problem_response,
)
from serving.settings import Settings
from serving.store.database import StoreBusyError

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    parse.router,
    messages.router,
    conversations.router,
    feedback.router,
    calendar.router,
    open311.router,
    contacts.router,
    cockpit.router,
    metrics.router,
    openapi.router,
    pages.router,
)
RETRY_SECONDS = 5
DESCRIPTION = (
    "Interface de Sophie, l'assistant automatique de la Communauté de Communes Cœur Côte Fleurie : "
    "comprendre un message, y répondre, proposer la suite, recueillir les avis. Les textes sont "
    "expurgés des données personnelles avant d'être conservés ; aucune décision automatisée n'est "
    "prise sur une personne ; aucun cookie n'est posé. Chaque réponse porte « Server-Timing » "
    "(durée de chaque phase) et « X-Request-ID »."
)


def create_app(settings: Settings, *, routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """Build the application; what it needs is opened when it starts.

    Parameters
    ----------
    settings
        From :func:`serving.settings.settings_from_environment`.
    routers
        Routes, each saying what it asks for: see :mod:`serving.security.scopes`.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with open_services(settings) as services:
                app.state.services = services
                yield
        except CampaignError as error:
            # For the command that started the application: uvicorn keeps it to its own log.
            app.state.failure = error
            raise

    app = FastAPI(
        title="Sophie",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.failure = None
    for router in routers:
        # Listed flat, so that the door sees each route and what it asks for.
        app.router.routes.extend(router.routes)
    _tell_failures(app)
    app.add_middleware(
        Gate,
        routes=lambda: app.router.routes,
        keys=lambda: app.state.services.keys,
        limits=lambda: app.state.services.limits,
    )
    app.add_middleware(RecordRequests, metrics=lambda: app.state.services.metrics, tell=_refusal)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _tell_failures(app: FastAPI) -> None:
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(CampaignError, _refused)
    for failure in (DBAPIError, PoolTimeout, StoreBusyError):
        app.add_exception_handler(failure, _unavailable)


def _problem(request: Request, error: Exception) -> Response:
    told = error if isinstance(error, ProblemError) else ProblemError(kind="internal")
    return _told(request, told)


def _invalid(request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    return _told(request, ProblemError(kind="validation", errors=french_faults(faults)))


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = (error.headers or {}) if isinstance(error, HTTPException) else {}
    return _told(request, ProblemError(kind=kind_of_status(status), headers=headers))


def _refused(request: Request, error: Exception) -> Response:
    found = error.problems if isinstance(error, CampaignError) else ()
    errors = tuple(
        FieldProblem(place=_place(one), what=typeset(one.what), mend=typeset(one.mend))
        for one in found
    )
    return _told(request, ProblemError(kind="validation", errors=errors))


def _place(problem: Problem) -> str:
    row = f"ligne {problem.row}" if problem.row is not None else ""
    return ", ".join(part for part in (problem.place, row, problem.column) if part)


def _unavailable(request: Request, error: Exception) -> Response:
    log_event("store", failure=error, request_id=record_of(request.scope).identifier)
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return _told(request, ProblemError(kind="unavailable", headers=headers))


def _told(request: Request, error: ProblemError) -> Response:
    record = record_of(request.scope)
    record.refusal = error.kind
    return _refusal(error, request.scope["path"], record.identifier)


def _refusal(error: ProblemError, path: str, request_id: str) -> Response:
    """Tell a refusal as GeoReport v2 asks on its own paths, as a problem elsewhere."""
    told = open311_refusal(error, path=path)
    return problem_response(error, request_id=request_id) if told is None else told


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Describe the application (OpenAPI 3.1), problems and keys included."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = dict(PROBLEM_SCHEMA)
        components["securitySchemes"] = {
            "apiKey": {
                "type": "http",
                "scheme": "bearer",
                "description": "Clé « pouce_… », créée par « pouce serve key create ».",
            }
        }
        app.openapi_schema = schema
    return app.openapi_schema
