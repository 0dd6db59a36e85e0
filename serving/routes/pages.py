"""Pages for a browser and their files; no key, no cookie."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nudge.french.numbers import MONTHS
from serving.knowledge.knowledge_base import DESK_HOURS, KnowledgeBase
from serving.pages.rendering import render_page, static_files
from serving.runtime.services import PARIS, Services, services_of
from serving.security.problem import ProblemError
from serving.security.scopes import FILE_COST, public

router = APIRouter(include_in_schema=False)

# A replica may be renewed between a page and its files: they are kept for a short time only.
STATIC_CACHE = "public, max-age=300"
FIGURES = "/v1/cockpit"
FilterGroup = tuple[str, str, list[tuple[str, str]]]
CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "chatbot": "Sophie, par écrit",
        "voicebot": "Sophie, à la voix",
        "telephone": "Téléphone",
        "svi": "Serveur vocal",
        "courriel": "Courriel",
        "formulaire": "Formulaire",
        "accueil": "Accueil",
        "courrier": "Courrier",
        "reseaux": "Réseaux sociaux",
    }
)
STARTERS = (
    "collecte_calendrier",
    "tri_consigne_objet",
    "decheterie_adresse_horaires",
    "encombrants_info",
    "signaler_depot_sauvage",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """How to reach a person; ``phone_note`` says what is not verified of the number."""

    phone: str
    phone_note: str
    email: str
    hours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where Sophie's page sends what a citizen does."""

    messages: str = "/v1/messages"
    feedback: str = "/v1/feedback"
    erase: str = "/v1/conversations/erase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What an official chose to count: a year, and ``dimension:value`` or nothing."""

    year: int
    only: str


@router.get("/", **public())
def home() -> RedirectResponse:
    """Lead to Sophie."""
    return RedirectResponse("/sophie")


@router.get("/sophie", **public())
def sophie(services: Annotated[Services, Depends(services_of)]) -> HTMLResponse:
    """Sophie's demonstration."""
    knowledge = services.knowledge
    starters = [
        (f"intent:{name}", knowledge.intents[name].title)
        for name in STARTERS
        if name in knowledge.intents
    ]
    return HTMLResponse(
        render_page(
            "sophie",
            here="/sophie",
            desk=desk_of(knowledge),
            starters=starters,
            addresses=Addresses(),
        )
    )


@router.get("/cockpit", **public())
def cockpit(
    services: Annotated[Services, Depends(services_of)], year: str = "", only: str = ""
) -> HTMLResponse:
    """Cockpit: filters and an empty place; figures are asked for by the page, with a key."""
    this_year = services.now().astimezone(PARIS).year
    chosen_year = int(year) if re.fullmatch(r"20[0-9]{2}", year) else this_year
    return HTMLResponse(
        render_page(
            "cockpit",
            here="/cockpit",
            figures=FIGURES,
            chosen=Chosen(year=chosen_year, only=only),
            groups=filter_groups(services.knowledge),
        )
    )


@router.get("/accessibilite", **public())
def accessibility(services: Annotated[Services, Depends(services_of)]) -> HTMLResponse:
    """Accessibility statement."""
    return HTMLResponse(
        render_page("accessibility", here="/accessibilite", desk=desk_of(services.knowledge))
    )


@router.get("/pages/static/{name}", **public(cost=FILE_COST))
def static_file(name: str) -> Response:
    """Style sheet or script of the pages."""
    found = static_files().get(name)
    if found is None:
        raise ProblemError(kind="not-found")
    return Response(
        found.content, media_type=found.media_type, headers={"Cache-Control": STATIC_CACHE}
    )


def desk_of(knowledge: KnowledgeBase) -> Desk:
    """Return how to reach the waste service."""
    contact = knowledge.contacts["dechets"]
    return Desk(
        phone=contact.phone or "",
        phone_note=contact.note,
        email=contact.email or "",
        hours=DESK_HOURS[0].upper() + DESK_HOURS[1:] + ".",
    )


def filter_groups(knowledge: KnowledgeBase) -> tuple[FilterGroup, ...]:
    """Return what the cockpit can be filtered by: title, dimension, values with their names."""
    months = [(str(number), name.capitalize()) for number, name in enumerate(MONTHS, start=1)]
    communes = sorted(knowledge.communes.items(), key=lambda one: one[1])
    return (
        ("Un mois", "month", months),
        ("Une commune", "commune", communes),
        ("Un thème", "theme", list(knowledge.themes.items())),
        ("Un canal", "channel", list(CHANNELS.items())),
    )
