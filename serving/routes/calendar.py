"""``GET /v1/calendar/{secteur}.ics``: collections of a sector, for a telephone or an agenda."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from serving.calendar.ics import ics
from serving.runtime.services import PARIS, Services, services_of
from serving.security.problem import KEYED, ProblemError, documented
from serving.security.scopes import needs

router = APIRouter(tags=["calendrier"])

MEDIA_TYPE = "text/calendar"
EXAMPLE = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n…\r\nEND:VCALENDAR\r\n"
# A subscriber keeps what has passed for a month, and sees a year ahead.
BEHIND, AHEAD = timedelta(days=31), timedelta(days=366)
SectorPath = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9-]{2,64}$",
        description="Identifiant du secteur de collecte.",
        examples=["deauville-centre"],
    ),
]


@router.get(
    "/v1/calendar/{secteur}.ics",
    summary="Calendrier de collecte d'un secteur",
    response_class=Response,
    responses={
        200: {
            "description": "Calendrier (RFC 5545).",
            "headers": {"Content-Disposition": {"schema": {"type": "string"}}},
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE}},
        },
        **documented([*KEYED, "not-found", "validation"]),
    },
    **needs("calendar"),
)
def calendar(secteur: SectorPath, services: Annotated[Services, Depends(services_of)]) -> Response:
    """Donne les collectes d'un secteur, exceptions comprises.

    Les identifiants des événements sont stables : une nouvelle lecture met l'agenda à jour.
    """
    if secteur not in services.calendar.sectors:
        raise ProblemError(kind="not-found", detail="Ce secteur de collecte n'existe pas.")
    now = services.now()
    today = now.astimezone(PARIS).date()
    text = ics(services.calendar, sector=secteur, start=today - BEHIND, end=today + AHEAD, now=now)
    return Response(
        text,
        media_type=f"{MEDIA_TYPE}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{secteur}.ics"'},
    )
