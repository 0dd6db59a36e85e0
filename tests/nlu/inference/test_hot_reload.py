import errno
import json
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from nlu.errors import InputError
from nlu.inference.engine import predict
from nlu.inference.hot_reload import HotReload
from nlu.inference.serving_artifact import SERVING_FILE


class FolderSource:
    """Versions as folders; ``wanted`` is the promoted one, None when the registry is down."""

    def __init__(self, root, wanted) -> None:
        self.root, self.wanted, self.fetches = root, wanted, []

    def current(self):
        if self.wanted is None:
            raise ConnectionError("registry down")
        return self.wanted

    def fetch(self, key, folder):
        self.fetches.append(key)
        shutil.copytree(self.root / key, folder, dirs_exist_ok=True)


@pytest.fixture
def source(toy_serving, tmp_path):
    for key in ("v1", "v2", "v3"):
        shutil.copytree(toy_serving, tmp_path / "registry" / key)
    return FolderSource(tmp_path / "registry", "v1")


@pytest.fixture
def installed():
    return []


@pytest.fixture
def reload(source, installed, tmp_path):
    return HotReload(source, tmp_path / "cache", install=installed.append, device="cpu", threads=1)


def test_it_swaps_when_the_alias_moves_and_only_then(reload, source, installed, tmp_path):
    assert predict(reload.open(), ["le couvercle du bac est cassé"])[0].intent == "bac_casse"
    assert reload.poll().status == "unchanged"
    source.wanted = "v2"
    assert (reload.poll().status, reload.key) == ("swapped", "v2")
    assert reload.poll().status == "unchanged"
    assert [engine.describe().folder for engine in installed] == [str(tmp_path / "cache" / "v2")]
    assert source.fetches == ["v1", "v2"]


@pytest.mark.parametrize("name", ["model.onnx", "serving.json", "arrays.safetensors"])
def test_a_damaged_version_is_refused_and_the_old_one_serves(
    name, reload, source, installed, tmp_path
):
    reload.open()
    good = (source.root / "v2" / name).read_bytes()
    (source.root / "v2" / name).write_bytes(good[:-10])
    source.wanted = "v2"
    outcome = reload.poll()
    assert (outcome.status, outcome.key, installed) == ("refused", "v1", [])
    assert name in outcome.reason
    assert json.loads((tmp_path / "cache" / "current.json").read_text()) == {"key": "v1"}
    # Mended at the source, it is taken within a few looks.
    (source.root / "v2" / name).write_bytes(good)
    assert [reload.poll().status for _look in range(2)] == ["refused", "swapped"]


def test_a_version_that_stays_damaged_is_fetched_ever_less_often(reload, source):
    reload.open()
    (source.root / "v2" / "model.onnx").unlink()
    source.wanted = "v2"
    for _look in range(40):
        assert reload.poll().status == "refused"
    assert 4 <= source.fetches.count("v2") <= 6


def test_another_taxonomy_is_refused(source, installed, toy_serving, tmp_path):
    digest = json.loads((toy_serving / SERVING_FILE).read_text())["provenance"]["taxonomy_digest"]
    right = HotReload(
        source, tmp_path / "c1", install=installed.append, taxonomy_digest=digest, device="cpu"
    )
    right.open()
    wrong = HotReload(
        source, tmp_path / "c2", install=installed.append, taxonomy_digest="0" * 64, device="cpu"
    )
    with pytest.raises(InputError, match="another taxonomy"):
        wrong.open()


def test_a_start_without_registry_serves_the_last_version(reload, source, installed, tmp_path):
    reload.open()
    source.wanted = "v2"
    reload.poll()
    shutil.rmtree(source.root)
    source.wanted = None
    again = HotReload(source, tmp_path / "cache", install=installed.append, device="cpu")
    engine = again.open()
    assert again.key == "v2"
    assert predict(engine, ["quel est le prix du mètre cube ?"])[0].intent == "eau_prix"
    assert again.poll().status == "unreachable"


def test_a_registry_that_hangs_does_not_hold_a_start(reload, source, installed, tmp_path):
    reload.open()
    answer = threading.Event()
    source.current = lambda: answer.wait(30) and "v1"
    again = HotReload(source, tmp_path / "cache", install=installed.append, device="cpu")
    started = time.monotonic()
    again.open(patience=0.1)
    answer.set()
    assert again.key == "v1"
    assert time.monotonic() - started < 20


def test_a_start_with_nothing_says_both_reasons(reload, source):
    source.wanted = None
    with pytest.raises(InputError, match=r"registry down.*no earlier one"):
        reload.open()


def test_a_damaged_cache_is_fetched_again(reload, source, installed, tmp_path):
    reload.open()
    (tmp_path / "cache" / "v1" / "model.onnx").write_bytes(b"rubbish")
    again = HotReload(source, tmp_path / "cache", install=installed.append, device="cpu")
    again.open()
    assert source.fetches == ["v1", "v1"]


def test_old_versions_leave_the_cache(reload, source, tmp_path):
    reload.open()
    for wanted in ("v2", "v3"):
        source.wanted = wanted
        assert reload.poll().status == "swapped"
    kept = {path.name for path in (tmp_path / "cache").iterdir()}
    assert kept - {".lock"} == {"v2", "v3", "current.json"}


def test_what_a_killed_process_left_half_written_is_removed(reload, source, tmp_path):
    half = tmp_path / "cache" / ".v1.x1y2z3" / "new"
    half.mkdir(parents=True)
    (half / "model.onnx").write_bytes(b"half")
    reload.open()
    kept = {path.name for path in (tmp_path / "cache").iterdir()}
    assert kept - {".lock"} == {"v1", "current.json"}


def test_what_serves_goes_on_while_it_cannot_be_noted(reload, source, tmp_path, monkeypatch):
    reload.open()
    pointer = tmp_path / "cache" / "current.json"

    def full(path, _text):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        for wanted in ("v2", "v3"):
            source.wanted = wanted
            assert reload.poll().status == "swapped"
        # It names a version that is still there, for a start without registry.
        assert json.loads(pointer.read_text()) == {"key": "v1"}
        kept = {path.name for path in pointer.parent.iterdir()}
        assert kept - {".lock"} == {"v1", "v2", "v3", "current.json"}
    assert reload.poll().status == "unchanged"
    assert json.loads(pointer.read_text()) == {"key": "v3"}


def test_a_full_disk_keeps_the_old_version_until_there_is_room(
    source, installed, toy_serving, small_disk
):
    size = sum(path.stat().st_size for path in toy_serving.iterdir())
    disk = small_disk(megabytes=2 + 2 * size // 1_000_000)
    with subprocess.Popen([*disk.under, "cat"], stdin=subprocess.PIPE) as holder:
        cache = disk.seen_in(holder.pid) / "cache"
        wait_until(lambda: Path(f"/proc/{holder.pid}/comm").read_text() == "cat\n")
        reload = HotReload(source, cache, install=installed.append, device="cpu", threads=1)
        reload.open()
        disk.fill(cache)
        source.wanted = "v2"
        for _look in range(3):
            outcome = reload.poll()
            assert (outcome.status, outcome.key, installed) == ("refused", "v1", [])
        kept = {path.name for path in cache.iterdir()} - {"ballast"}
        assert kept - {".lock"} == {"v1", "current.json"}
        disk.make_room(cache)
        wait_until(lambda: reload.poll().status == "swapped")
        holder.stdin.close()


def wait_until(found):
    deadline = time.monotonic() + 10
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_watch_swaps_in_the_background_and_stops(reload, source, installed):
    reload.open()
    stop, outcomes = threading.Event(), []
    thread = threading.Thread(
        target=reload.watch, args=(stop,), kwargs={"poll_seconds": 0.01, "report": outcomes.append}
    )
    thread.start()
    source.wanted = "v2"
    deadline = time.monotonic() + 10
    while not installed and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert [outcome.status for outcome in outcomes if outcome.status != "unchanged"] == ["swapped"]
