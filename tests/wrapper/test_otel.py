"""Traces: one span a call, retries as events, the context sent along, content only when asked."""

from __future__ import annotations

import json

import httpx
import pytest

pytest.importorskip("opentelemetry.sdk", reason="opentelemetry-sdk is not installed")

from opentelemetry import propagate
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.textmap import TextMapPropagator, default_getter, default_setter
from opentelemetry.sdk import trace as sdk_trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from memoryos import MemoryOS, MemoryOSError
from memoryos._protocol import observers
from memoryos.otel import instrument

from . import contract_answers as answers

pytestmark = pytest.mark.anyio
ID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
MEMORY = answers.success(answers.memory(id=ID, content="secret words"))
FOUND = answers.example("SearchResponse")
FOUND["data"]["results"][0]["content"] = "secret words"


@pytest.fixture
def spans():
    """Collect the spans that end, of clients that are traced when the test asks for it."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    stops = []

    def start(**options):
        stops.append(instrument(provider, **options))
        return exporter

    yield start
    for stop in stops:
        stop()
    provider.shutdown()
    assert not observers.factories


async def test_a_call_is_one_span_by_the_conventions(api, spans):
    """With the operation, the service and the status, and no content."""
    exporter = spans()
    route = api.router.post("/memories").respond(json=MEMORY)
    await api.done(api.client().memories.create("secret words"))
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.kind.name) == ("create_memory", "CLIENT")
    assert span.attributes["gen_ai.operation.name"] == "create_memory"
    assert span.attributes["gen_ai.memory.record.id"] == ID
    assert span.attributes["http.request.method"] == "POST"
    assert span.attributes["http.response.status_code"] == 200
    assert span.attributes["server.address"] == "memory.test"
    assert "secret" not in span.to_json()
    assert "mos_" not in span.to_json()
    trace_id = format(span.context.trace_id, "032x")
    assert route.calls[0].request.headers["traceparent"].split("-")[1] == trace_id


def test_a_call_of_a_local_memory_os_has_no_address(spans):
    """It sends nothing, so that there is no server to name."""
    pytest.importorskip("memoryos_server", reason="needs the extra [local]")
    exporter = spans()
    with MemoryOS.local(":memory:", embedder="none") as memory:
        memory.memories.create("Ada drinks tea")
    (span,) = exporter.get_finished_spans()
    assert span.name == "create_memory"
    assert not {"server.address", "server.port", "url.full"} & set(span.attributes)


@pytest.mark.off_contract(reason="an operation that the contract does not have")
async def test_a_request_outside_the_contract_is_named_by_its_method(api, spans):
    """Its path may hold ids, of which there are too many for names; its body may be anything."""
    exporter = spans(capture_content=True)
    api.router.post("/memories/a/b").respond(202)
    low_level = api.client().low_level
    if api.is_async:
        await low_level.get_async_httpx_client().post("/memories/a/b", content=b"text")
    else:
        low_level.get_httpx_client().post("/memories/a/b", content=b"text")
    (span,) = exporter.get_finished_spans()
    assert span.name == "POST"
    assert not {"gen_ai.operation.name", "gen_ai.memory.record.id"} & set(span.attributes)
    assert span.attributes["http.response.status_code"] == 202


async def test_retries_are_events_and_an_error_is_named(api, spans):
    """By its class and its code."""
    exporter = spans()
    api.router.get("/memories").respond(503, json=answers.failure("HTTP_503"))
    with pytest.raises(MemoryOSError):
        await api.done(api.client(max_retries=2).memories.list())
    (span,) = exporter.get_finished_spans()
    assert [event.name for event in span.events] == ["retry", "retry"]
    assert span.attributes["http.request.resend_count"] == 2
    assert span.attributes["error.type"] == "ServerError"
    assert (span.status.status_code.name, span.status.description) == ("ERROR", "HTTP_503")


@pytest.mark.parametrize("capture", [False, True])
async def test_content_is_there_only_when_asked_for(api, spans, capture):
    """Queries and memories are personal data, mostly."""
    exporter = spans(capture_content=capture)
    api.router.post("/search").respond(json=FOUND)
    await api.done(api.client().search("secret question"))
    (span,) = exporter.get_finished_spans()
    assert span.attributes["gen_ai.memory.record.count"] == 1
    assert ("secret question" in span.to_json()) is capture
    assert ("secret words" in span.to_json()) is capture


async def test_nothing_is_traced_after_it_was_stopped(api, spans):
    """Nor is anything added to the request."""
    exporter = spans()
    stop = instrument(TracerProvider())
    stop()
    stop()
    assert len(observers.factories) == 1
    route = api.router.get(f"/memories/{ID}").mock(return_value=httpx.Response(200, json=MEMORY))
    await api.done(api.client().memories.get(ID))
    assert len(exporter.get_finished_spans()) == 1
    assert "traceparent" in route.calls[0].request.headers


class Propagator(TextMapPropagator):
    """Does with the headers what the test says."""

    def __init__(self, do):
        self._do = do

    def inject(self, carrier, context=None, setter=default_setter):
        self._do(carrier, setter)

    def extract(self, carrier, context=None, getter=default_getter):
        return context

    @property
    def fields(self):
        return set()


def set_headers(**headers):
    """Return what a propagator does that sets these headers."""

    def do(carrier, setter):
        for name, value in headers.items():
            setter.set(carrier, name.replace("_", "-"), value)

    return do


def fail(*arguments, **options):
    """Fail, as code with a mistake does."""
    raise RuntimeError("secret words")


PROPAGATORS = {
    "raises": fail,
    "returns text that is not ASCII": set_headers(baggage="name=Zoë"),
    "returns control characters": set_headers(baggage="a\r\nx: y"),
    "returns a number": set_headers(baggage=7),
    "returns bytes": set_headers(baggage=b"a"),
    "returns None": set_headers(baggage=None),
    "returns a name that is none": lambda carrier, setter: setter.set(carrier, "a b", "c"),
    "returns a key": set_headers(Authorization="Bearer evil"),
    "returns a host": set_headers(Host="evil"),
    "returns a length": set_headers(Content_Length="1000"),
    "returns an encoding": set_headers(Transfer_Encoding="chunked"),
    "returns an idempotency key": set_headers(Idempotency_Key="evil"),
    "removes the headers": lambda carrier, setter: carrier.clear(),
}


@pytest.mark.parametrize("do", PROPAGATORS.values(), ids=PROPAGATORS.keys())
async def test_a_propagator_breaks_no_call(api, spans, do, request):
    """Whatever it does; the headers of the SDK are the SDK's, and those of others are sent."""
    exporter = spans()
    others = Propagator(set_headers(before="1")), Propagator(do), Propagator(set_headers(after="2"))
    propagator = propagate.get_global_textmap()
    request.addfinalizer(lambda: propagate.set_global_textmap(propagator))
    propagate.set_global_textmap(CompositePropagator(others))
    route = api.router.post("/memories").respond(json=MEMORY)
    await api.done(api.client().memories.create("secret words"))
    (sent,) = [call.request for call in route.calls]
    assert sent.headers["authorization"].startswith("Bearer mos_")
    assert sent.headers["host"] == "memory.test"
    assert sent.headers["content-length"] == str(len(sent.content))
    assert "evil" not in str(sent.headers.raw)
    assert "transfer-encoding" not in sent.headers
    assert len(sent.headers.get_list("idempotency-key")) == 1
    if do not in (fail, PROPAGATORS["removes the headers"]):
        assert sent.headers["before"] == "1"
        assert sent.headers["after"] == "2"
    if do is fail:
        assert sent.headers["before"] == "1"
    (span,) = exporter.get_finished_spans()
    assert span.name == "create_memory"


SHAPES = {
    "null": [None],
    "scalars": [1, "a", True, 0.5],
    "lists": [[], [{"id": "x"}]],
    "objects without fields": [{}],
    "fields of other types": [{"id": 1, "content": {"a": []}}],
    "an object instead of a list": {"id": "x"},
    "a number instead of a list": 7,
    "null instead of a list": None,
    "a string instead of a list": "text",
    "unpaired surrogates": [{"id": "\ud800", "content": "\udfff"}],
    "depth": [{"id": "x", "content": json.loads("[" * 500 + "]" * 500)}],
}


@pytest.mark.off_contract(reason="results of other shapes than the contract's")
@pytest.mark.parametrize("results", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("capture", [False, True])
async def test_results_of_any_shape_break_no_call(api, spans, capture, results):
    """With content or without it, there is one span of a success."""
    exporter = spans(capture_content=capture)
    headers = {"content-type": "application/json"}
    for name in ("results", "memories"):
        content = json.dumps({"data": {name: results}, "meta": {}})
        api.router.post("/search").respond(content=content, headers=headers)
        assert (await api.done(api.client().search("q")))[name] == results
    for span in exporter.get_finished_spans():
        assert span.status.status_code.name == "UNSET"
        assert span.attributes["http.response.status_code"] == 200
        span.to_json().encode("utf-8")
    assert len(exporter.get_finished_spans()) == 2


@pytest.mark.off_contract(reason="ids and codes of a hostile service")
async def test_a_span_can_be_exported_whatever_the_service_sends(api, spans):
    """Protocol buffers can't hold unpaired surrogates; one such span would cost all of a batch."""
    exporter = spans()
    headers = {"content-type": "application/json"}
    odd = {"data": {"id": "\ud800\n"}, "meta": {}}
    api.router.get(f"/memories/{ID}").respond(content=json.dumps(odd), headers=headers)
    failure = json.dumps({"error": {"code": "\udfff", "message": ""}})
    api.router.get("/memories").respond(401, content=failure, headers=headers)
    await api.done(api.client().memories.get(ID))
    with pytest.raises(MemoryOSError):
        await api.done(api.client().memories.list())
    succeeded, failed = exporter.get_finished_spans()
    assert succeeded.attributes["gen_ai.memory.record.id"] == "\\ud800\\n"
    assert failed.status.description == "\\udfff"


@pytest.mark.parametrize(
    "broken", ["start_span", "set_attribute", "add_event", "set_status", "end", "get_span_context"]
)
async def test_a_tracer_that_raises_breaks_no_call(api, spans, monkeypatch, broken, caplog):
    """Wherever it does."""
    spans(capture_content=True)
    owner = sdk_trace.Tracer if broken == "start_span" else sdk_trace.Span
    if broken == "get_span_context":
        owner = sdk_trace.ReadableSpan
    monkeypatch.setattr(owner, broken, fail)
    api.router.get(f"/memories/{ID}").mock(
        side_effect=[
            httpx.Response(503, json=answers.failure("HTTP_503")),
            httpx.Response(200, json=MEMORY),
        ]
    )
    api.router.get("/memories").respond(401, json=answers.failure("UNAUTHORIZED"))
    assert (await api.done(api.client().memories.get(ID)))["id"] == ID
    with pytest.raises(MemoryOSError) as raised:
        await api.done(api.client().memories.list())
    assert raised.value.status == 401
    assert "secret words" not in caplog.text
