"""A server of the pages with a scripted Sophie, and a browser that looks at them."""

import importlib.util
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from pydantic import TypeAdapter
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.cockpit.cockpit import Cockpit
from serving.knowledge.load import load_answers
from serving.routes import pages
from serving.routes.feedback import FeedbackRequest
from serving.security.headers import SECURITY_HEADERS
from serving.security.problem import ProblemError, problem_response
from serving.turns.wire import TurnRequest, TurnResponse

HOSTILE = "<img src=x onerror=\"document.title='volé'\"><script>document.title='volé'</script>"
SESSION = "s_" + "a" * 32
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SOURCE = {
    "title": "Calendrier de collecte",
    "date": "2026-11-01",
    "synthetic": True,
    "url": "javascript:document.title='volé'",
}


@dataclass
class Script:
    """What the scripted service was sent, and what it answers next in place of a reply."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)
    opinions: list[dict[str, Any]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    refusals: list[ProblemError] = field(default_factory=list)
    needs_key: str = ""
    degraded: bool = False
    queries: list[dict[str, str]] = field(default_factory=list)
    told: bool = True

    def reset(self) -> None:
        self.__init__()


def reply(number: int, text: str, **changes: Any) -> dict[str, Any]:
    answer = {
        "session_id": SESSION,
        "message_id": f"m_{number:032x}",
        "turn": number,
        "model_version": "essai",
        "degraded": False,
        "understanding": {"intent": None, "confidence": 0.9, "decision": "answer"},
        "text": text,
        "speech_text": "Texte à dire seulement",
        "disclosure": None,
        "warning": None,
        "quick_replies": [],
        "next_action": {"kind": "answer", "target": "", "phones": []},
        "sources": [],
        "ticket": None,
        "service_request_id": None,
        "nudge": None,
        **changes,
    }
    return TurnResponse.model_validate(answer).model_dump(mode="json")


def nudge(text: str) -> dict[str, Any]:
    return {
        "campaign": "essai",
        "title": "SIMULATION – bien vider",
        "arm": "conseil",
        "subject": "Bien vider suffit",
        "text": text,
        "opt_out": {"label": "Ne plus recevoir d'éco-gestes", "payload": "intent:nudge_stop"},
    }


def breakdown(dimension: str, **cells: int | None) -> dict[str, Any]:
    return {
        "dimension": dimension,
        "total": 404,
        "cells": [{"value": value.lstrip("_"), "n": n} for value, n in cells.items()],
        "hidden": sum(n is None for n in cells.values()),
    }


def share(n: int, of: int) -> dict[str, Any]:
    return {"n": n, "of": of, "share": n / of, "low": 0.61, "high": 0.79}


def cockpit_answer(only: dict[str, str] | None, *, told: bool) -> dict[str, Any]:
    """Figures as the service gives them; with ``told``, enough opinions to show their mean."""
    unknown = {"n": None, "of": 30, "share": None, "low": None, "high": None}
    answer = {
        "year": 2026,
        "only": only,
        "requests": 404,
        "volumes": [
            breakdown("month", **{"2026-01": 150, "2026-02": 254}),
            breakdown("channel", telephone=221, chatbot=178, courrier=5),
            breakdown("theme", tri_dechets=400, eau_assainissement=None, non_type=None),
            breakdown("nature", information=None, reclamation=None),
            breakdown("commune", _14220=300, petites_communes=104),
        ],
        "complaints": [] if only else [breakdown("channel", telephone=61)],
        "delays": {
            "counts": breakdown("delay", dans_le_delai=300, hors_delai=104),
            "within": share(300, 404),
            "target_hours": {"telephone": 1.0},
            "synthetic": True,
        },
        "satisfaction": {
            "response_rate": share(12, 120) if told else unknown,
            "mean": 4.25 if told else None,
            "low": 3.9 if told else None,
            "high": 4.6 if told else None,
            "opinions": 12 if told else None,
        },
        "coverage_v1": share(70, 100),
        "bot_share": share(178, 404),
        "containment": {
            "contained": share(80, 120) if told else None,
            "resolved": share(7, 10) if told else None,
            "response_rate": share(20, 80) if told else None,
        },
        "notes": ["Un effectif de 1 à 4 n'est pas montré."],
    }
    kind = TypeAdapter(Cockpit)
    return kind.dump_python(kind.validate_python(answer), mode="json")


def scripted(body: dict[str, Any], number: int) -> dict[str, Any]:
    said = body.get("payload") or body.get("text", "")
    if body["channel"] == "form":
        action = {"kind": "answer", "target": "conseiller", "phones": []}
        return reply(
            number,
            "Madame, Monsieur,\n\nVotre demande est transmise.",
            next_action=action,
            ticket="T-7K2M9QXB",
        )
    if said == "intent:demander_humain" or "conseiller" in said:
        action = {
            "kind": "hand_over",
            "target": "conseiller",
            "phones": [{"name": "service des déchets", "number": "02 31 00 00 00", "note": "à confirmer"}],
        }
        ways = [{"label": "Téléphoner", "payload": "action:telephone"}]
        return reply(
            number,
            "Bien sûr, je transmets votre demande à un conseiller.\n\n"
            "L’accueil est fermé en ce moment. Une personne sera de nouveau là demain à 9 heures.",
            next_action=action,
            quick_replies=ways,
            ticket="T-7K2M9QXA",
        )
    if said == "intent:nudge_stop":
        return reply(
            number,
            "C’est noté : je ne vous propose plus de message sur les éco-gestes.",
            next_action={"kind": "opt_out", "target": "tous_les_canaux", "phones": []},
        )
    if said == "commune:14220":
        return reply(
            number,
            "Deauville centre. Prochaines collectes :\n- mardi 24 novembre : emballages\n"
            "- jeudi 26 novembre : ordures ménagères",
            sources=[SOURCE],
            nudge=nudge("Dans le bac jaune, inutile de laver : bien vider suffit."),
        )
    if "gaz" in said:
        return reply(
            number,
            "Sortez, puis appelez.",
            next_action={
                "kind": "safety",
                "target": "gaz",
                "phones": [
                    {"name": "pompiers", "number": "18", "note": ""},
                    {"name": "urgence par SMS", "number": "114", "note": ""},
                ],
            },
        )
    if "<" in said:
        return reply(
            number,
            f"Vous avez écrit : {HOSTILE}",
            quick_replies=[{"label": HOSTILE, "payload": "commune:14220"}],
            sources=[{**SOURCE, "title": HOSTILE}],
            nudge=nudge(HOSTILE),
        )
    disclosure = "Je suis Sophie, un assistant automatique."
    return reply(
        number,
        f"{disclosure}\n\nDans quelle commune ?",
        disclosure=disclosure,
        quick_replies=[
            {"label": "Deauville", "payload": "commune:14220"},
            {"label": "Touques", "payload": "commune:14699"},
        ],
        next_action={"kind": "ask_slot", "target": "commune", "phones": []},
    )


class Headers:
    """The headers of security that the service puts on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name.decode(), value.decode())
            await send(message)

        await self.app(scope, receive, with_headers)


def build(script: Script) -> FastAPI:
    app = FastAPI()
    app.state.services = SimpleNamespace(
        knowledge=load_answers(), now=lambda: datetime(2026, 11, 23, 9, tzinfo=UTC)
    )

    @app.exception_handler(ProblemError)
    def problem(request: Request, error: ProblemError) -> Response:
        return problem_response(error)

    def admit(request: Request) -> None:
        script.keys.append(request.headers.get("authorization", ""))
        if script.needs_key and script.keys[-1] != f"Bearer {script.needs_key}":
            raise ProblemError(kind="unauthenticated")
        if script.refusals:
            raise script.refusals.pop(0)

    @app.post("/v1/messages")
    async def messages(request: Request) -> Response:
        body = await request.json()
        TurnRequest.model_validate(body)
        script.repeats.append(request.headers.get("idempotency-key", ""))
        admit(request)
        script.asked.append(body)
        return JSONResponse({**scripted(body, len(script.asked)), "degraded": script.degraded})

    @app.post("/v1/feedback")
    async def feedback(request: Request) -> Response:
        admit(request)
        script.opinions.append(await request.json())
        FeedbackRequest.model_validate(script.opinions[-1])
        return JSONResponse({"feedback_id": "f1"}, status_code=201)

    @app.post("/v1/conversations/erase")
    async def erase(request: Request) -> Response:
        admit(request)
        script.erased.append((await request.json())["session_id"])
        return Response(status_code=204)

    @app.get("/v1/cockpit")
    def cockpit(request: Request) -> Response:
        admit(request)
        script.queries.append(dict(request.query_params))
        only = {"dimension": "theme", "value": request.query_params.get("theme")}
        chosen = only if only["value"] else None
        return JSONResponse(cockpit_answer(chosen, told=script.told))

    app.router.routes.extend(pages.router.routes)
    app.add_middleware(Headers)
    return app


@dataclass(frozen=True)
class Site:
    """A running server: its address, its application and its script."""

    address: str
    application: FastAPI
    script: Script


@pytest.fixture(scope="session")
def served_pages() -> Iterator[Site]:
    script = Script()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        application = build(script)
        config = uvicorn.Config(application, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server of the pages does not start"
            time.sleep(0.01)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield Site(address=address, application=application, script=script)
        server.should_exit = True
        thread.join(timeout=5)


@pytest.fixture
def site(served_pages: Site) -> Site:
    served_pages.script.reset()
    return served_pages


# One a module: its event loop must not outlive it, other tests start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on PATH (chromium, chromium-browser or google-chrome)")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync",
                  "--disable-background-networking", "--disable-component-update"],
        )  # fmt: skip
        yield started
        started.close()


@pytest.fixture
def page(browser, site: Site) -> Iterator[Any]:
    """A blank page that stays on the site, breaks no policy and keeps nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(5_000)
    opened = context.new_page()
    troubles, hosts = [], set()
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on(
        "console",
        lambda said: "Content Security Policy" in said.text and troubles.append(said.text),
    )
    opened.on("request", lambda one: hosts.add(one.url.split("/")[2]))
    yield opened
    assert troubles == []
    assert hosts == {site.address.split("/")[2]}
    assert context.cookies() == []
    assert opened.evaluate("localStorage.length + sessionStorage.length") == 0
    context.close()


@pytest.fixture
def serious(page) -> Callable[[], list[str]]:
    """What axe finds serious or critical on the page as it is."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def found() -> list[str]:
        return [
            f"{one['id']}: {node['html'][:120]}"
            for one in axe.run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    return found
