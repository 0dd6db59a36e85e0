"""Open311 GeoReport v2: kinds of incident, reports and where they stand, in JSON and in XML."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from nudge.territory.territory import load_territory
from nudge.territory.territory_checks import Box
from serving.incidents.kept_requests import MOST_DAYS, find_request, keep_request, list_requests
from serving.incidents.open311_error import Open311Error
from serving.incidents.open311_form import (
    MEDIA_TYPES,
    Format,
    created_row,
    request_row,
    service_definition,
    service_rows,
    written,
    written_error,
)
from serving.incidents.submission import Form, submission_of_form
from serving.incidents.territory_box import territory_box
from serving.runtime.services import PARIS, Services, services_of
from serving.security.gate import FORM, caller
from serving.security.problem import Kind, problem_content, status_of
from serving.security.scopes import needs
from serving.store.database import recording

router = APIRouter(prefix="/open311/v2", tags=["Signalements (Open311 GeoReport v2)"])

BODY_BYTES = 65_536
MOST_FIELDS = 100
MOST_IDENTIFIERS = 100
SPAN = timedelta(days=MOST_DAYS)
STATUSES = frozenset({"open", "closed"})
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")

Known = Annotated[Services, Depends(services_of)]
Filter = Annotated[str, Query(max_length=4_100)]


def _error_schema(status: int, title: str) -> dict[int | str, dict[str, Any]]:
    error = {
        "type": "object",
        "required": ["code", "description"],
        "properties": {"code": {"type": "integer"}, "description": {"type": "string"}},
    }
    content = {
        "application/json": {"schema": {"type": "array", "items": error}},
        "text/xml": {"schema": {"type": "string"}},
    }
    return {status: {"description": title, "content": content}}


def _refusals(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    documented: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        documented |= _error_schema(status_of(kind), str(problem_content(kind)["title"]))
    return documented


def _answer_schema(title: str) -> dict[int | str, dict[str, Any]]:
    content = {
        "application/json": {"schema": {"type": ["array", "object"]}},
        "text/xml": {"schema": {"type": "string"}},
    }
    return {200: {"description": title, "content": content}}


NOT_FOUND = _error_schema(404, "Introuvable")
MALFORMED = _error_schema(400, "Champ absent ou incorrect")
REFUSALS = _refusals("unauthenticated", "forbidden", "validation", "rate-limited", "unavailable")
CONFLICT = _error_schema(409, "Jeton déjà utilisé pour un autre signalement")


async def _body(request: Request) -> bytes:
    return await request.body()


@router.get(
    "/services.{extension}",
    summary="Ce qui peut être signalé",
    response_class=Response,
    responses={**_answer_schema("Liste des services."), **REFUSALS},
    **needs("open311"),
)
def services_list(extension: Format, services: Known) -> Response:
    """Donne les natures d'incident : liste de démonstration, délais à confirmer."""
    return _told(extension, "services", lambda: service_rows(services.incidents))


@router.get(
    "/services/{service_code}.{extension}",
    summary="Questions posées pour un incident",
    response_class=Response,
    responses={**_answer_schema("Définition du service."), **NOT_FOUND, **REFUSALS},
    **needs("open311"),
)
def service(service_code: str, extension: Format, services: Known) -> Response:
    """Donne les questions à poser pour une nature d'incident."""

    def answer() -> Any:
        found = services.incidents.find(service_code)
        if found is None:
            raise Open311Error(status=404, descriptions=("service_code : service inconnu.",))
        return service_definition(found)

    return _told(extension, "service_definition", answer)


@router.post(
    "/requests.{extension}",
    summary="Signaler un incident",
    response_class=Response,
    responses={
        **_answer_schema("Numéro du signalement."),
        **MALFORMED,
        **NOT_FOUND,
        **CONFLICT,
        **REFUSALS,
        **_refusals("timeout", "body-too-large", "unsupported-media-type"),
    },
    **needs("open311", body_limit=BODY_BYTES, media_types=(FORM,)),
)
def create(
    extension: Format,
    request: Request,
    services: Known,
    body: Annotated[bytes, Depends(_body)],
) -> Response:
    """Enregistre un signalement.

    Le formulaire porte `service_code`, un lieu (`lat` et `long`, ou `address_string`, ou
    `address_id`) et, au besoin, `description`, `media_url`, `attribute[code]`, `email`,
    `first_name`, `last_name`, `phone`. Les noms, numéros et plaques écrits dans la description
    sont retirés ; les coordonnées du déclarant sont facultatives, gardées à part et effacées plus
    tôt. `Idempotency-Key` (ou le champ `token`) évite d'enregistrer deux fois le même envoi. La clé
    peut être donnée dans le champ `api_key`.
    """

    def answer() -> Any:
        form = _form(body)
        box = _box(services.settings.datasets)
        submission, kind = submission_of_form(form, services=services.incidents, box=box)
        token = request.headers.get("idempotency-key") or "".join(form.get("token", [])[:1])
        key = caller(request.scope)
        with recording(services.store) as connection:
            kept = keep_request(
                connection,
                submission,
                kind,
                now=services.now(),
                client=key.identifier if key else "",
                token=token,
            )
        return [created_row(kept)]

    return _told(extension, "service_requests", answer)


@router.get(
    "/requests.{extension}",
    summary="Signalements reçus",
    response_class=Response,
    responses={**_answer_schema("Signalements."), **MALFORMED, **REFUSALS},
    **needs("open311"),
)
def requests_list(
    extension: Format,
    services: Known,
    service_request_id: Filter = "",
    service_code: Filter = "",
    start_date: Filter = "",
    end_date: Filter = "",
    status: Filter = "",
) -> Response:
    """Donne les signalements, les plus récents d'abord : 90 jours et 1 000 lignes au plus."""

    def answer() -> Any:
        statuses = _words(status, "status")
        if not STATUSES.issuperset(statuses):
            raise _wrong("status : open ou closed.")
        start, end = _span(start_date, end_date, now=services.now())
        found = list_requests(
            services.store,
            start=start,
            end=end,
            identifiers=_words(service_request_id, "service_request_id"),
            service_codes=_words(service_code, "service_code"),
            statuses=statuses,
        )
        kinds = services.incidents
        return [request_row(one, kinds.find(one.service_code)) for one in found]

    return _told(extension, "service_requests", answer)


def one_request(service_request_id: str, extension: Format, services: Known) -> Response:
    """Dit où en est un signalement."""

    def answer() -> Any:
        known = _WORD.fullmatch(service_request_id) is not None
        found = find_request(services.store, service_request_id) if known else None
        if found is None:
            text = "service_request_id : aucun signalement ne porte ce numéro."
            raise Open311Error(status=404, descriptions=(text,))
        return [request_row(found, services.incidents.find(found.service_code))]

    return _told(extension, "service_requests", answer)


# The second path is that of a copy of the specification which some clients follow.
for _path in (
    "/requests/{service_request_id}.{extension}",
    "/request/{service_request_id}.{extension}",
):
    router.add_api_route(
        _path,
        one_request,
        summary="Un signalement",
        response_class=Response,
        responses={**_answer_schema("Le signalement."), **NOT_FOUND, **REFUSALS},
        **needs("open311"),
    )


def _told(extension: Format, root: str, answer: Callable[[], Any]) -> Response:
    """Return an answer, or its refusal, in the form asked."""
    media_type = f"{MEDIA_TYPES[extension]}; charset=utf-8"
    try:
        return Response(written(answer(), root=root, extension=extension), media_type=media_type)
    except Open311Error as error:
        return Response(
            written_error(error, extension=extension),
            status_code=error.status,
            headers=dict(error.headers),
            media_type=media_type,
        )


def _form(body: bytes) -> Form:
    try:
        return parse_qs(body.decode(), max_num_fields=MOST_FIELDS, keep_blank_values=True)
    except (UnicodeDecodeError, ValueError) as error:
        raise _wrong(f"formulaire illisible, ou plus de {MOST_FIELDS} champs.") from error


def _words(text: str, name: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if len(words) > MOST_IDENTIFIERS or not all(map(_WORD.fullmatch, words)):
        raise _wrong(f"{name} : au plus {MOST_IDENTIFIERS} valeurs, séparées par des virgules.")
    return words


def _span(start: str, end: str, *, now: datetime) -> tuple[datetime, datetime]:
    first, last = _moment(start, "start_date"), _moment(end, "end_date")
    if last is None:
        last = now if first is None else min(first + SPAN, max(now, first))
    first = last - SPAN if first is None else first
    if first > last:
        raise _wrong("start_date : elle est après end_date.")
    if last - first > SPAN:
        raise _wrong(f"start_date et end_date : {MOST_DAYS} jours au plus entre les deux.")
    return first, last


def _moment(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        # In a query « + » reads as a space.
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
        found = found if found.tzinfo else found.replace(tzinfo=PARIS)
        if not 1970 <= found.year <= 9000:
            raise ValueError(text)
    except ValueError:
        mend = "date et heure au format AAAA-MM-JJThh:mm:ss+02:00."
        raise _wrong(f"{name} : {mend}") from None
    return found


def _wrong(text: str) -> Open311Error:
    return Open311Error(status=400, descriptions=(text,))


@cache
def _box(datasets: Path) -> Box:
    return territory_box(load_territory(datasets / "territory"))
