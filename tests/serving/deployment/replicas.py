"""Runs ``pouce serve …`` again and again, one command a line, each in a process of its own.

Reading libraries and data sets takes seconds; it is done once, before the forks.
"""

import functools
import importlib
import json
import os
import sys
import threading
import time
from datetime import date

from nlu.cli.console import quiet_libraries
from nudge.levers.message import RenderedMessage
from serving.cli import app
from serving.engagement.running_campaigns import ChatArm, ChatCampaign
from serving.runtime import start
from serving.settings import settings_from_environment

CAMPAIGN = ChatCampaign(
    identifier="eco",
    title="Éco-geste",
    start=date(2026, 1, 1),
    end=date(2100, 1, 1),
    unit="rue",
    allocation={},
    arms={
        "temoin": ChatArm(identifier="temoin", control=True, ratio=1, message=None),
        "conseil": ChatArm(
            identifier="conseil",
            control=False,
            ratio=1,
            message=RenderedMessage(text="Un conseil.", subject="Conseil", reading=None),
        ),
    },
    salt="0" * 64,
)


def end_with(parent: int) -> None:
    """Leave no process behind when the tests are killed."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main() -> None:
    quiet_libraries()
    importlib.import_module("serving.cli_serve.server")
    for name in ("_resources", "load_answers", "load_calendar", "load_opening_hours"):
        setattr(start, name, functools.cache(getattr(start, name)))
    start.running_campaigns = lambda _store, *, today: (CAMPAIGN,)
    start._without_model(settings_from_environment()).store.engine.dispose()
    print("ready", flush=True)
    for line in sys.stdin:
        words = json.loads(line)
        if words[0] == "wait":
            print(os.waitstatus_to_exitcode(os.waitpid(words[1], 0)[1]), flush=True)
            continue
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            threading.Thread(target=end_with, args=(parent,), daemon=True).start()
            app(["serve", *words])
        print(child, flush=True)


if __name__ == "__main__":
    main()
