"""The model that serves: loaded at start, followed in the registry, replaced without a pause."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from nlu.corpus.taxonomy import load_taxonomy
from nlu.encoder.cache import cache_root
from nlu.inference.engine import Engine
from nlu.inference.engine_choice import choose_engine
from nlu.inference.hot_reload import HotReload, Reload
from nlu.inference.micro_batching import MicroBatcher
from nlu.registry.aliases import CHAMPION
from nlu.registry.serving_versions import ChampionSource
from nlu.registry.versions import resolve_model
from serving.observability.json_logs import log_event
from serving.runtime.classification import version_of
from serving.runtime.services import Services


@asynccontextmanager
async def serving_model(services: Services) -> AsyncIterator[None]:
    """Load the model and keep it up to date; whatever is wrong, the service runs without it."""
    installer = _Installer(services, asyncio.get_running_loop())
    stop = threading.Event()
    watcher: threading.Thread | None = None
    wanted = services.settings.model
    try:
        if wanted == CHAMPION:
            follower = _follower(services, installer)
            await run_in_threadpool(_open, follower, services, installer)
            watcher = threading.Thread(
                target=follower.watch,
                args=(stop,),
                kwargs={"poll_seconds": services.settings.poll_seconds, "report": _report},
                name="champion",
                daemon=True,
            )
            watcher.start()
        else:
            await run_in_threadpool(_open_chosen, wanted, services, installer)
        yield
    finally:
        stop.set()
        if services.batcher is not None:
            await services.batcher.close()


class _Installer:
    """Puts an engine into service, from any thread but that of the event loop."""

    def __init__(self, services: Services, loop: asyncio.AbstractEventLoop) -> None:
        self._services = services
        self._loop = loop

    def __call__(self, engine: Engine) -> None:
        if self._services.batcher is not None:
            self._services.batcher.replace(engine)
        else:
            asyncio.run_coroutine_threadsafe(self._start(engine), self._loop).result()
        self._services.trouble = ""
        self._services.metrics.degraded.set(0)
        log_event("model", model_version=version_of(engine.describe()))

    async def _start(self, engine: Engine) -> None:
        batcher = MicroBatcher(engine, capacity=self._services.settings.queue_limit)
        self._services.batcher = await batcher.__aenter__()
        self._services.metrics.queue.set_function(lambda: batcher.waiting)


def _follower(services: Services, installer: _Installer) -> HotReload:
    taxonomy = load_taxonomy(services.settings.datasets / "sophie" / "intents.yaml")
    return HotReload(
        ChampionSource(),
        cache_root() / "serving",
        install=installer,
        taxonomy_digest=taxonomy.digest,
    )


def _open(follower: HotReload, services: Services, installer: _Installer) -> None:
    try:
        installer(follower.open())
    except Exception as error:
        _run_without(services, error)


def _open_chosen(wanted: str, services: Services, installer: _Installer) -> None:
    try:
        # A folder may be a serving folder, which the registry does not know.
        folder = Path(wanted) if Path(wanted).is_dir() else resolve_model(wanted).folder
        installer(choose_engine(folder))
    except Exception as error:
        _run_without(services, error)


def _run_without(services: Services, error: Exception) -> None:
    services.trouble = str(error)
    services.metrics.degraded.set(1)
    log_event("no_model", failure=error, reason=str(error))


def _report(outcome: Reload) -> None:
    if outcome.status != "unchanged":
        log_event("champion", status=outcome.status, key=outcome.key, reason=outcome.reason)
