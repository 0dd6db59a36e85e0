"""A real server started again and again: ``start PORT`` on standard input forks one.

Reading data sets takes seconds; it is done once, before the forks.
"""

import functools
import os
import signal
import sys

import uvicorn

from serving.app import create_app
from serving.runtime import start
from serving.settings import Settings


def main() -> None:
    url, model = sys.argv[1:3]
    settings = Settings(store_url=url, model=model, rate_per_minute=600_000, rate_burst=600_000)
    for name in ("_resources", "load_answers", "load_calendar", "load_opening_hours"):
        setattr(start, name, functools.cache(getattr(start, name)))
    start._without_model(settings).store.engine.dispose()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            uvicorn.run(create_app(settings), port=int(line.split()[1]), log_config=None)
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
