"""The application: routes behind one door, every failure told in one form."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nudge.errors import CampaignError, Problem
from nudge.french.typography import typeset
from serving.incidents.gate_refusals import open311_refusal
from serving.observability.json_logs import log_event
from serving.observability.request_record import RecordRequests, record_of
from serving.observability.tracing import Tracing
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
from serving.routes.openapi import described
from serving.runtime.start import open_services
from serving.security.api_key import ApiKey
from serving.security.gate import Gate
from serving.security.problem import (
    FieldProblem,
    ProblemError,
    kind_of_status,
    problem_response,
)
from serving.settings import Settings
from serving.store.database import StoreBusyError
from serving.store.failures import failure_code, is_out_of_space

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
# Someone has to make room.
FULL_RETRY_SECONDS = 60
STORE_FAILURES = (DBAPIError, PoolTimeout, StoreBusyError)
DESCRIPTION = (
    "Interface de Sophie, l'assistant automatique de la Communauté de Communes Cœur Côte Fleurie : "
    "comprendre un message, y répondre, proposer la suite, recueillir les avis. Les textes sont "
    "expurgés des données personnelles avant d'être conservés ; aucune décision automatisée n'est "
    "prise sur une personne ; aucun cookie n'est posé. Chaque réponse porte « Server-Timing » "
    "(durée de chaque phase) et « X-Request-ID »."
)


def create_app(
    settings: Settings,
    *,
    routers: Sequence[APIRouter] = ROUTERS,
    tracing: Tracing | None = None,
) -> FastAPI:
    """Build the application; what it needs is opened when it starts.

    Parameters
    ----------
    settings
        From :func:`serving.settings.settings_from_environment`.
    routers
        Routes, each saying what it asks for: see :mod:`serving.security.scopes`.
    tracing
        Where traces of requests go, closed when the application stops; None for nowhere.
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
        finally:
            if tracing is not None:
                await run_in_threadpool(tracing.close)

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
        remembered_key=lambda text: app.state.services.keys.remembered(
            text, clock=monotonic(), now=datetime.now(UTC)
        ),
        find_key=lambda text: _key(app, text),
        limits=lambda: app.state.services.limits,
    )
    app.add_middleware(
        RecordRequests,
        metrics=lambda: app.state.services.metrics,
        tell=_refusal,
        tracing=tracing,
    )
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    return app


def _key(app: FastAPI, text: str) -> ApiKey | None:
    """Return the valid key that a text is; the door stands before what tells other failures."""
    try:
        found: ApiKey | None = app.state.services.keys.check(
            text, clock=monotonic(), now=datetime.now(UTC)
        )
    except STORE_FAILURES as error:
        log_event("store", failure=error, code=failure_code(error))
        raise _unavailable_store(error) from error
    return found


def _tell_failures(app: FastAPI) -> None:
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(CampaignError, _refused)
    for failure in STORE_FAILURES:
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
    identifier = record_of(request.scope).identifier
    log_event("store", failure=error, code=failure_code(error), request_id=identifier)
    return _told(request, _unavailable_store(error))


def _unavailable_store(error: Exception) -> ProblemError:
    if is_out_of_space(error):
        return ProblemError(kind="storage-full", headers={"Retry-After": str(FULL_RETRY_SECONDS)})
    return ProblemError(kind="unavailable", headers={"Retry-After": str(RETRY_SECONDS)})


def _told(request: Request, error: ProblemError) -> Response:
    record = record_of(request.scope)
    record.refusal = error.kind
    return _refusal(error, request.scope["path"], record.identifier)


def _refusal(error: ProblemError, path: str, request_id: str) -> Response:
    """Tell a refusal as GeoReport v2 asks on its own paths, as a problem elsewhere."""
    told = open311_refusal(error, path=path)
    return problem_response(error, request_id=request_id) if told is None else told
