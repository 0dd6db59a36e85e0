"""``pouce serve talk``: one conversation with Sophie, through the interface itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nudge.cli.console import StoreOption, say, user_errors

if TYPE_CHECKING:
    import threading

    import uvicorn

    from nudge.store.database import Store
    from serving.engagement.running_campaigns import ChatCampaign
    from serving.settings import Settings

START_SECONDS = 60.0
TURN_SECONDS = 30.0
# With two equal arms, one conversation in a million million is not enough.
MOST_CONVERSATIONS = 40

Ask = Callable[[dict[str, Any]], dict[str, Any]]


def talk_command(
    text: Annotated[
        list[str], typer.Option("--text", help="Message, à répéter : un tour de parole chacun.")
    ],
    each_arm: Annotated[
        bool,
        typer.Option(
            "--each-arm",
            help="Recommence, par de nouvelles conversations, jusqu'à en montrer une de chaque "
            "groupe de la campagne en cours. Aucun groupe n'est choisi : toutes comptent.",
        ),
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="Dossier, alias ou version ; sinon champion.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Démarre l'interface sur un port libre, tient une conversation, et l'arrête.

    Une clé d'accès est créée pour l'occasion, puis révoquée.

    Code 0 : Sophie a répondu à tout ; 2 : réglage ou entrepôt refusé, ou rien à montrer.
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
        _talk(settings, text, each_arm=each_arm)


def _talk(settings: "Settings", texts: list[str], *, each_arm: bool) -> None:
    from serving.store.database import open_serving_store

    store = open_serving_store(settings.store_url)
    campaign = _running_campaign(store) if each_arm else None
    with _service(settings, store) as ask:
        if campaign is None:
            _show(_conversation(ask, texts))
        else:
            _show_each_arm(ask, texts, store=store, campaign=campaign)


def _running_campaign(store: "Store") -> "ChatCampaign":
    from datetime import date

    from nudge.errors import CampaignError, Problem
    from serving.engagement.running_campaigns import running_campaigns

    running = running_campaigns(store, today=date.today())
    if not running:
        what = "aucune campagne en cours ne parle aujourd'hui en conversation"
        mend = "en créer une par « pouce campaign new … --example eco_geste », jusqu'à « draw »"
        raise CampaignError(Problem(what=what, mend=mend))
    return running[0]


def _show_each_arm(ask: Ask, texts: list[str], *, store: "Store", campaign: "ChatCampaign") -> None:
    """Hold new conversations, as many as it takes to see each arm, and count them all."""
    from nudge.errors import CampaignError
    from nudge.french.numbers import count
    from nudge.lifecycle.plan_in_force import plan_in_force
    from serving.engagement.arm_counts import arm_counts
    from serving.engagement.conversation_rows import conversation_rows
    from serving.store.sessions import pseudonym_of

    plan = plan_in_force(store, campaign.identifier).campaign
    titles = {arm.identifier: arm.title for arm in plan.arms if arm.identifier in campaign.arms}
    say(campaign.title)
    waiting = set(titles)
    for _ in range(MOST_CONVERSATIONS):
        turns = _conversation(ask, texts)
        rows = conversation_rows(store, campaign.identifier).set_index("conversation")
        mine = pseudonym_of(turns[0][1]["session_id"])
        if mine not in rows.index:
            _show(turns)
            raise CampaignError("cette conversation n'entre dans aucun groupe : aucune réponse "
                                "n'y a donné lieu à un éco-geste")  # fmt: skip
        arm = str(rows.loc[mine, "groupe"])
        if arm in waiting:
            waiting.remove(arm)
            say(f"\nGroupe tiré au sort : « {titles[arm]} » ({rows.loc[mine, 'unite']})")
            _show(turns)
        if not waiting:
            break
    say("\nJournal des expositions, groupe témoin compris :")
    counts = arm_counts(conversation_rows(store, campaign.identifier), plan)
    for one in counts.arms:
        stopped = count(one.opted_out, "désinscription", "désinscriptions")
        say(f"  {one.title} : {count(one.conversations, 'conversation')}, {stopped}")


def _conversation(ask: Ask, texts: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Hold a new conversation; return what was said and answered, turn by turn.

    A text that is the label of a choice just offered is a click on it.
    """
    turns: list[tuple[str, dict[str, Any]]] = []
    for text in texts:
        last = turns[-1][1] if turns else {"quick_replies": ()}
        clicks = {one["label"]: one["payload"] for one in last["quick_replies"]}
        session = {"session_id": last["session_id"]} if turns else {}
        said = {"payload": clicks[text]} if text in clicks else {"text": text}
        turns.append((text, ask({**said, **session})))
    return turns


def _show(turns: list[tuple[str, dict[str, Any]]]) -> None:
    for text, answer in turns:
        say(f"> {text}")
        say(f"Sophie : {answer['text']}")
        for choice in answer["quick_replies"]:
            say(f"  [{choice['label']}]")
        nudge = answer["nudge"]
        if nudge is not None:
            say(f"  + {nudge['subject']}")
            for line in nudge["text"].splitlines():
                say(f"    {line}".rstrip())
            say(f"    [{nudge['opt_out']['label']}]")


@contextmanager
def _service(settings: "Settings", store: "Store") -> Iterator[Ask]:
    """Run the interface on a free port, with a key of its own that is revoked at the end."""
    from datetime import UTC, datetime, timedelta

    from serving.security.api_key import new_key
    from serving.store.api_keys import revoke_key, save_key

    now = datetime.now(UTC)
    secret, key = new_key(
        name="conversation d'essai",
        scopes=frozenset({"messages"}),
        now=now,
        expires_at=now + timedelta(hours=1),
    )
    save_key(store, key)
    try:
        server, thread, address = _started(settings)
        try:
            yield lambda message: _turn(address, secret, message)
        finally:
            server.should_exit = True
            thread.join()
    finally:
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

    request = Request(  # noqa: S310
        f"{address}/v1/messages",
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {secret}"},
    )
    with urlopen(request, timeout=TURN_SECONDS) as response:  # noqa: S310
        content: dict[str, Any] = json.load(response)
    return content
