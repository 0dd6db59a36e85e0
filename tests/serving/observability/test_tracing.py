import gzip
import http.server
import itertools
import sys
import threading

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from nudge.errors import CampaignError
from serving.app import create_app
from serving.observability.phases import Phase, in_a_row
from serving.observability.tracing import Tracing, tracing_from_environment
from serving.runtime import model as model_module
from serving.settings import Settings
from serving.store.database import open_serving_store

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "tracestate": "nom=petit"}
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture(scope="module")
def exported():
    return InMemorySpanExporter()


@pytest.fixture(scope="module")
def call(tmp_path_factory, make_keys, stand_in_engine, exported):
    """Calls an application that is traced."""
    url = f"sqlite:///{tmp_path_factory.mktemp('traced') / 'service.db'}"
    store = open_serving_store(url)
    keys = make_keys(store)
    store.engine.dispose()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exported))
    app = create_app(Settings(store_url=url, model="essai"), tracing=Tracing(provider))
    engine = stand_in_engine()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_module, "choose_engine", lambda _folder: engine)
        patch.setattr(model_module, "resolve_model", lambda _wanted: engine)
        with TestClient(app, raise_server_exceptions=False) as client:

            def call(path, scope, *, headers=None, **options):
                key = {"Authorization": f"Bearer {keys[scope]}"} if scope else {}
                method = "POST" if options else "GET"
                return client.request(method, path, headers={**key, **(headers or {})}, **options)

            yield call


@pytest.fixture
def spans(exported):
    exported.clear()
    return exported.get_finished_spans


def test_a_request_goes_on_with_the_callers_trace_phase_by_phase(call, spans, logged):
    text = "Mme Petit attend son bac jaune à Deauville, 06 12 34 56 78"
    answer = call("/v1/messages", "messages", json={"text": text}, headers=CALLER)
    assert answer.status_code == 200
    *phases, request = spans()
    assert {span.context.trace_id for span in spans()} == {int(TRACE, 16)}
    assert request.name == "POST /v1/messages"
    assert request.parent.span_id == 0xB7AD6B7169203331
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/messages",
        "http.response.status_code": 200,
    }
    assert [span.name for span in phases][:4] == ["queue", "tokenise", "model", "entities"]
    assert "answer" in [span.name for span in phases]
    for span in phases:
        assert span.parent.span_id == request.context.span_id
        assert request.start_time <= span.start_time <= span.end_time <= request.end_time
    for one, following in itertools.pairwise(phases[:4]):
        assert one.end_time <= following.start_time + 1_000
    (line,) = [one for one in logged() if one["event"] == "request"]
    assert line["trace_id"] == TRACE
    told = " ".join(span.to_json() for span in spans()).lower()
    for secret in ("petit", "06 12", "deauville", answer.json()["session_id"].lower(), "p_"):
        assert secret not in told


def test_a_refusal_is_named_and_an_address_is_not(call, spans):
    call("/mme-petit?nom=petit", "calendar")
    call("/v1/parse", None, json={"texts": ["petit"]})
    absent, refused = spans()
    assert absent.name == "HTTP"
    assert absent.attributes["error.type"] == "not-found"
    assert refused.attributes["error.type"] == "unauthenticated"
    assert {span.status.status_code for span in spans()} == {StatusCode.UNSET}
    assert "petit" not in " ".join(span.to_json() for span in spans())


def test_a_fault_of_the_service_is_an_error_without_its_words(call, spans, logged, monkeypatch):
    def broken(*_args, **_options):
        raise ValueError("near 'Mme Petit'")

    from serving.turns import take

    monkeypatch.setattr(take, "save_turn", broken)
    assert call("/v1/messages", "messages", json={"text": "bac jaune"}).status_code == 500
    request = spans()[-1]
    assert request.status.status_code is StatusCode.ERROR
    assert request.attributes["error.type"] == "internal"
    assert request.events == ()
    assert "Petit" not in request.to_json()
    failure = next(one for one in logged() if one["event"] == "failure")
    assert int(failure["trace_id"], 16) == request.context.trace_id


@pytest.mark.parametrize(
    "given", ["", "00-zz-1-01", f"00-{'0' * 32}-b7ad6b7169203331-01", "é" * 900]
)
def test_a_bad_traceparent_begins_a_trace(call, spans, given):
    call("/healthz", None, headers={"traceparent": given.encode("latin-1")})
    (request,) = spans()
    assert request.parent is None
    assert request.context.trace_id != 0


def test_phases_told_together_follow_each_other():
    told = [
        Phase(name="queue", start=9.0, end=10.0, told=True),
        Phase(name="model", start=7.0, end=10.5, told=True),
    ]
    after = Phase(name="answer", start=10.4, end=12.0)
    queue, model, answer = in_a_row([*told, after])
    assert (queue.start, queue.end) == (6.0, 7.0)
    assert (model.start, model.end) == (7.0, 10.5)
    assert answer is after


@pytest.fixture
def collector():
    """A collector on this machine; what it received, as OTLP messages."""
    received = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            received.append((self.path, ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()


def test_a_collector_receives_a_batch(tmp_path, collector, monkeypatch, no_model):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    address, received = collector
    monkeypatch.setenv(ENDPOINT, address)
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=essai")
    settings = Settings(store_url=f"sqlite:///{tmp_path / 'service.db'}", model=no_model)
    with TestClient(create_app(settings, tracing=tracing_from_environment())) as client:
        for _ in range(3):
            client.get("/readyz", headers=CALLER)
    # All of it before the process ends.
    ((path, batch),) = received
    assert path == "/v1/traces"
    (sent,) = batch.resource_spans
    resource = {one.key: one.value.string_value for one in sent.resource.attributes}
    assert resource["service.name"] == "sophie"
    assert resource["deployment.environment.name"] == "essai"
    assert resource["service.instance.id"]
    found = [span for scope in sent.scope_spans for span in scope.spans]
    assert [span.name for span in found] == ["GET /readyz"] * 3
    assert {span.trace_id.hex() for span in found} == {TRACE}


def test_nothing_is_traced_unless_asked(monkeypatch):
    for name in (ENDPOINT, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert tracing_from_environment() is None
    monkeypatch.setenv(ENDPOINT, "")
    assert tracing_from_environment() is None
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert tracing_from_environment() is None


def test_what_cannot_be_done_is_told_in_french(monkeypatch):
    monkeypatch.setenv(ENDPOINT, "collecteur:4318")
    with pytest.raises(CampaignError, match="l'adresse du collecteur n'est pas comprise"):
        tracing_from_environment()
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(CampaignError, match="Écrire http/protobuf"):
        tracing_from_environment()
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_PROTOCOL")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(CampaignError, match=r"Installer « coup-de-pouce\[telemetry\] »"):
        tracing_from_environment()
