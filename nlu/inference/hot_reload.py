"""Follow the promoted version: fetch, verify, warm up, then swap; keep serving on any trouble.

A version is copied once to a cache folder and served from there. When the registry cannot be
reached, at start or later, the last version that served is served again. Processes of one machine
may share the folder; each may be killed, or find the disk full, at any instant.
"""

import json
import logging
import math
import queue
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from filelock import FileLock

from nlu.errors import InputError
from nlu.inference.engine import Engine, predict
from nlu.inference.engine_choice import Device, choose_engine
from nlu.inference.serving_artifact import remove_scratch, write_folder

logger = logging.getLogger(__name__)

POINTER_FILE = "current.json"
LOCK_FILE = ".lock"
PROBE = "Bonjour, quand passe le bac jaune ?"
LONGEST_PAUSE = 60
PATIENCE_SECONDS = 3.0
# Another process of this machine may be fetching the same version.
LOCK_SECONDS = 60.0


class ServingSource(Protocol):
    """Where promoted versions come from."""

    def current(self) -> str:
        """Key of the promoted version: a name that is valid for a folder and never reused."""

    def fetch(self, key: str, folder: Path) -> None:
        """Copy the files of a version into an existing, empty folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """Outcome of one look at the source.

    Attributes
    ----------
    status : str
        ``unchanged``, ``swapped``, ``refused`` (the new version is damaged or does not answer)
        or ``unreachable`` (the source does not answer); the last two keep what serves.
    key : str
        Version that serves.
    reason : str
        Why, when refused or unreachable.
    """

    status: Literal["unchanged", "swapped", "refused", "unreachable"]
    key: str
    reason: str = ""


class HotReload:
    """Keeps the promoted version serving.

    Parameters
    ----------
    source : ServingSource
        Asked for the promoted version.
    cache : Path
        Folder of fetched versions, of the services of this machine alone.
    install : callable
        Given each new engine, such as ``MicroBatcher.replace``.
    taxonomy_digest : str, optional
        Versions trained on another taxonomy are refused.
    device : str
        See :func:`nlu.inference.engine_choice.choose_engine`.
    threads : int, optional
        Threads of ONNX Runtime.
    """

    def __init__(
        self,
        source: ServingSource,
        cache: Path,
        *,
        install: Callable[[Engine], object],
        taxonomy_digest: str | None = None,
        device: Device = "auto",
        threads: int | None = None,
    ) -> None:
        self._source = source
        self._cache = cache
        self._install = install
        self._digest = taxonomy_digest
        self._device = device
        self._threads = threads
        self._key = ""
        self._before = ""
        self._noted = True
        self._refused = ""
        self._refusals = 0
        self._looks_left = 0

    @property
    def key(self) -> str:
        """Version that serves; empty before :meth:`open`."""
        return self._key

    def open(self, *, patience: float = PATIENCE_SECONDS) -> Engine:
        """The engine to start with: the promoted version, or the last one that served here.

        Parameters
        ----------
        patience : float
            Seconds for the source to name the promoted version, where an earlier one is there to
            serve instead; clients of a registry that is down try for minutes.

        Raises
        ------
        InputError
            When neither can be had, with both reasons.
        """
        has_earlier = (self._cache / POINTER_FILE).is_file()
        try:
            wanted = self._current_within(patience) if has_earlier else self._source.current()
            engine = self._load(wanted)
        except Exception as error:  # Registries raise their own; the cache answers for all.
            trouble = str(error)
        else:
            self._serve(wanted)
            self._note()
            return engine
        try:
            last = self._noted_key()
            engine = self._check(self._cache / last)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(
                f"no model to serve: {trouble}; and no earlier one in {self._cache} ({error})"
            ) from None
        logger.warning("serving %s from the cache: %s", last, trouble)
        self._serve(last)
        return engine

    def poll(self) -> Reload:
        """Look once at the source and swap when the promoted version has moved."""
        try:
            wanted = self._source.current()
        except Exception as error:  # Registries raise their own.
            return Reload(status="unreachable", key=self._key, reason=str(error))
        if wanted == self._key:
            self._refused = ""
            if not self._noted:
                self._note()
            return Reload(status="unchanged", key=self._key)
        if wanted == self._refused and self._looks_left > 0:
            self._looks_left -= 1
            return Reload(status="refused", key=self._key, reason=f"{wanted} was refused before")
        try:
            engine = self._load(wanted)
            self._install(engine)
        except Exception as error:  # Whatever is wrong with the new one, the old one serves.
            self._refuse(wanted)
            logger.error("%s is refused, %s keeps serving: %s", wanted, self._key, error)
            return Reload(status="refused", key=self._key, reason=str(error))
        self._serve(wanted)
        self._note()
        logger.info("now serving %s", wanted)
        return Reload(status="swapped", key=wanted)

    def watch(
        self,
        stop: threading.Event,
        *,
        poll_seconds: float = 10.0,
        report: Callable[[Reload], object] | None = None,
    ) -> None:
        """Poll until ``stop`` is set; run it in a thread.

        Parameters
        ----------
        stop : threading.Event
            Ends the loop.
        poll_seconds : float
            Pause between looks.
        report : callable, optional
            Given each outcome, for metrics.
        """
        while not stop.wait(poll_seconds):
            outcome = self.poll()
            if report is not None:
                report(outcome)

    def _current_within(self, seconds: float) -> str:
        answers: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._source.current())
            except Exception as error:  # Handed to the caller, whatever it is.
                answers.put(error)

        # A thread of its own, that nothing waits for: it may hang in a connection.
        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"the registry did not answer within {seconds:g} s") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _load(self, key: str) -> Engine:
        folder = self._cache / key
        damaged = False
        if folder.is_dir():
            try:
                return self._check(folder)
            except InputError:
                logger.warning("the cached %s is damaged: fetching it again", key)
                damaged = True
        with self._alone():
            remove_scratch(self._cache)
            # Another process may have fetched it while this one waited.
            if damaged or not folder.is_dir():
                write_folder(folder, lambda building: self._source.fetch(key, building))
        return self._check(folder)

    def _alone(self) -> FileLock:
        self._cache.mkdir(parents=True, exist_ok=True)
        return FileLock(self._cache / LOCK_FILE, timeout=LOCK_SECONDS)

    def _check(self, folder: Path) -> Engine:
        engine = choose_engine(folder, self._device, threads=self._threads)
        digest = engine.describe().taxonomy_digest
        if self._digest is not None and digest != self._digest:
            raise InputError(f"{folder}: trained on another taxonomy (digest {digest})")
        answer = predict(engine, [PROBE])[0]
        if not math.isfinite(answer.confidence) or not 0 < answer.confidence <= 1:
            raise InputError(f"{folder}: its first answer has confidence {answer.confidence}")
        return engine

    def _refuse(self, key: str) -> None:
        # A version that stays damaged is fetched ever less often: after 1, 2, 4… further looks.
        self._refusals = self._refusals + 1 if key == self._refused else 1
        self._refused = key
        self._looks_left = min(2 ** (self._refusals - 1), LONGEST_PAUSE)

    def _serve(self, key: str) -> None:
        self._before, self._key = self._key, key
        self._refused = ""

    def _noted_key(self) -> str:
        return str(json.loads((self._cache / POINTER_FILE).read_text())["key"])

    def _note(self) -> None:
        """Write down what serves, for a start without registry; what cannot be, is later."""
        pointer = self._cache / f".{POINTER_FILE}"
        try:
            with self._alone():
                # First, for it makes room.
                self._remove_older()
                pointer.write_text(json.dumps({"key": self._key}))
                pointer.replace(self._cache / POINTER_FILE)
        except OSError as error:
            with suppress(OSError):
                pointer.unlink()
            self._noted = False
            logger.warning("%s serves and cannot be noted in the cache: %s", self._key, error)
        else:
            self._noted = True

    def _remove_older(self) -> None:
        kept = {self._key, self._before}
        with suppress(OSError, ValueError, KeyError):
            kept.add(self._noted_key())
        for folder in self._cache.iterdir():
            if folder.is_dir() and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
