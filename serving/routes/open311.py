"""Open311 GeoReport v2: kinds of incident, reports and where they stand, in JSON and in XML."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Header, Request
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
from serving.routes.open311_contract import (
    CREATED,
    CREATED_EXAMPLE,
    DEFINITION,
    DEFINITION_EXAMPLE,
    REPORT,
    REPORT_EXAMPLE,
    SERVICE,
    SERVICE_EXAMPLE,
    answered,
    form_body,
    refused,
)
from serving.routes.open311_parameters import (
    Codes,
    Extension,
    Moment,
    Number,
    Numbers,
    ServiceCode,
    Statuses,
)
from serving.runtime.services import PARIS, Services, services_of
from serving.security.gate import FORM, caller
from serving.security.problem import KEYED
from serving.security.scopes import needs
from serving.store.database import recording

router = APIRouter(prefix="/open311/v2", tags=["Signalements (Open311 GeoReport v2)"])

BODY_BYTES = 65_536
MOST_FIELDS = 100
MOST_IDENTIFIERS = 100
SPAN = timedelta(days=MOST_DAYS)
KNOWN_STATUSES = frozenset({"open", "closed"})
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")

Known = Annotated[Services, Depends(services_of)]


REFUSALS = refused("not-found", *KEYED)
MALFORMED = refused("malformed")
UNREADABLE = refused("malformed", "conflict", "timeout", "body-too-large", "unsupported-media-type")


async def _body(request: Request) -> bytes:
    return await request.body()


@router.get(
    "/services.{extension}",
    summary="Ce qui peut être signalé",
    response_class=Response,
    responses={
        **answered("Liste des services.", item=SERVICE, example=[SERVICE_EXAMPLE]),
        **REFUSALS,
    },
    **needs("open311"),
)
def services_list(extension: Extension, services: Known) -> Response:
    """Donne les natures d'incident : liste de démonstration, délais à confirmer."""
    return _told(extension, "services", lambda: service_rows(services.incidents))


@router.get(
    "/services/{service_code}.{extension}",
    summary="Questions posées pour un incident",
    response_class=Response,
    responses={
        **answered(
            "Définition du service.", item=DEFINITION, example=DEFINITION_EXAMPLE, listed=False
        ),
        **REFUSALS,
    },
    **needs("open311"),
)
def service(service_code: ServiceCode, extension: Extension, services: Known) -> Response:
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
        **answered("Numéro du signalement.", item=CREATED, example=[CREATED_EXAMPLE]),
        **UNREADABLE,
        **REFUSALS,
    },
    **needs(
        "open311",
        body_limit=BODY_BYTES,
        media_types=(FORM,),
        body=form_body(["pav_plein", "depot_sauvage"]),
    ),
)
def create(
    extension: Extension,
    request: Request,
    services: Known,
    body: Annotated[bytes, Depends(_body)],
    idempotency_key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            description="Évite d'enregistrer deux fois le même envoi.",
            examples=["envoi-42"],
        ),
    ] = "",
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
        # The form's own first: a proxy may name the requests that their client did not.
        token = "".join(form.get("token", [])[:1]) or idempotency_key
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
    responses={
        **answered("Signalements.", item=REPORT, example=[REPORT_EXAMPLE]),
        **MALFORMED,
        **REFUSALS,
    },
    **needs("open311"),
)
def requests_list(
    extension: Extension,
    services: Known,
    service_request_id: Numbers = "",
    service_code: Codes = "",
    start_date: Moment = "",
    end_date: Moment = "",
    status: Statuses = "",
) -> Response:
    """Donne les signalements, les plus récents d'abord : 90 jours et 1 000 lignes au plus."""

    def answer() -> Any:
        statuses = _words(status, "status")
        if not KNOWN_STATUSES.issuperset(statuses):
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


def one_request(service_request_id: Number, extension: Extension, services: Known) -> Response:
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
        responses={
            **answered("Le signalement.", item=REPORT, example=[REPORT_EXAMPLE]),
            **REFUSALS,
        },
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
        raise _wrong(
            f"{name} : au plus {MOST_IDENTIFIERS} valeurs de lettres, chiffres, « - » et « _ »."
        )
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
