from datetime import UTC, datetime

import numpy as np
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import text

from nlu.inference.prediction_reference import prediction_reference
from serving.learning.drift import drift_of
from serving.learning.drift_gauges import DriftCollector
from serving.learning.drift_store import record_check
from serving.learning.reference import Reference

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def checked(*, texts):
    rng = np.random.default_rng(1)
    points = 1 + rng.standard_normal((200, 12))
    counted = prediction_reference(["a", "b"] * 100, rng.random(200), embeddings=points)
    reference = Reference(model_version="m@1", source="model", made_at=None, predictions=counted)
    return drift_of(
        reference,
        intents=["a"] * texts,
        confidences=rng.random(texts),
        embeddings=2 + rng.standard_normal((texts, 12)),
    )


def reading(store):
    registry = CollectorRegistry()
    registry.register(DriftCollector(store))
    lines = generate_latest(registry).decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_all_measures_and_the_level_are_read_from_the_store(serving_store):
    assert reading(serving_store) == {}
    drift = checked(texts=90)
    record_check(serving_store, drift, week="2026-W46", model_version="m@1", now=NOW)
    found = reading(serving_store)
    assert float(found['pouce_drift_level{model_version="m@1"}']) == 2
    assert float(found['pouce_drift_messages{model_version="m@1"}']) == 90
    monday = datetime(2026, 11, 9, tzinfo=UTC).timestamp()
    assert float(found['pouce_drift_week_start_seconds{model_version="m@1"}']) == monday
    for measure, distance in (
        ("intents", drift.intents.psi),
        ("confidence", drift.confidence.psi),
        ("embeddings", drift.embeddings.distance),
    ):
        labels = f'{{measure="{measure}",model_version="m@1"}}'
        assert float(found[f"pouce_drift_distance{labels}"]) == distance
        assert float(found[f"pouce_drift_p_adjusted{labels}"]) == drift.adjusted[measure]


def test_a_week_of_too_few_messages_has_no_distance(serving_store):
    record_check(
        serving_store, checked(texts=5), week="2026-W46", model_version="m@1", now=NOW
    )  # fmt: skip
    found = reading(serving_store)
    assert not any("distance" in name for name in found)
    assert float(found['pouce_drift_level{model_version="m@1"}']) == 0


def test_a_store_that_fails_takes_no_other_measure_down(serving_store):
    with serving_store.engine.begin() as connection:
        connection.execute(text("DROP TABLE drift_check"))
    assert reading(serving_store) == {}


def test_the_service_gives_them_beside_its_own(api):
    record_check(api.store, checked(texts=90), week="2026-W46", model_version="m@1", now=NOW)
    answer = api.call("GET", "/metrics", "admin")
    assert 'pouce_drift_level{model_version="m@1"} 2.0' in answer.text
    assert "pouce_queue_texts" in answer.text
