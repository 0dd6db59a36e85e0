"""What Prometheus reads: latency by phase, queue, decisions, intents, confidence, refusals."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# Half a millisecond to ten seconds.
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONFIDENCES = tuple(step / 20 for step in range(1, 21))


class Metrics:
    """Metrics of one application; several may live in one process.

    Labels are closed lists (routes, phases, intents, decisions), never what someone wrote.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "pouce_requests_total",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.phases = Histogram(
            "pouce_phase_seconds",
            "Time spent in each phase of a request.",
            ("route", "phase"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.queue = Gauge(
            "pouce_queue_texts", "Texts waiting for the model.", registry=self.registry
        )
        self.decisions = Counter(
            "pouce_decisions_total", "Decisions.", ("decision", "channel"), registry=self.registry
        )
        self.intents = Counter(
            "pouce_intents_total", "Most probable intents.", ("intent",), registry=self.registry
        )
        self.confidence = Histogram(
            "pouce_confidence",
            "Calibrated confidence of the most probable intent.",
            buckets=CONFIDENCES,
            registry=self.registry,
        )
        self.out_of_scope = Histogram(
            "pouce_out_of_scope",
            "Probability of being out of scope.",
            buckets=CONFIDENCES,
            registry=self.registry,
        )
        self.refusals = Counter(
            "pouce_refusals_total", "Refused requests.", ("kind",), registry=self.registry
        )
        self.exposures = Counter(
            "pouce_nudge_exposures_total",
            "Conversations assigned to an arm.",
            ("campaign", "arm"),
            registry=self.registry,
        )
        self.degraded = Gauge("pouce_degraded", "1 while no model answers.", registry=self.registry)

    def observe_answer(
        self,
        *,
        intent: str | None,
        confidence: float,
        out_of_scope: float,
        decision: str,
        channel: str,
    ) -> None:
        """Count what the classifier said of one message."""
        self.decisions.labels(decision, channel).inc()
        self.intents.labels(intent or "").inc()
        self.confidence.observe(confidence)
        self.out_of_scope.observe(out_of_scope)

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)
