"""OpenTelemetry tracing of every call.

Needs the extra `otel`, which installs the OpenTelemetry API only; the application chooses the SDK
and the exporter.

Each call is one span of kind CLIENT, named after the operation and with attributes of the semantic
conventions for generative AI and for HTTP clients. A retry is an event of the span. The client
sends the span's context as `traceparent` (W3C Trace Context), so that the service's spans join the
trace. Queries and memories are not recorded unless you set `capture_content`.

Example:
    >>> from memoryos.otel import instrument
    >>> uninstrument = instrument()
    >>> memory.search("How does Ada take her coffee?")  # one span: search_memory
    >>> uninstrument()
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, cast
from urllib.parse import urlsplit

from ._extras import missing_extra
from ._printable import printable
from ._protocol import observers
from ._protocol.observers import Observer
from ._protocol.responses import HTTPResponse
from ._version import __version__

try:
    from opentelemetry import propagate, trace
    from opentelemetry.trace import SpanKind, Status, StatusCode
except ImportError as error:
    raise missing_extra("otel", "memoryos.otel", error) from error

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer, TracerProvider

    from ._protocol.calls import Call
    from ._protocol.retries import CallResult, Outcome
    from .exceptions import MemoryOSError

__all__ = ["instrument"]

_MAX_ID_CHARACTERS = 100

# Operation names of the semantic conventions. All others keep the contract's name.
OPERATION_NAMES = {
    "create_memory": "create_memory",
    "update_memory": "update_memory",
    "delete_memory": "delete_memory",
    "search_memories": "search_memory",
    "get_context": "search_memory",
}

_DEFAULT_PORTS = {"http": 80, "https": 443}


def instrument(
    tracer_provider: Optional[TracerProvider] = None, *, capture_content: bool = False
) -> Callable[[], None]:
    """Start tracing the calls of all clients in this process.

    Args:
        tracer_provider: Provider that creates the spans. Default: the global provider.
        capture_content: Record queries and the content of memories in span attributes. They
            usually contain personal data. Default: False.

    Returns:
        A function that stops tracing. Calling it again has no effect.
    """
    tracer = trace.get_tracer("memoryos", __version__, tracer_provider)

    def observer(call: Call[Any], base_url: str) -> Observer:
        return SpanObserver(tracer, call, base_url, capture_content=capture_content)

    def stop() -> None:
        if observer in observers.factories:
            observers.factories.remove(observer)

    observers.factories.append(observer)
    return stop


class SpanObserver(Observer):
    """Records one call as a span."""

    def __init__(
        self, tracer: Tracer, call: Call[Any], base_url: str, *, capture_content: bool
    ) -> None:
        self._capture_content = capture_content
        self._attempts = 0
        attributes = _attributes(call, base_url)
        if capture_content and call.name and call.content is not None:
            attributes.update(_content_attributes(call.content))
        # A path outside the contract is no span name: it may hold an id.
        name = attributes.get("gen_ai.operation.name", call.method)
        self._span = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    def headers(self) -> Dict[str, str]:
        """Return the headers that propagate the trace context, such as `traceparent`."""
        headers: Dict[str, str] = {}
        try:
            propagate.inject(headers, context=trace.set_span_in_context(self._span))
        except Exception as error:  # noqa: BLE001 - other propagators may have added theirs
            observers.report_failure(self, "headers", error)
        return headers

    def attempt(self, attempts: int, outcome: Outcome) -> None:
        """Record the HTTP status and the number of retries."""
        self._attempts = attempts
        if attempts > 1:
            self._span.set_attribute("http.request.resend_count", attempts - 1)
        if isinstance(outcome, HTTPResponse):
            self._span.set_attribute("http.response.status_code", outcome.status)

    def wait(self, attempts: int, seconds: float) -> None:
        """Record a retry as an event."""
        self._span.add_event("retry", {"memoryos.attempt": attempts, "memoryos.wait": seconds})

    def succeeded(self, result: CallResult) -> None:
        """Record the number of memories returned, and their content if it is captured."""
        is_object = isinstance(result.data, dict)
        if not is_object:
            return
        data = cast("Dict[str, Any]", result.data)
        found = data.get("results", data.get("memories"))
        if isinstance(found, list):
            records = cast("Any", found)
            self._span.set_attribute("gen_ai.memory.record.count", len(records))
            if self._capture_content:
                content = json.dumps(_ids_and_contents(records))
                self._span.set_attribute("gen_ai.memory.records", content)
        elif isinstance(data.get("id"), str):
            self._span.set_attribute("gen_ai.memory.record.id", _shown(data["id"]))

    def failed(self, error: MemoryOSError) -> None:
        """Record the class and the code of the error. Its message may contain content."""
        self._span.set_attribute("error.type", type(error).__name__)
        self._span.set_status(Status(StatusCode.ERROR, _shown(error.code)))

    def over(self) -> None:
        """End the span."""
        self._span.end()


def _attributes(call: Call[Any], base_url: str) -> Dict[str, Any]:
    parts = urlsplit(base_url)
    attributes: Dict[str, Any] = {
        "gen_ai.provider.name": "memoryos",
        "http.request.method": call.method,
    }
    if parts.scheme in _DEFAULT_PORTS:  # a local Memory OS has no address
        attributes["server.address"] = parts.hostname or ""
        attributes["server.port"] = parts.port or _DEFAULT_PORTS[parts.scheme]
        attributes["url.full"] = base_url + call.path
    if not call.name:
        return attributes
    attributes["gen_ai.operation.name"] = OPERATION_NAMES.get(call.name, call.name)
    if call.path.startswith("/memories/"):
        attributes["gen_ai.memory.record.id"] = call.path.rpartition("/")[2]
    return attributes


def _content_attributes(content: bytes) -> Dict[str, str]:
    body = json.loads(content)
    if not isinstance(body, dict):
        return {}
    fields = cast("Dict[str, object]", body)
    query, text = fields.get("query"), fields.get("content")
    if isinstance(query, str):
        return {"gen_ai.memory.query.text": query}
    if isinstance(text, str):
        return {"gen_ai.memory.records": json.dumps([{"content": text}])}
    return {}


def _ids_and_contents(records: Sequence[Any]) -> List[Dict[str, Any]]:
    objects = [cast("Dict[str, Any]", each) for each in records if isinstance(each, dict)]
    return [{"id": each.get("id"), "content": each.get("content")} for each in objects]


def _shown(text: str) -> str:
    # Exporters can't encode unpaired surrogates, and drop all the spans that they send together.
    return printable(text, _MAX_ID_CHARACTERS)
