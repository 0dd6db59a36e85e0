"""The latest drift check, for Prometheus; read from the store, so every replica tells the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from nudge.store.database import Store
from serving.learning.drift_run import LEVELS, first_day
from serving.learning.drift_store import latest_check

# Name of a distance in the report of a check.
DISTANCES = {"intents": "psi", "confidence": "psi", "embeddings": "distance"}


class DriftCollector(Collector):
    """Gauges of the latest check of the store; none before the first.

    Parameters
    ----------
    store
        Asked at each reading. While it cannot be reached the gauges are absent, and the others
        are read all the same.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        try:
            check = latest_check(self._store)
        except SQLAlchemyError:
            return
        if check is None:
            return
        version, report = check["model_version"], check["report"]
        monday = datetime.combine(first_day(check["week"]), time(), tzinfo=UTC).timestamp()
        for name, help_text, value in (
            (
                "level",
                "Level: 0 none, 1 watch, 2 alert.",
                LEVELS[check["level"]],
            ),
            ("messages", "Conversations compared.", report["n_week"]),
            ("week_start_seconds", "Monday of the week that was checked.", monday),
        ):
            gauge = GaugeMetricFamily(f"pouce_drift_{name}", help_text, labels=["model_version"])
            gauge.add_metric([version], value)
            yield gauge
        yield _by_measure(
            "distance", "Distance to the reference, beyond chance.", version,
            {name: report[name][key] for name, key in DISTANCES.items() if report.get(name)},
        )  # fmt: skip
        yield _by_measure(
            "p_adjusted", "Holm-adjusted p-value.", version, report["adjusted"]
        )  # fmt: skip


def _by_measure(
    name: str, help_text: str, version: str, values: dict[str, float]
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"pouce_drift_{name}", help_text, labels=["model_version", "measure"])
    for measure, value in values.items():
        gauge.add_metric([version, measure], value)
    return gauge
