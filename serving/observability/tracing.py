"""OpenTelemetry: a trace for each request, its phases as spans, where an endpoint is named.

The variables are those of OpenTelemetry (https://opentelemetry.io/docs/specs/otel/configuration/);
without them nothing of it is imported. Attributes are routes, statuses and kinds of refusal: no
address, no words, no pseudonym. A caller's ``traceparent`` is honoured (W3C Trace Context); its
``tracestate`` and baggage, which may hold anything, are not passed on.
"""

import os
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nudge.errors import CampaignError, Problem
from serving.observability.phases import Phase

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"
SERVICE = "sophie"
SCOPE = "serving.observability"
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTrace:
    """The trace of a request that runs.

    Attributes
    ----------
    span
        Span of the request.
    identifier
        Trace identifier: 32 hexadecimal digits.
    """

    span: "Span"
    identifier: str


class Tracing:
    """Traces of one application.

    Parameters
    ----------
    provider
        Where spans go. It is never made the global one: MLflow has its own.
    """

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer(SCOPE)
        self._propagator = TraceContextTextMapPropagator()

    def begin(self, headers: Iterable[tuple[bytes, bytes]]) -> RequestTrace:
        """Begin the trace of a request, or its part of the caller's trace.

        Parameters
        ----------
        headers
            Of the request, names in lower case.
        """
        from opentelemetry.trace import SpanKind, format_trace_id

        span = self._tracer.start_span(
            "HTTP", context=self._caller(headers), kind=SpanKind.SERVER, start_time=time.time_ns()
        )
        return RequestTrace(span=span, identifier=format_trace_id(span.get_span_context().trace_id))

    def end(
        self,
        trace: RequestTrace,
        *,
        attributes: Mapping[str, str | int],
        phases: Sequence[Phase],
        failed: bool,
    ) -> None:
        """End the trace of a request.

        Parameters
        ----------
        trace
            From :meth:`begin`.
        attributes
            Of the request, under the names of OpenTelemetry's HTTP conventions; with a
            route its span is named after method and route.
        phases
            In order.
        failed
            Whether the service is at fault.
        """
        from opentelemetry.trace import StatusCode, set_span_in_context

        now, clock = time.time_ns(), time.perf_counter()
        span = trace.span
        if span.is_recording():
            parent = set_span_in_context(span)
            for phase in phases:
                start, end = (
                    now - round((clock - at) * NANOSECONDS) for at in (phase.start, phase.end)
                )
                self._tracer.start_span(phase.name, context=parent, start_time=start).end(end)
            if "http.route" in attributes:
                span.update_name(f"{attributes['http.request.method']} {attributes['http.route']}")
            span.set_attributes(attributes)
            if failed:
                span.set_status(StatusCode.ERROR)
        span.end(now)

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        self._provider.shutdown()

    def _caller(self, headers: Iterable[tuple[bytes, bytes]]) -> "Context":
        from opentelemetry.context import Context

        given = [value.decode("latin-1") for name, value in headers if name == b"traceparent"]
        # An empty context, not the present one, which may be MLflow's.
        return self._propagator.extract({"traceparent": given[:1]}, context=Context())


def tracing_from_environment() -> Tracing | None:
    """Return what sends traces to ``OTEL_EXPORTER_OTLP_ENDPOINT``; None where it is not set.

    ``OTEL_SDK_DISABLED=true`` and ``OTEL_TRACES_EXPORTER=none`` turn it off again.

    Raises
    ------
    CampaignError
        The packages are missing, or the endpoint or the protocol cannot be used; in French.
    """
    named = next((name for name in ENDPOINTS if os.environ.get(name)), None)
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if named is None or off or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return None
    _check(named)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        what = "les paquets d'OpenTelemetry ne sont pas installés"
        mend = "Installer « coup-de-pouce[telemetry] », ou retirer cette variable."
        raise CampaignError(Problem(place=named, what=what, mend=mend)) from None
    provider = TracerProvider(
        resource=Resource.create(_resource(os.environ)), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)


def _check(named: str) -> None:
    parts = urlsplit(os.environ[named])
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        what = "l'adresse du collecteur n'est pas comprise"
        mend = "Écrire par exemple http://127.0.0.1:4318."
        raise CampaignError(Problem(place=named, what=what, mend=mend))
    chosen = next((name for name in PROTOCOLS if os.environ.get(name)), None)
    if chosen is not None and os.environ[chosen] != PROTOCOL:
        what = "ce protocole n'est pas pris en charge"
        mend = f"Écrire {PROTOCOL}, ou retirer cette variable."
        raise CampaignError(Problem(place=chosen, what=what, mend=mend))


def _resource(environment: Mapping[str, str]) -> Mapping[str, str]:
    own = {
        "service.version": metadata.version("coup-de-pouce"),
        # Tells replicas apart.
        "service.instance.id": secrets.token_hex(8),
    }
    declared = environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if not environment.get("OTEL_SERVICE_NAME") and "service.name=" not in declared:
        own["service.name"] = SERVICE
    return MappingProxyType(own)
