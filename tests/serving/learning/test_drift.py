from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import create_engine, insert, text

from nlu.inference.prediction_reference import prediction_reference
from nudge.errors import CampaignError
from serving.cli_serve.drift import report_lines
from serving.learning import drift as drift_module
from serving.learning import drift_run
from serving.learning.drift import drift_of
from serving.learning.drift_run import check_week, drift_metrics, first_day, week_before
from serving.learning.drift_statistics import embedding_distance
from serving.learning.drift_store import (
    keep_reference,
    kept_reference,
    latest_check,
    record_check,
)
from serving.learning.reference import Reference, model_reference, parse_reference, save_reference
from serving.store.database import instant, open_serving_store, recording
from serving.store.tables import conversation, message

NOW = datetime(2026, 11, 23, tzinfo=UTC)
INTENTS = np.array([f"i{place:02d}" for place in range(45)])
MIX = np.random.default_rng(3).dirichlet(np.full(45, 1.0))


def shifted(points):
    mix = MIX * (1 - points)
    mix[np.argsort(MIX)[22]] += points
    return mix


def drawn(rng, n, *, mix=MIX, sure=6.0):
    return INTENTS[rng.choice(45, size=n, p=mix)].tolist(), rng.beta(sure, 1.5, n)


def reference_of(rng, n=1_000, embeddings=None):
    intents, confidences = drawn(rng, n)
    counted = prediction_reference(intents, confidences, embeddings=embeddings)
    return Reference(model_version="m@1", source="corpus", made_at=NOW, predictions=counted)


def clouds(rng, n, *, shift=0.0):
    """Embeddings as an encoder gives them: a narrow cone, few directions that vary much."""
    return 1 + shift + rng.standard_normal((n, 96)) * np.geomspace(2, 0.05, 96)


def flagged(monkeypatch, *, runs, n, wanted, **change):
    monkeypatch.setattr(drift_module, "DRAWS", 200)
    monkeypatch.setattr(drift_module, "detectable_points", lambda *_, **__: None)
    rng = np.random.default_rng(11)
    found = []
    for seed in range(runs):
        intents, confidences = drawn(rng, n, **change)
        reference = reference_of(rng)
        found.append(drift_of(reference, intents=intents, confidences=confidences, seed=seed).level)
    return sum(level in wanted for level in found) / runs


@pytest.mark.parametrize("n", [40, 200, 800])
def test_without_drift_few_weeks_are_flagged(monkeypatch, n):
    rate = flagged(monkeypatch, runs=120, n=n, wanted={"watch", "alert"})
    # 5 % at most; 11 % is what 120 weeks at 5 % exceed once in 400 times.
    assert rate <= 0.11


def test_without_drift_alerts_are_rarer_still(monkeypatch):
    assert flagged(monkeypatch, runs=120, n=200, wanted={"alert"}) <= 0.03


def test_a_shift_of_ten_points_is_seen(monkeypatch):
    change = {"mix": shifted(0.10)}
    seen = flagged(monkeypatch, runs=40, n=400, wanted={"watch", "alert"}, **change)
    assert seen >= 0.9
    assert flagged(monkeypatch, runs=40, n=400, wanted={"alert"}, **change) >= 0.6


def test_a_fall_of_confidence_is_seen(monkeypatch):
    assert flagged(monkeypatch, runs=30, n=300, wanted={"alert"}, sure=3.5) >= 0.9


def test_a_new_intent_and_the_largest_change_are_named():
    rng = np.random.default_rng(5)
    intents, confidences = drawn(rng, 400, mix=shifted(0.2))
    intents[:60] = [None] * 60
    found = drift_of(reference_of(rng), intents=intents, confidences=confidences)
    assert found.level == "alert"
    assert {name for name, _ in found.moved[:2]} == {"", INTENTS[np.argsort(MIX)[22]]}
    assert found.intents.low <= found.intents.jensen_shannon <= found.intents.high
    assert found.adjusted["intents"] >= found.intents.p_value


def test_too_few_messages_are_no_verdict():
    rng = np.random.default_rng(5)
    intents, confidences = drawn(rng, 20, mix=shifted(0.4))
    found = drift_of(reference_of(rng), intents=intents, confidences=confidences)
    assert (found.level, found.enough) == ("ok", False)
    assert "Aucune conclusion" in report_lines(found, week="2026-W46")[0]


def test_larger_weeks_would_show_smaller_shifts():
    rng = np.random.default_rng(5)
    reference = reference_of(rng, n=3_000)
    sizes = {}
    for n in (60, 1_500):
        intents, confidences = drawn(rng, n)
        found = drift_of(reference, intents=intents, confidences=confidences)
        sizes[n] = found.detectable_points or 1.0
    assert sizes[1_500] < sizes[60]


def moved_share(runs, n, *, share):
    """Share of weeks whose embeddings are flagged, a share of them one radius away."""
    rng = np.random.default_rng(8)
    found = []
    for seed in range(runs):
        reference = reference_of(rng, n=600, embeddings=clouds(rng, 600))
        week = clouds(rng, n)
        radius = np.sqrt(reference.predictions.embeddings.variance)
        away = np.zeros(96)
        away[-1] = radius * np.linalg.norm(week, axis=1).mean()
        week[: round(share * n)] += away
        intents, confidences = drawn(rng, n)
        drift = drift_of(
            reference, intents=intents, confidences=confidences, embeddings=week, seed=seed
        )
        found.append(drift.embeddings.p_value < 0.05)
    return np.mean(found)


@pytest.mark.parametrize("n", [60, 200, 600])
def test_embeddings_that_stay_are_flagged_one_week_in_twenty(monkeypatch, n):
    monkeypatch.setattr(drift_module, "DRAWS", 20)
    monkeypatch.setattr(drift_module, "detectable_points", lambda *_, **__: None)
    # 10.5 % is what 200 weeks at 5 % exceed once in a thousand times, 1 % what they undercut.
    assert 0.01 <= moved_share(200, n, share=0.0) <= 0.105


def test_a_tenth_of_messages_elsewhere_is_seen(monkeypatch):
    monkeypatch.setattr(drift_module, "DRAWS", 20)
    monkeypatch.setattr(drift_module, "detectable_points", lambda *_, **__: None)
    assert moved_share(30, 300, share=0.1) >= 0.9


def test_the_distance_is_the_share_of_messages_that_moved_by_a_radius():
    rng = np.random.default_rng(9)
    reference = reference_of(rng, n=5_000, embeddings=clouds(rng, 5_000))
    moments = reference.predictions.embeddings
    week = clouds(rng, 5_000)
    week /= np.linalg.norm(week, axis=1, keepdims=True)
    week[:1_000, -1] += np.sqrt(moments.variance)
    week *= 7.0
    found = embedding_distance(moments, week)
    # Embeddings are taken at unit length, so those that moved come back a little.
    assert 0.12 < found.distance < 0.2
    assert found.p_value < 1e-6
    assert found.by_chance < 0.05


def test_embeddings_that_cannot_be_compared_say_why():
    rng = np.random.default_rng(8)
    intents, confidences = drawn(rng, 60)
    week = {"intents": intents, "confidences": confidences}
    without = reference_of(rng)
    whole = reference_of(rng, n=100, embeddings=clouds(rng, 100))
    cases = {
        "model": drift_of(whole, **week),
        "reference": drift_of(without, **week, embeddings=clouds(rng, 60)),
        "texts": drift_of(whole, **week, embeddings=clouds(rng, 12)),
    }
    for reason, found in cases.items():
        assert (found.embeddings, found.embeddings_missing) == (None, reason)
        assert set(found.adjusted) == {"intents", "confidence"}
        (line,) = [line for line in report_lines(found, week="W") if "indisponible" in line]
        assert " : " in line.partition("indisponible")[2], "with its mend"
    compared = drift_of(whole, **week, embeddings=clouds(rng, 60))
    assert compared.embeddings_missing is None
    assert not any("indisponible" in line for line in report_lines(compared, week="W"))


def test_embeddings_elsewhere_are_an_alert_by_themselves():
    rng = np.random.default_rng(8)
    reference = reference_of(rng, n=400, embeddings=clouds(rng, 400))
    intents, confidences = drawn(rng, 300)
    found = drift_of(reference, intents=intents, confidences=confidences,
                     embeddings=clouds(rng, 300, shift=0.6))  # fmt: skip
    assert found.level == "alert"
    assert min(found.adjusted["intents"], found.adjusted["confidence"]) > 0.05
    table = report_lines(found, week="2026-W46")
    assert table[0].startswith("2026-W46 : alerte")
    assert [line.split("  ")[0] for line in table[1:5]] == [
        "Mesure", "Intentions", "Confiance", "Sens des messages",
    ]  # fmt: skip
    assert table[4].endswith("dérive")


def test_a_reference_is_written_and_read_again(tmp_path):
    rng = np.random.default_rng(1)
    reference = reference_of(rng, n=100, embeddings=clouds(rng, 100))
    path = tmp_path / "reference.json"
    save_reference(reference, path)
    assert parse_reference(path.read_text(encoding="utf-8"), place="ici") == reference
    with pytest.raises(CampaignError, match=r"ici : .*abîmée"):
        parse_reference('{"points": []}', place="ici")


def test_the_reference_of_a_model_is_in_its_folder(tmp_path):
    assert model_reference(tmp_path, "m@1") is None
    counted = reference_of(np.random.default_rng(1)).predictions
    (tmp_path / "reference.json").write_text(counted.model_dump_json(), encoding="utf-8")
    found = model_reference(tmp_path, "m@1")
    assert (found.model_version, found.source, found.predictions) == ("m@1", "model", counted)
    (tmp_path / "reference.json").write_text("{", encoding="utf-8")
    with pytest.raises(CampaignError, match="abîmée"):
        model_reference(tmp_path, "m@1")


def add_talks(store, rng, n, *, mix, at, repeats=1):
    intents, confidences = drawn(rng, n, mix=mix)
    with recording(store) as connection:
        for place, (intent, confidence) in enumerate(zip(intents, confidences, strict=True)):
            name = f"{at:%d}-{place}"
            connection.execute(
                insert(conversation).values(
                    pseudonym=name, channel="web", state="{}", turns=repeats,
                    started_at=instant(at), updated_at=instant(at),
                )
            )  # fmt: skip
            rows = [
                {"identifier": f"{name}-{turn}", "conversation": name, "turn": turn,
                 "channel": "web", "at": instant(at + timedelta(seconds=turn)), "text": "",
                 "margin": 1, "intent": intent, "confidence": float(confidence), "entropy": 0,
                 "out_of_scope": 0, "decision": "answer", "next_action": "answer",
                 "degraded": False, "model_version": "m@1"}
                for turn in range(1, repeats + 1)
            ]  # fmt: skip
            connection.execute(insert(message), rows)


@pytest.fixture
def runs(monkeypatch):
    logged = []
    monkeypatch.setattr(drift_run, "log_run", lambda **run: logged.append(run))
    return logged


class Embedder:
    """A model that places messages by their length."""

    def outputs(self, texts):
        return np.stack([clouds(np.random.default_rng(len(text)), 1)[0] for text in texts]), None


def test_a_week_is_compared_kept_and_logged(serving_store, runs):
    rng = np.random.default_rng(2)
    reference = reference_of(rng)
    wednesday = datetime(2026, 11, 11, 12, tzinfo=UTC)
    add_talks(serving_store, rng, 300, mix=shifted(0.25), at=wednesday, repeats=2)
    add_talks(serving_store, rng, 50, mix=MIX, at=wednesday + timedelta(days=7))
    week = {"reference": reference, "engine": None}
    found = check_week(serving_store, "2026-W46", now=NOW, **week)
    assert found.n_week == 300, "one message a conversation, of that week"
    assert found.level == "alert"
    kept = latest_check(serving_store)
    assert (kept["week"], kept["level"], kept["model_version"]) == ("2026-W46", "alert", "m@1")
    (run,) = runs
    assert run["experiment"] == "drift"
    assert run["metrics"] == drift_metrics(found)
    assert run["metrics"]["level"] == 2
    assert run["texts"]["drift.svg"].startswith("<svg")
    assert run["texts"]["drift.csv"].splitlines()[1].startswith("intents,")
    again = check_week(serving_store, "2026-W46", now=NOW + timedelta(hours=1), **week)
    assert again == found
    assert len(runs) == 1, "what is known already is not logged again"


def test_texts_that_are_no_longer_kept_are_not_embedded(serving_store, runs, monkeypatch):
    monkeypatch.setattr(drift_run, "drift_svg", lambda *_, **__: "")
    rng = np.random.default_rng(2)
    reference = reference_of(rng, n=200, embeddings=clouds(rng, 200))
    add_talks(serving_store, rng, 80, mix=MIX, at=datetime(2026, 11, 11, 12, tzinfo=UTC))
    week = {"reference": reference, "engine": Embedder(), "now": NOW}
    assert check_week(serving_store, "2026-W46", **week).embeddings_missing == "texts"
    with recording(serving_store) as connection:
        connection.execute(message.update().values(text="bonjour " + message.c.identifier))
    found = check_week(serving_store, "2026-W46", **week)
    assert found.embeddings.texts == 80
    assert len(runs) == 2, "a check that says more is logged"


def test_a_run_that_cannot_be_logged_is_tried_again(serving_store, runs, monkeypatch):
    monkeypatch.setattr(drift_run, "drift_svg", lambda *_, **__: "")
    rng = np.random.default_rng(2)
    week = {"reference": reference_of(rng), "engine": None, "now": NOW}
    add_talks(serving_store, rng, 60, mix=MIX, at=datetime(2026, 11, 11, 12, tzinfo=UTC))

    def down(**_run):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(drift_run, "log_run", down)
        with pytest.raises(ConnectionError):
            check_week(serving_store, "2026-W46", **week)
    assert latest_check(serving_store) is None
    check_week(serving_store, "2026-W46", **week)
    assert len(runs) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_store(request, serving_store):
    if request.param == "sqlite":
        yield serving_store
        return
    server = request.getfixturevalue("postgresql_server")
    admin = create_engine(f"{server}/postgres".replace("postgresql:", "postgresql+psycopg:"),
                          isolation_level="AUTOCOMMIT")  # fmt: skip
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE drift_replicas"))
    store = open_serving_store(f"{server}/drift_replicas")
    yield store
    store.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE drift_replicas"))
    admin.dispose()


def test_of_replicas_that_check_at_once_one_is_told_that_it_is_new(shared_store):
    rng = np.random.default_rng(2)
    reference = reference_of(rng)
    intents, confidences = drawn(rng, 100)
    checked = drift_of(reference, intents=intents, confidences=confidences)
    for week in ("2026-W45", "2026-W46", "2026-W47"):
        with ThreadPoolExecutor(4) as replicas:
            tries = [
                replicas.submit(
                    record_check, shared_store, checked, week=week, model_version="m@1", now=NOW
                )
                for _ in range(4)
            ]
        assert sorted(one.result() for one in tries) == [False, False, False, True]
    assert latest_check(shared_store)["week"] == "2026-W47"
    with ThreadPoolExecutor(4) as replicas:
        list(replicas.map(lambda _: keep_reference(shared_store, reference, made_at=NOW), range(4)))
    assert kept_reference(shared_store) == reference


def test_the_latest_reference_is_the_default(serving_store):
    assert kept_reference(serving_store) is None
    for place, name in enumerate(("m@1", "m@2")):
        reference = reference_of(np.random.default_rng(place)).model_copy(
            update={"model_version": name}
        )
        keep_reference(serving_store, reference, made_at=NOW + timedelta(hours=place))
    assert kept_reference(serving_store).model_version == "m@2"
    assert kept_reference(serving_store, "m@1").model_version == "m@1"
    assert kept_reference(serving_store, "m@3") is None


def test_weeks_are_those_of_iso_8601():
    assert first_day("2026-W53").isoformat() == "2026-12-28"
    assert week_before(datetime(2027, 1, 4).date()) == "2026-W53"
    with pytest.raises(ValueError, match="W60"):
        first_day("2026-W60")
