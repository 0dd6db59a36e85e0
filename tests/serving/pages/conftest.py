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
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

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
    figures: Callable[[dict[str, str]], dict[str, Any]] = dict

    def reset(self) -> None:
        self.__init__()


def reply(number: int, **changes: Any) -> dict[str, Any]:
    answer = {
        "session_id": SESSION,
        "message_id": f"m_{number:032x}",
        "turn": number,
        "model_version": "essai",
        "degraded": False,
        "understanding": {"intent": None, "confidence": 0.9, "decision": "answer"},
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


def written() -> dict[str, Any]:
    return {"text": "Madame, Monsieur,\n\nC’est transmis.", "ticket": "T-7K2M9QXB"}


def handed() -> dict[str, Any]:
    phones = [{"name": "service des déchets", "number": "02 31 00 00 00", "note": "à confirmer"}]
    return {
        "text": "Je transmets votre demande à un conseiller.\n\nIl sera là demain à 9 heures.",
        "next_action": {"kind": "hand_over", "target": "conseiller", "phones": phones},
        "quick_replies": [{"label": "Téléphoner", "payload": "action:telephone"}],
        "ticket": "T-7K2M9QXA",
    }


def stopped() -> dict[str, Any]:
    action = {"kind": "opt_out", "target": "tous_les_canaux", "phones": []}
    return {"text": "C’est noté : je ne vous propose plus de message.", "next_action": action}


def calendar() -> dict[str, Any]:
    return {
        "text": "Deauville. Prochaines collectes :\n- mardi 24 novembre : emballages\n"
        "- jeudi 26 novembre : ordures ménagères",
        "sources": [SOURCE],
        "nudge": nudge("Dans le bac jaune, inutile de laver : bien vider suffit."),
    }


def urgent() -> dict[str, Any]:
    numbers = {"pompiers": "18", "urgence par SMS": "114"}
    phones = [{"name": name, "number": one, "note": ""} for name, one in numbers.items()]
    action = {"kind": "safety", "target": "gaz", "phones": phones}
    return {"text": "Sortez, puis appelez.", "next_action": action}


def hostile() -> dict[str, Any]:
    return {
        "text": f"Vous avez écrit : {HOSTILE}",
        "quick_replies": [{"label": HOSTILE, "payload": "commune:14220"}],
        "sources": [{**SOURCE, "title": HOSTILE}],
        "nudge": nudge(HOSTILE),
    }


def asked_where() -> dict[str, Any]:
    disclosure = "Je suis Sophie, un assistant automatique."
    choices = {"Deauville": "commune:14220", "Touques": "commune:14699"}
    return {
        "text": f"{disclosure}\n\nDans quelle commune ?",
        "disclosure": disclosure,
        "quick_replies": [{"label": one, "payload": code} for one, code in choices.items()],
        "next_action": {"kind": "ask_slot", "target": "commune", "phones": []},
    }


# What is found in what was said, and what is answered.
CUES = {
    "form": written,
    "demander_humain": handed,
    "conseiller": handed,
    "nudge_stop": stopped,
    "commune:14220": calendar,
    "gaz": urgent,
    "<": hostile,
    "": asked_where,
}


def scripted(body: dict[str, Any], number: int) -> dict[str, Any]:
    said = "form" if body["channel"] == "form" else body.get("payload") or body.get("text", "")
    return reply(number, **next(make for cue, make in CUES.items() if cue in said)())


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
        return JSONResponse(script.figures(script.queries[-1]))

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
