import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from nlu.classifier.prediction import Prediction
from nlu.errors import InputError
from nlu.inference.encoded_texts import EncodedTexts
from nlu.inference.engine import EngineDescription
from nlu.inference.prediction_reference import REFERENCE_FILE, engine_reference
from serving.cli import app
from serving.cli_serve import drift as command
from serving.learning import drift_run
from serving.runtime.classification import version_of
from serving.store.database import instant, open_serving_store, recording
from serving.store.tables import conversation, message

INTENTS = ("bac", "eau", "tri")
WEDNESDAY = datetime(2026, 11, 11, 12, tzinfo=UTC)


class SmallEngine:
    """A model of three words: what a message says, and where it lies."""

    def __init__(self, folder):
        self.folder = folder

    def encode(self, texts):
        return EncodedTexts(
            texts=tuple(texts), token_ids=((1,),) * len(texts), truncated=(False,) * len(texts)
        )

    def classify(self, encoded):
        return [self._say(text) for text in encoded.texts]

    def outputs(self, texts):
        return np.stack([self._place(text) for text in texts]).astype(np.float32), None

    def describe(self):
        return EngineDescription(runtime="essai", device="cpu", precision="fp32",
                                 folder=str(self.folder), taxonomy_digest=None,
                                 load_seconds=0.0)  # fmt: skip

    def _say(self, text):
        intent = next(name for name in INTENTS if name in text)
        confidence = 0.5 + (len(text) % 40) / 100
        return Prediction(text=text, intent=intent, confidence=confidence,
                          ranking=((intent, confidence),), out_of_scope=0.0, decision="answer",
                          reason="", truncated=False)  # fmt: skip

    def _place(self, text):
        noise = np.random.default_rng(len(text)).standard_normal(8)
        subject = np.array([name in text for name in ("bac", "eau", "tri", "vélo")] * 2)
        return 1 + noise + 4 * subject


def texts(rng, n, word=""):
    return [f"{rng.choice(INTENTS)} {word} {'x' * int(rng.integers(1, 200))}" for _ in range(n)]


@pytest.fixture
def model(tmp_path, monkeypatch):
    folder = tmp_path / "modele"
    folder.mkdir()
    (folder / "checksums.json").write_text("{}")
    engine = SmallEngine(folder)
    monkeypatch.setattr(command, "_engine", lambda _model: engine)
    monkeypatch.setattr(drift_run, "log_run", lambda **_run: "")
    monkeypatch.setattr(drift_run, "drift_svg", lambda *_, **__: "")
    return engine


@pytest.fixture
def run(tmp_path, model):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"

    def run(*arguments, code=0):
        done = CliRunner().invoke(app, ["serve", "drift", *arguments, "--store", url])
        assert done.exit_code == code, done.output
        return " ".join(done.output.replace("\u00a0", " ").split())

    run.store = open_serving_store(url)
    return run


def talked(run, model, said, *, at=WEDNESDAY):
    version = version_of(model.describe())
    with recording(run.store) as connection:
        for place, (text, one) in enumerate(
            zip(said, model.classify(model.encode(said)), strict=True)
        ):
            name = f"{at:%j}-{place}"
            connection.execute(
                insert(conversation).values(
                    pseudonym=name, channel="web", state="{}", turns=1,
                    started_at=instant(at), updated_at=instant(at),
                )
            )  # fmt: skip
            connection.execute(
                insert(message).values(
                    identifier=name, conversation=name, turn=1, channel="web", at=instant(at),
                    text=text, margin=1, intent=one.intent, confidence=one.confidence, entropy=0,
                    out_of_scope=0, decision="answer", next_action="answer", degraded=False,
                    model_version=version,
                )
            )  # fmt: skip


def exported(model, rng):
    said = texts(rng, 400)
    counted = engine_reference(model, said, families=list(map(str, range(400))))
    (model.folder / REFERENCE_FILE).write_text(counted.model_dump_json())


def test_a_model_brings_its_reference_along(run, model):
    rng = np.random.default_rng(1)
    exported(model, rng)
    talked(run, model, texts(rng, 200))
    output = run("check", "--week", "2026-W46")
    assert "aucune alerte (200 conversations, 400 en référence)" in output
    assert "Sens des messages" in output
    assert "indisponible" not in output


def test_a_subject_that_no_intent_shows_is_told(run, model):
    rng = np.random.default_rng(2)
    exported(model, rng)
    # As many messages of each intent and as long: only their sense is new.
    talked(run, model, [*texts(rng, 140), *texts(rng, 60, "vélo")])
    output = run("check", "--week", "2026-W46", code=1)
    assert "2026-W46 : alerte" in output
    sense = output.partition("Sens des messages")[2]
    assert sense.split()[3] == "dérive"
    assert "dérive" not in output.partition("Sens des messages")[0]


def test_without_reference_the_mend_is_told(run, model):
    output = run("check", "--week", "2026-W46", code=2)
    assert "pouce nlu export --publish" in output
    assert "pouce serve drift reference" in output


def test_without_model_the_other_measures_are_compared(run, model, tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("\n".join(json.dumps({"text": text}) for text in texts(rng, 300)))
    assert "300 textes" in run("reference", str(corpus))
    talked(run, model, texts(rng, 100))

    def refuse(_model):
        raise InputError("none here")

    monkeypatch.setattr(command, "_engine", refuse)
    output = run("check", "--week", "2026-W46")
    assert "Sens des messages : indisponible, le modèle ne s'ouvre pas ici" in output
    assert "Intentions" in output


def test_a_bad_corpus_is_refused_with_its_line(run, tmp_path):
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text('{"text": "le bac"}\nle bac\n')
    output = run("reference", str(corpus), code=2)
    assert "corpus.jsonl, ligne 2 : la ligne n'est pas du JSON" in output


def test_weeks_of_messages_may_be_the_reference(run, model):
    rng = np.random.default_rng(4)
    version = version_of(model.describe())
    weeks = ("--first", "2026-W46", "--last", "2026-W46", "--model-version", version)
    talked(run, model, texts(rng, 150))
    talked(run, model, texts(rng, 150), at=WEDNESDAY.replace(day=18))
    assert "150 conversations" in run("reference-traffic", *weeks)
    output = run("check", "--week", "2026-W47")
    assert "150 en référence" in output
    assert "indisponible" not in output


def test_weeks_of_another_model_are_not_embedded_by_this_one(run, model):
    rng = np.random.default_rng(4)
    version = version_of(model.describe())
    weeks = ("--first", "2026-W46", "--last", "2026-W46", "--model-version", version)
    talked(run, model, texts(rng, 150))
    described = model.describe()
    model.describe = lambda: replace(described, folder=str(model.folder.parent))
    assert "indisponible, le modèle ne s'ouvre pas ici" in run("reference-traffic", *weeks)
