"""Starts real servers and promotions, one a line on standard input, each in its own process.

Reading libraries and data sets takes seconds; it is done once, before the forks.
"""

import functools
import importlib
import json
import os
import shutil
import sys
import threading
import time
import traceback
from datetime import date
from pathlib import Path
from typing import Any

import uvicorn

from nlu.entities.extract import extract_entities
from serving.app import create_app
from serving.observability.json_logs import log_as_json
from serving.runtime import start
from serving.settings import Settings

# Says that a promotion, whose computations are done, begins to write.
WRITING = Path("writing")


def serve(given: str, port: str) -> None:
    log_as_json()
    uvicorn.run(create_app(Settings(**json.loads(given))), port=int(port), log_config=None)


def register(name: str, folder: str) -> None:
    from nlu.registry import store, versions

    mlflow = store.open_store()
    with mlflow.start_run(experiment_id=store.experiment_id(mlflow, "intents")) as run:
        versions.register_artifact(mlflow, Path(folder), name=name, run_id=run.info.run_id)


def promote(name: str, version: str, exported: str) -> None:
    """Promote as the command does; what only computes, the trial and the export, is given."""
    from nlu.registry import promotion

    def export(_classifier: Path, folder: Path, **_options: Any) -> Any:
        shutil.copytree(exported, folder)
        WRITING.touch()
        return _parity()

    allowed = promotion.PromotionVerdict(allowed=True, reasons=("",), comparison=None, themes=())
    promotion.export_onnx = export
    promotion._judge_versions = lambda *_given: allowed
    row = promotion.hf_datasets.Dataset.from_dict({"text": ["bonjour"], "intent": ["bonjour"]})
    corpus = promotion.hf_datasets.DatasetDict(train=row, dev=row, test=row)
    promotion.promote(corpus, None, name=name, wanted=version)


def publish(name: str, version: str, exported: str) -> None:
    """Publish another export of a version that may be serving."""
    from nlu.registry import aliases, serving_versions, store

    found = aliases.find_version(store.open_store(), name, version)
    assert found is not None
    WRITING.touch()
    serving_versions.publish_export(found, Path(exported), _parity())


def _parity() -> Any:
    from nlu.evaluation.bootstrap import Interval
    from nlu.inference.onnx_export import ServingParity

    numbers = dict.fromkeys(
        ("accuracy", "trained_accuracy", "same_intent", "same_decision", "calibration_error",
         "trained_calibration_error", "megabytes", "load_seconds"), 0.0
    )  # fmt: skip
    gain = Interval(estimate=0.0, low=-0.001, high=0.001)
    return ServingParity(rows=1, gain=gain, fused_attentions=0, integer_products=0, **numbers)


def _end_with(parent: int) -> None:
    """Leave no process behind when the tests are killed."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _fork(action: Any, *arguments: str) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    status = 1
    try:
        action(*arguments)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _read_once() -> None:
    for name in ("_resources", "load_answers", "load_calendar", "load_opening_hours"):
        cached = functools.cache(getattr(start, name))
        setattr(start, name, cached)
    folder = Settings().datasets
    resources = start._resources(folder)
    # The first dates and places that are looked for take half a second.
    extract_entities("demain à Deauville", resources=resources, today=date(2026, 11, 23))
    start.load_answers(folder / "knowledge", datasets=folder)
    start.load_calendar(folder / "calendar")
    start.load_opening_hours(folder / "calendar")


def main() -> None:
    if "promotions" in sys.argv:
        for name in ("mlflow.store.tracking.sqlalchemy_store", "nlu.registry.promotion"):
            importlib.import_module(name)
    _read_once()
    actions = {one.__name__: one for one in (serve, register, promote, publish)}
    print("ready", flush=True)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        if name == "wait":
            told = os.waitstatus_to_exitcode(os.waitpid(arguments[0], 0)[1])
        else:
            told = _fork(actions[name], *arguments)
        print(told, flush=True)


if __name__ == "__main__":
    main()
