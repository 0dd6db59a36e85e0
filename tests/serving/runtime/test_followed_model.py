import time
from dataclasses import dataclass, replace

import pytest
from fastapi.testclient import TestClient

from nlu.corpus.taxonomy import load_taxonomy
from nlu.inference import hot_reload
from serving.app import create_app
from serving.runtime import model as model_module
from serving.runtime.classification import uncertainty
from serving.settings import Settings

DIGEST = load_taxonomy(Settings().datasets / "sophie" / "intents.yaml").digest


@dataclass
class Registry:
    """A registry whose champion can move, or be out of reach."""

    champion: str = ""

    def current(self):
        if not self.champion:
            raise ConnectionError("the registry does not answer")
        return self.champion

    def fetch(self, key, folder):
        (folder / "checksums.json").write_text(key)


@pytest.fixture
def registry(monkeypatch, tmp_path, stand_in_engine):
    found = Registry()
    digests = {"autre-taxonomie": "x"}

    def engine(folder, *_args, **_options):
        described = stand_in_engine(folder=str(folder))
        digest = digests.get(folder.name, DIGEST)
        answer = replace(described.describe(), taxonomy_digest=digest)
        described.describe = lambda: answer
        return described

    monkeypatch.setenv("POUCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(model_module, "ChampionSource", lambda: found)
    monkeypatch.setattr(hot_reload, "choose_engine", engine)
    return found


def until(client, condition):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        ready = client.get("/readyz").json()
        if condition(ready):
            return ready
        time.sleep(0.02)
    pytest.fail(f"still {client.get('/readyz').json()}")


def test_the_service_starts_without_a_model_then_follows_the_champion(registry, tmp_path):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    app = create_app(Settings(store_url=url, poll_seconds=0.05, public_rate_per_minute=60_000))
    with TestClient(app) as client:
        assert client.get("/readyz").json()["degraded"]
        registry.champion = "sophie-v1"
        first = until(client, lambda ready: not ready["degraded"])
        assert first["model_version"].startswith("sophie-v1@")
        registry.champion = "sophie-v2"
        until(client, lambda ready: ready["model_version"].startswith("sophie-v2@"))
        # What is wrong or out of reach changes nothing to what serves.
        for wrong in ("autre-taxonomie", ""):
            registry.champion = wrong
            time.sleep(0.2)
            assert client.get("/readyz").json()["model_version"].startswith("sophie-v2@")


@pytest.mark.parametrize(
    ("ranking", "margin", "entropy"),
    [
        ((), 0.0, 1.0),
        ((("a", 1.0),), 1.0, 0.0),
        ((("a", 0.5), ("b", 0.5)), 0.0, 1.0),
        ((("a", 1.0), ("b", 0.0)), 1.0, 0.0),
    ],
)
def test_uncertainty_goes_from_sure_to_lost(ranking, margin, entropy):
    assert uncertainty(ranking) == (pytest.approx(margin), pytest.approx(entropy))
