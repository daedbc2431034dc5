"""Stand-ins for other services: a local Memory OS behind a transport that changes what it says.

    with StandIn(IgnoresUnknown()).client() as memory:
        memory.memories.list(tags=["a"])

`.client(asynchronous=True)` returns an AsyncMemoryOS on the same memories. `stand_in.sent` has each
request that arrived, as its operation and arguments.
"""

from __future__ import annotations

import inspect
import json
from urllib.parse import parse_qsl, urlencode

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._local import local_transport
from memoryos._protocol.operations import OPERATIONS, operation_at

HEADER = "X-Memory-OS-Features"
ALL_FEATURES = frozenset(
    one.feature for operation in OPERATIONS.values() for one in operation.arguments.values()
) - {""} | {"context-metadata"}
RESULT_FEATURES = {
    "highlights": "highlights",
    "explanation": "explain",
    "metadata": "context-metadata",
}
HIDDEN_TAGS = "not_tags"


class Call:
    """A request as a stand-in sees it, and may change it."""

    def __init__(self, method, path, query, body, headers):
        self.method, self.path, self.headers = method, path, headers
        self.query = query
        """A list of pairs of names and texts."""
        self.body = body
        """The JSON object, or None."""

    @property
    def operation(self):
        """The operation of the contract; None for another request."""
        return operation_at(self.method, self.path)

    @property
    def name(self):
        """The name of the operation, or an empty text."""
        return self.operation.name if self.operation else ""

    @property
    def given(self):
        """The names of the fields and parameters that were sent."""
        return {name for name, _ in self.query} | set(self.body or ())

    def unknown(self, features):
        """Return the names of what was sent that needs other features than these."""
        arguments = self.operation.arguments.values() if self.operation else ()
        needed = {one.wire_name: one.feature for one in arguments if one.feature}
        return {name for name in self.given if needed.get(name, "") not in {"", *features}}

    def drop(self, names):
        """Take out fields and parameters."""
        self.query = [(name, text) for name, text in self.query if name not in names]
        if self.body is not None:
            self.body = {name: value for name, value in self.body.items() if name not in names}


class Behaviour:
    """A service that has some features, and ignores what it doesn't know."""

    features = frozenset()
    """What it names and knows."""

    def request(self, call, forward):
        """Return an answer, `(status, body)`; `forward(call)` asks the local Memory OS."""
        call.drop(call.unknown(self.features))
        status, body = forward(call)
        for item in items_of(call, body):
            for field, feature in RESULT_FEATURES.items():
                in_context = feature != "context-metadata" or call.name == "get_context"
                if in_context and feature not in self.features:
                    item.pop(field, None)
        return status, body


def items_of(call, body):
    """Return the memories in an answer, to change them in place."""
    data = body.get("data", ())
    if call.name in ("search_memories", "get_context"):
        return data.get("results", data.get("memories")) if data else []
    if call.name == "list_memories":
        return data
    return [data] if call.name in ("create_memory", "get_memory", "update_memory") and data else []


class IgnoresUnknown(Behaviour):
    """Knows the documentation only, and ignores all else."""


class RefusesUnknown(Behaviour):
    """Knows the documentation only, and answers all else with 400."""

    def request(self, call, forward):
        """Refuse what it doesn't know."""
        unknown = sorted(call.unknown(self.features))
        if not unknown:
            return super().request(call, forward)
        errors = [{"field": name, "message": "is unknown"} for name in unknown]
        message = f"Unknown: {', '.join(unknown)}"
        error = {"code": "VALIDATION_ERROR", "message": message, "details": {"errors": errors}}
        return 400, {"error": error, "meta": {"request_id": "req_stand_in"}}


class HasAll(Behaviour):
    """The local Memory OS as it is."""

    features = ALL_FEATURES


class IgnoresTags(HasAll):
    """Names all features, but lists, searches and makes contexts of everything."""

    def request(self, call, forward):
        """Forget the tags of a request that reads."""
        if call.name in ("list_memories", "search_memories", "get_context"):
            call.drop({"tags"})
        return super().request(call, forward)


class HasOtherTags(Behaviour):
    """Filters by tags, but doesn't take a memory's tags from its metadata: it never has any.

    And `metadata` of an update replaces all, as the documentation says.

    Args:
        features: What it names and knows.
    """

    def __init__(self, features=()):
        self.features = frozenset(features)

    def request(self, call, forward):
        """Hide the tags in the metadata from the local Memory OS."""
        metadata = (call.body or {}).get("metadata")
        if isinstance(metadata, dict) and call.name in ("create_memory", "update_memory"):
            hidden = {HIDDEN_TAGS if key == "tags" else key: metadata[key] for key in metadata}
            call.body = {**call.body, "metadata": hidden}
        status, body = super().request(call, forward)
        for item in items_of(call, body):
            found = item.get("metadata")
            if found is not None:
                item["metadata"] = {
                    "tags" if key == HIDDEN_TAGS else key: found[key] for key in found
                }
        return status, body


class Lies(HasAll):
    """Names all features, and puts memories of everybody into its answers, first."""

    def request(self, call, forward):
        """Ask without any filter, too."""
        status, body = super().request(call, forward)
        filters = {"tags", "metadata", "external_id", "content_type", "memory_nature", "entities"}
        if call.name not in ("list_memories", "search_memories", "get_context") or status != 200:
            return status, body
        call.drop({*filters, "threshold"})
        if call.name == "search_memories":
            call.body["threshold"] = 0
        _, everything = super().request(call, forward)
        if call.name == "get_context":
            return 200, everything
        there = items_of(call, body)
        known = {item["id"] for item in there}
        there[:0] = [item for item in items_of(call, everything) if item["id"] not in known]
        return 200, body


class StandIn:
    """A service of this behaviour. Its clients have the same memories; closing one closes it.

    Args:
        behaviour: What it does.
    """

    def __init__(self, behaviour):
        self.behaviour = behaviour
        self.sent = []
        """Each request that arrived: the operation's name and the names that were sent."""
        self._local = local_transport(":memory:", "hashing")

    useful_threads = None

    @property
    def is_open(self):
        """Whether no client of it was closed."""
        return self._local.is_open

    def client(self, *, asynchronous=False):
        """Return a new client of it."""
        if asynchronous:
            return AsyncMemoryOS._on_transport(_Async(self), None)
        return MemoryOS._on_transport(self, None)

    def respond(self, method, target, headers, content):
        """Answer a request, as the local Memory OS does."""
        path, _, query = target.partition("?")
        headers = {name.decode(): value.decode() for name, value in headers}
        body = json.loads(content or b"null")
        call = Call(method, path, parse_qsl(query, keep_blank_values=True), body, headers)
        self.sent.append((call.name, call.given))
        status, answer = self.behaviour.request(call, self._forward)
        headers = [("Content-Type", "application/json")]
        if self.behaviour.features:
            headers.append((HEADER, ", ".join(sorted(self.behaviour.features))))
        return status, headers, json.dumps(answer).encode()

    def _forward(self, call):
        headers = [(name.encode(), value.encode()) for name, value in call.headers.items()]
        content = b"" if call.body is None else json.dumps(call.body).encode()
        target = f"{call.path}?{urlencode(call.query)}".rstrip("?")
        status, _, body = self._local.respond(call.method, target, headers, content)
        return status, json.loads(body)

    def abort(self):
        """Close the local Memory OS."""
        self._local.abort()

    def close(self):
        """Close the local Memory OS."""
        self._local.close()


class ClientOfStandIn:
    """One kind of client on a new stand-in, whose calls are awaited here.

    Args:
        behaviour: What the service does.
        is_async: Which kind.
    """

    def __init__(self, behaviour, *, is_async=False):
        self.stand_in = StandIn(behaviour)
        self.is_async = is_async
        self.client = self.stand_in.client(asynchronous=is_async)

    async def done(self, value):
        """Return what a method returns, whichever client it is of; of an iterator, a list."""
        if inspect.isawaitable(value):
            return await value
        if hasattr(value, "__aiter__"):
            return [item async for item in value]
        return list(value) if inspect.isgenerator(value) else value


class _Async:
    is_open = True
    useful_threads = None

    def __init__(self, stand_in):
        self._stand_in = stand_in

    async def respond(self, *request):
        return self._stand_in.respond(*request)

    def abort(self):
        pass

    async def aclose(self):
        self._stand_in.close()


BEHAVIOURS = {
    "ignores unknown fields": IgnoresUnknown,
    "answers unknown fields with 400": RefusesUnknown,
    "has everything": HasAll,
    "ignores tags": IgnoresTags,
    "doesn't know metadata.tags": HasOtherTags,
    "filters lists, but doesn't know metadata.tags": lambda: HasOtherTags({"filters"}),
    "lies": Lies,
}
"""All of them by name, for parametrized tests. Each is called for a new one."""
