"""A transport with one thing wrong, and how a fault is written down."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import httpx


@dataclass
class Call:
    """A request that a fault may change before it goes on."""

    method: str
    path: str
    headers: dict
    query: dict = field(default_factory=dict)
    body: object = None
    raw: bytes = b""

    @property
    def what(self):
        """Method and path, an id written as {id}."""
        return f"{self.method} {'/memories/{id}' if self.memory_id else self.path}"

    @property
    def memory_id(self):
        prefix, _, memory_id = self.path.rpartition("/")
        return memory_id if prefix == "/memories" else ""

    @property
    def fields(self):
        """The fields of a JSON object in the body; none where it is something else."""
        return self.body if isinstance(self.body, dict) else {}

    def other(self, method, memory_id):
        """Another request by the same caller."""
        return Call(method, "/memories/" + memory_id, self.headers)


@dataclass
class Reply:
    """An answer that a fault may change before it is handed out."""

    status: int
    body: object
    headers: dict = field(default_factory=lambda: {"content-type": "application/json"})
    raw: object = None

    @property
    def data(self):
        """What the envelope of a success holds; an empty list where there is none."""
        body = self.body if isinstance(self.body, dict) else {}
        return body.get("data", []) if self.status == 200 else []


def error(status, code):
    """An answer of the contract's form that says what went wrong."""
    return Reply(status, {"error": {"code": code, "message": "oops"}, "meta": {"request_id": "r"}})


class Fault(NamedTuple):
    """What is wrong, and which finding names it: the operation, the check, the verdict."""

    name: str
    make: object
    operation: str
    check: str
    verdict: str


class Faults(list):
    """Faults, each a decorated function under the sentence that names it."""

    def in_request(self, name, operation, check, verdict="failed"):
        """The function changes a request in place."""

        def add(change):
            def fault(call, forward):
                change(call)
                return forward(call)

            self.append(Fault(name, lambda: fault, operation, check, verdict))

        return add

    def in_answer(self, name, operation, check, verdict="failed"):
        """The function changes an answer in place."""

        def add(change):
            def fault(call, forward):
                reply = forward(call)
                change(call, reply)
                return reply

            self.append(Fault(name, lambda: fault, operation, check, verdict))

        return add

    def in_between(self, name, operation, check, verdict="failed"):
        """The function makes one that answers calls, with what it remembers."""

        def add(make):
            self.append(Fault(name, make, operation, check, verdict))
            return make

        return add


class FaultyTransport(httpx.BaseTransport):
    """Passes requests to another transport, through what `make()` returns."""

    def __init__(self, inner, make):
        self._inner = inner
        self._fault = make()

    def handle_request(self, request):
        path = request.url.raw_path.partition(b"?")[0].decode().removeprefix("/v1")
        query = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        content = request.read()
        headers = {name: request.headers[name] for name in request.headers}
        call = Call(request.method, path, headers, query, _json(content), content)
        reply = self._fault(call, self._forward)
        content = json.dumps(reply.body).encode() if reply.raw is None else reply.raw
        return httpx.Response(reply.status, headers=reply.headers, content=content)

    def _forward(self, call):
        body = call.raw if call.body is None else json.dumps(call.body).encode()
        headers = {k: v for k, v in call.headers.items() if k not in ("content-length", "host")}
        url = f"http://contract.test/v1{call.path}?{urlencode(call.query)}".rstrip("?")
        request = httpx.Request(call.method, url, content=body or None, headers=headers)
        answer = self._inner.handle_request(request)
        kept = {k: v for k, v in answer.headers.items() if k != "content-length"}
        return Reply(answer.status_code, _json(answer.content), kept)


def _json(content):
    try:
        return json.loads(content)
    except ValueError:
        return None
