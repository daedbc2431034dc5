"""Traces of every call, by OpenTelemetry's conventions for memory and for HTTP clients.

It needs the extra `otel`, which is the API alone: the SDK and the exporter are the application's
choice.

    >>> from memoryos.otel import instrument
    >>> instrument()

Each call is one CLIENT span, named after the operation. Retries are events on it. Its context is
sent along as `traceparent` (W3C Trace Context), so that the service's own spans can join. What is
remembered, or asked, is left out unless `capture_content` is given.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, cast
from urllib.parse import urlsplit

from ._extras import missing_extra
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

# The names that the conventions have; what they have none for keeps the contract's name.
OPERATION_NAMES = {
    "create_memory": "create_memory",
    "update_memory": "update_memory",
    "delete_memory": "delete_memory",
    "search_memories": "search_memory",
    "get_context": "search_memory",
}


def instrument(
    tracer_provider: Optional[TracerProvider] = None, *, capture_content: bool = False
) -> Callable[[], None]:
    """Trace the calls of every client in this process, from now on.

    Args:
        tracer_provider: Where the spans go. Default: the global provider.
        capture_content: Whether spans hold queries and memories: personal data, mostly.

    Returns:
        A function that ends it.
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
    """Keeps the span of one call."""

    def __init__(
        self, tracer: Tracer, call: Call[Any], base_url: str, *, capture_content: bool
    ) -> None:
        self._captures = capture_content
        self._attempts = 0
        attributes = _attributes(call, base_url)
        if capture_content and call.content is not None:
            attributes.update(_told(call.content))
        self._span = tracer.start_span(
            attributes["gen_ai.operation.name"], kind=SpanKind.CLIENT, attributes=attributes
        )

    def headers(self) -> Dict[str, str]:
        """Return `traceparent` and its like."""
        headers: Dict[str, str] = {}
        propagate.inject(headers, context=trace.set_span_in_context(self._span))
        return headers

    def attempt(self, attempts: int, outcome: Outcome) -> None:
        """Note the status that came."""
        self._attempts = attempts
        if attempts > 1:
            self._span.set_attribute("http.request.resend_count", attempts - 1)
        if isinstance(outcome, HTTPResponse):
            self._span.set_attribute("http.response.status_code", outcome.status)

    def wait(self, attempts: int, seconds: float) -> None:
        """Note that another attempt follows."""
        self._span.add_event("retry", {"memoryos.attempt": attempts, "memoryos.wait": seconds})

    def succeeded(self, result: CallResult) -> None:
        """Note how many memories were found, and which where that is asked for."""
        is_object = isinstance(result.data, dict)
        if not is_object:
            return
        data = cast("Dict[str, Any]", result.data)
        records = data.get("results", data.get("memories"))
        if isinstance(records, list):
            self._span.set_attribute("gen_ai.memory.record.count", len(cast("Any", records)))
            if self._captures:
                self._span.set_attribute("gen_ai.memory.records", json.dumps(_plain(records)))
        elif isinstance(data.get("id"), str):
            self._span.set_attribute("gen_ai.memory.record.id", data["id"])

    def failed(self, error: MemoryOSError) -> None:
        """Note the error by its class and code; a message may hold content."""
        self._span.set_attribute("error.type", type(error).__name__)
        self._span.set_status(Status(StatusCode.ERROR, error.code))

    def over(self) -> None:
        """End the span."""
        self._span.end()


def _attributes(call: Call[Any], base_url: str) -> Dict[str, Any]:
    parts = urlsplit(base_url)
    attributes: Dict[str, Any] = {
        "gen_ai.operation.name": OPERATION_NAMES.get(call.name, call.name),
        "gen_ai.provider.name": "memoryos",
        "http.request.method": call.method,
        "server.address": parts.hostname or "",
        "server.port": parts.port or (443 if parts.scheme == "https" else 80),
        "url.full": base_url + call.path,
    }
    if call.path.startswith("/memories/"):
        attributes["gen_ai.memory.record.id"] = call.path.rpartition("/")[2]
    return attributes


def _told(content: bytes) -> Dict[str, str]:
    body = json.loads(content)
    if isinstance(body.get("query"), str):
        return {"gen_ai.memory.query.text": body["query"]}
    if isinstance(body.get("content"), str):
        return {"gen_ai.memory.records": json.dumps([{"content": body["content"]}])}
    return {}


def _plain(records: Any) -> Any:
    return [{"id": item.get("id"), "content": item.get("content")} for item in records]
