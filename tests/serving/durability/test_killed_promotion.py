import hashlib
import json
import random
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from nlu.calibration.decision import Thresholds
from nlu.calibration.out_of_scope import OutOfScopeDetector, Reference
from nlu.classifier.scoring import ScoringRules
from nlu.corpus.taxonomy import load_taxonomy
from nlu.inference.serving_artifact import (
    CHECKSUM_FILE,
    verify_serving_artifact,
    write_serving_artifact,
)
from nlu.registry.aliases import DEFAULT_MODEL
from serving.settings import Settings
from serving.store.database import open_serving_store

TRIES = 13
WORDS, WIDTH = 100_000, 32
EXPORTS = ("a", "b", "c", "d")


def write_graph(path, sure_of):
    """A network that is always sure of one label; large enough for its copy to take a while."""
    bias = np.zeros(len(EXPORTS), np.float32)
    bias[EXPORTS.index(sure_of)] = 1.0 + EXPORTS.index(sure_of)
    given = {
        "words": np.zeros((WORDS, WIDTH), np.float32) + 0.1,
        "weights": np.zeros((WIDTH, len(EXPORTS)), np.float32),
        "bias": bias,
        "axes": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["found"]),
        helper.make_node("ReduceMean", ["found", "axes"], ["embeddings"], keepdims=0),
        helper.make_node("Gemm", ["embeddings", "weights", "bias"], ["logits"]),
    ]
    shapes = [("input_ids", TensorProto.INT64), ("attention_mask", TensorProto.INT64)]
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info(name, kind, ["n", "t"]) for name, kind in shapes],
        [
            helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["n", WIDTH]),
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(EXPORTS)]),
        ],
        [numpy_helper.from_array(value, name) for name, value in given.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), path)


def write_export(folder, name):
    """An export whose labels carry its name, as its network is sure of its own column."""
    write_graph(folder / f"{name}.onnx", name)
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "[PAD]": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    count = len(EXPORTS)
    reference = Reference(
        out_of_scope_column=None,
        means=np.zeros((count, WIDTH)),
        precision=np.eye(WIDTH),
        bank=np.ones((8, WIDTH)) / WIDTH**0.5,
    )
    rules = ScoringRules(
        labels=tuple(f"{name}_dit_{column}" for column in EXPORTS),
        out_of_scope_label=None,
        prefix="",
        max_length=32,
        temperature=1.0,
        lexical=None,
        lexical_weight=0.0,
        detector=OutOfScopeDetector(
            method="max_softmax", reference=reference, slope=1.0, intercept=0.0
        ),
        thresholds=Thresholds(answer=0.9, clarify=0.5, out_of_scope=0.9),
    )
    taxonomy = load_taxonomy(Settings().datasets / "sophie" / "intents.yaml")
    write_serving_artifact(
        folder / name,
        graph=folder / f"{name}.onnx",
        tokenizer=tokenizer.to_str(),
        rules=rules,
        precision="fp32",
        pad_id=1,
        provenance={"taxonomy_digest": taxonomy.digest},
        parity={},
    )
    return folder / name


class Reader(threading.Thread):
    """Asks without a pause, and looks at who answers."""

    def __init__(self, server, key, exports):
        super().__init__(daemon=True)
        self._ended = threading.Event()
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=10,
        )
        self._named = {
            hashlib.sha256((folder / CHECKSUM_FILE).read_bytes()).hexdigest()[:12]: name
            for name, folder in exports.items()
        }
        self.faults = []
        self.served = []

    def run(self):
        while not self._ended.is_set():
            with suppress(httpx.TransportError):
                self.ask()
            time.sleep(0.005)

    def end(self):
        self._ended.set()
        self.join(10)

    def ask(self):
        """Name of the export that answers."""
        answer = self._http.post("/v1/parse", json={"texts": ["bonjour"] * 3})
        told = answer.json()
        if answer.status_code != 200 or told["degraded"]:
            self.faults.append(answer.text)
            return None
        name = self._named[told["model_version"].partition("@")[2]]
        wanted = f"{name}_dit_{name}"
        if {one["intent"] for one in told["results"]} != {wanted}:
            self.faults.append(answer.text)
        if self.served[-1:] != [name]:
            self.served.append(name)
        return name


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return {name: write_export(folder, name) for name in EXPORTS}


@pytest.fixture
def registry(tmp_path, monkeypatch, processes, toy_artifact, exports):
    """A registry with two versions, the first of which is champion."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    environment = {"POUCE_CACHE": str(tmp_path / "cache"), "CUDA_VISIBLE_DEVICES": ""}
    started = processes(with_promotions=True, environment=environment)
    for _version in (1, 2):
        process = started.start("register", DEFAULT_MODEL, str(toy_artifact))
        assert started.end_of(process) == 0
    assert started.end_of(started.start("promote", DEFAULT_MODEL, "1", str(exports["a"]))) == 0
    return started


# The same version again, or another one; each with what it was not exported to before.
STEPS = (
    ("promote", "2", "b"),
    ("publish", "2", "c"),
    ("promote", "1", "d"),
    ("publish", "1", "a"),
)


def test_the_model_that_serves_is_whole_at_every_instant(
    tmp_path, make_keys, registry, make_server, exports
):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    keys = make_keys(open_serving_store(url))
    server = make_server(registry, store_url=url, poll_seconds=0.05)
    chance = random.Random(5)
    server.start()
    reader = Reader(server, keys["parse"], exports)
    reader.start()
    serving, lasts = "a", 0.5
    writing, cache = tmp_path / "writing", tmp_path / "cache" / "serving"
    for step in range(TRIES):
        action, version, name = STEPS[step % len(STEPS)]
        words = (action, DEFAULT_MODEL, version, str(exports[name]))
        writing.unlink(missing_ok=True)
        process = registry.start(*words)
        wait_until(writing.exists)
        time.sleep(chance.uniform(0, lasts))
        registry.kill(process)
        # The server dies while it follows half a promotion, or while it takes up a whole one.
        half = step % 2
        if half:
            kill_within(0.2, server, chance)
        assert reader.ask() in {serving, name}
        writing.unlink(missing_ok=True)
        before = set(cache.iterdir())
        process = registry.start(*words)
        if not half and is_taken_up(cache, before):
            kill_within(0.1, server, chance)
        assert registry.end_of(process) == 0
        if writing.exists():
            lasts = min(1.0, time.time() - writing.stat().st_mtime)
        wait_until(lambda wanted=name: reader.ask() == wanted)
        serving = name
    reader.end()
    assert reader.faults == []
    assert set(reader.served) == set(EXPORTS)
    wait_until(lambda: check_cache(cache))


def kill_within(seconds, server, chance):
    time.sleep(chance.uniform(0, seconds))
    server.kill()
    server.start()


def is_taken_up(cache, before):
    """Whether a server begins to fetch a version; not where the killed one was whole already."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        if {path for path in cache.iterdir() if path.is_dir()} - before:
            return True
        time.sleep(0.002)
    return False


def wait_until(found):
    deadline = time.monotonic() + 20
    while not found():
        assert time.monotonic() < deadline, "a promoted version never comes to serve"
        time.sleep(0.02)


def check_cache(folder: Path):
    """Nothing half-written is left: what serves, what served before, and which one serves."""
    versions = [path for path in folder.iterdir() if path.is_dir()]
    for path in versions:
        verify_serving_artifact(path)
    pointer = json.loads((folder / "current.json").read_text())["key"]
    others = {path.name for path in folder.iterdir()} - {path.name for path in versions}
    return (
        len(versions) <= 2
        and pointer in {path.name for path in versions}
        and others <= {"current.json", ".lock"}
    )
