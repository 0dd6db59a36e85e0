from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from fastapi.testclient import TestClient

from nlu.classifier.prediction import Prediction
from nlu.inference.encoded_texts import EncodedTexts
from nlu.inference.engine import EngineDescription
from nudge.store.database import Store
from serving.app import create_app
from serving.runtime import model as model_module
from serving.runtime.services import Services
from serving.security.api_key import new_key
from serving.security.scopes import SCOPES
from serving.settings import Settings
from serving.store.api_keys import save_key
from serving.store.database import open_serving_store

# Word of a message to what the stand-in model says of it: intent, confidence, decision.
SAID = {
    "bac jaune": ("collecte_calendrier", 0.97, "answer"),
    "redevance": ("redevance_pro", 0.95, "answer"),
    "défi": ("defi_participer", 0.93, "answer"),
    "conseil": ("ecogeste_conseil", 0.93, "answer"),
    "conseiller": ("demander_humain", 0.99, "answer"),
    "stop": ("nudge_stop", 0.99, "answer"),
    "manquée": ("reclamation", 0.95, "answer"),
    "peut-être": ("encombrants_info", 0.55, "clarify"),
}


@dataclass
class StandInEngine:
    """A model that knows a few words, to test all that is around a model."""

    folder: str = "modele-1"

    def encode(self, texts):
        return EncodedTexts(
            texts=tuple(texts),
            token_ids=tuple((1,) * max(1, len(text.split())) for text in texts),
            truncated=(False,) * len(texts),
        )

    def classify(self, encoded):
        return [self._say(text) for text in encoded.texts]

    def describe(self):
        return EngineDescription(
            runtime="essai",
            device="cpu",
            precision="fp32",
            folder=self.folder,
            taxonomy_digest=None,
            load_seconds=0.0,
        )

    def _say(self, text):
        found = [said for word, said in SAID.items() if word in text.lower()]
        intent, confidence, decision = found[-1] if found else ("hors_perimetre", 0.4, "hand_over")
        return Prediction(
            text=text,
            intent=intent,
            confidence=confidence,
            ranking=((intent, confidence), ("contact_horaires", 1 - confidence)),
            out_of_scope=0.02,
            decision=decision,
            reason="",
            truncated=False,
        )


@dataclass
class Api:
    """A running application, its store, and keys by scope."""

    client: TestClient
    services: Services
    keys: dict[str, str]

    @property
    def store(self) -> Store:
        return self.services.store

    def call(self, method, path, scope, **options) -> httpx.Response:
        headers = {**options.pop("headers", {})}
        if scope is not None:
            headers["Authorization"] = f"Bearer {self.keys[scope]}"
        return self.client.request(method, path, headers=headers, **options)

    def say(self, text=None, *, session=None, headers=None, **more) -> httpx.Response:
        body = {"session_id": session, "text": text, **more}
        body = {name: value for name, value in body.items() if value is not None}
        return self.call("POST", "/v1/messages", "messages", json=body, headers=headers or {})


@pytest.fixture(scope="session")
def no_model(tmp_path_factory):
    """A folder that holds no model: the service goes by key words at once."""
    return str(tmp_path_factory.mktemp("no-model"))


@pytest.fixture
def serving_store(tmp_path) -> Store:
    return open_serving_store(f"sqlite:///{tmp_path / 'pouce.db'}")


def add_keys(store) -> dict[str, str]:
    keys = {}
    for scope in SCOPES:
        text, stored = new_key(name=scope, scopes=frozenset({scope}), now=datetime.now(UTC))
        save_key(store, stored)
        keys[scope] = text
    return keys


@pytest.fixture(scope="session")
def make_keys():
    """Write one key for each scope in a store; gives their texts by scope."""
    return add_keys


@contextmanager
def running(folder, *, engine=None, model="essai", **settings):
    """A running application; an engine given here stands in for the model."""
    url = f"sqlite:///{folder / 'service.db'}"
    store = open_serving_store(url)
    keys = add_keys(store)
    store.engine.dispose()
    app = create_app(Settings(store_url=url, model=model, **settings))
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            if engine is not None:
                patch.setattr(model_module, "choose_engine", lambda _folder: engine)
                patch.setattr(model_module, "resolve_model", lambda _wanted: engine)
            client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
        yield Api(client=client, services=app.state.services, keys=keys)


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """The application with the stand-in model."""
    fast = {"rate_per_minute": 60_000, "rate_burst": 10_000, "public_rate_per_minute": 60_000}
    with running(tmp_path_factory.mktemp("service"), engine=StandInEngine(), **fast) as found:
        yield found


@pytest.fixture(scope="module")
def degraded(tmp_path_factory, no_model):
    """The application without any model."""
    with running(tmp_path_factory.mktemp("degraded"), model=no_model) as found:
        yield found


@pytest.fixture(scope="session")
def stand_in_engine():
    return StandInEngine
