"""``pouce serve talk``: one conversation with Sophie, through the interface itself."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nudge.cli.console import StoreOption, say, user_errors

if TYPE_CHECKING:
    import threading

    import uvicorn

    from serving.settings import Settings

START_SECONDS = 60.0
TURN_SECONDS = 30.0


def talk_command(
    text: Annotated[
        list[str], typer.Option("--text", help="Message, à répéter : un tour de parole chacun.")
    ],
    model: Annotated[
        str | None, typer.Option("--model", help="Dossier, alias ou version ; sinon champion.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Démarre l'interface sur un port libre, tient une conversation, et l'arrête.

    Une clé d'accès est créée pour l'occasion, puis révoquée.

    Code 0 : Sophie a répondu à tout ; 2 : réglage ou entrepôt refusé.
    """
    with user_errors():
        from dataclasses import replace

        from nlu.cli.console import quiet_libraries
        from serving.settings import settings_from_environment

        quiet_libraries()
        settings = settings_from_environment()
        settings = replace(
            settings, store_url=store or settings.store_url, model=model or settings.model
        )
        _converse(settings, text)


def _converse(settings: "Settings", texts: list[str]) -> None:
    from datetime import UTC, datetime, timedelta

    from serving.security.api_key import new_key
    from serving.store.api_keys import revoke_key, save_key
    from serving.store.database import open_serving_store

    store = open_serving_store(settings.store_url)
    now = datetime.now(UTC)
    secret, key = new_key(
        name="conversation d'essai",
        scopes=frozenset({"messages"}),
        now=now,
        expires_at=now + timedelta(hours=1),
    )
    save_key(store, key)
    server, thread, address = _started(settings)
    session: str | None = None
    try:
        for text in texts:
            answer = _turn(address, secret, {"text": text, "session_id": session})
            session = answer["session_id"]
            say(f"> {text}")
            say(f"Sophie : {answer['text']}")
            for choice in answer["quick_replies"]:
                say(f"  [{choice['label']}]")
    finally:
        server.should_exit = True
        thread.join()
        revoke_key(store, key.identifier, now=datetime.now(UTC))


def _started(settings: "Settings") -> "tuple[uvicorn.Server, threading.Thread, str]":
    import logging
    import threading
    import time

    import uvicorn

    from nudge.errors import CampaignError
    from serving.app import create_app

    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if app.state.failure is not None:
            raise app.state.failure
        if not thread.is_alive() or time.monotonic() > deadline:
            raise CampaignError("l'interface n'a pas démarré")
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    return server, thread, f"http://127.0.0.1:{port}"


def _turn(address: str, secret: str, message: dict[str, Any]) -> dict[str, Any]:
    import json
    from urllib.request import Request, urlopen

    body = json.dumps({name: value for name, value in message.items() if value is not None})
    request = Request(  # noqa: S310
        f"{address}/v1/messages",
        data=body.encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {secret}"},
    )
    with urlopen(request, timeout=TURN_SECONDS) as response:  # noqa: S310
        content: dict[str, Any] = json.load(response)
    return content
