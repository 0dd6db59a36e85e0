from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import insert

from nudge.errors import CampaignError
from serving.cli_serve.drift import report_lines
from serving.learning import drift as drift_module
from serving.learning import drift_run
from serving.learning.drift import drift_of
from serving.learning.drift_run import check_week, drift_metrics, first_day, week_before
from serving.learning.drift_store import keep_reference, latest_check
from serving.learning.reference import load_reference, make_reference, save_reference
from serving.store.database import instant, recording
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
    return make_reference(intents, confidences, model_version="m@1", source="corpus",
                          made_at=NOW, embeddings=embeddings)  # fmt: skip


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


def test_embeddings_that_move_are_seen_and_those_that_do_not_are_not():
    rng = np.random.default_rng(8)
    reference = reference_of(rng, n=400, embeddings=rng.standard_normal((400, 96)))
    intents, confidences = drawn(rng, 300)
    still = rng.standard_normal((300, 96))
    moved = still + 0.6
    same = drift_of(reference, intents=intents, confidences=confidences, embeddings=still)
    other = drift_of(reference, intents=intents, confidences=confidences, embeddings=moved)
    assert same.adjusted["embeddings"] > 0.05
    assert other.adjusted["embeddings"] < 0.01
    assert other.level == "alert"
    assert len(reference.points[0]) < 96, "embeddings are kept projected"


def test_a_reference_is_written_and_read_again(tmp_path):
    reference = reference_of(np.random.default_rng(1))
    path = tmp_path / "reference.json"
    save_reference(reference, path)
    assert load_reference(path) == reference
    path.write_text("{", encoding="utf-8")
    with pytest.raises(CampaignError, match="abîmée"):
        load_reference(path)


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


def test_a_week_is_compared_kept_and_logged(serving_store, runs):
    rng = np.random.default_rng(2)
    keep_reference(serving_store, reference_of(rng))
    wednesday = datetime(2026, 11, 11, 12, tzinfo=UTC)
    add_talks(serving_store, rng, 300, mix=shifted(0.25), at=wednesday, repeats=2)
    add_talks(serving_store, rng, 50, mix=MIX, at=wednesday + timedelta(days=7))
    found = check_week(serving_store, "2026-W46", now=NOW)
    assert found.n_week == 300, "one message a conversation, of that week"
    assert found.level == "alert"
    kept = latest_check(serving_store)
    assert (kept["week"], kept["level"], kept["model_version"]) == ("2026-W46", "alert", "m@1")
    (run,) = runs
    assert run["experiment"] == "drift"
    assert run["metrics"] == drift_metrics(found)
    assert run["metrics"]["level"] == 2
    check_week(serving_store, "2026-W46", now=NOW + timedelta(hours=1))
    assert latest_check(serving_store)["report"]["n_week"] == 300


def test_a_model_without_reference_is_told(serving_store, runs):
    with pytest.raises(CampaignError, match="référence"):
        check_week(serving_store, "2026-W46", now=NOW)
    assert runs == []


def test_weeks_are_those_of_iso_8601():
    assert first_day("2026-W53").isoformat() == "2026-12-28"
    assert week_before(datetime(2027, 1, 4).date()) == "2026-W53"
    with pytest.raises(ValueError, match="W60"):
        first_day("2026-W60")
