"""Traces: one span a call, retries as events, the context sent along, content only when asked."""

from __future__ import annotations

import httpx
import pytest

pytest.importorskip("opentelemetry.sdk", reason="opentelemetry-sdk is not installed")

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from memoryos import MemoryOSError
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
