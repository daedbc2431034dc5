"""Contract tests of Memory OSes in this process: real keys, no socket, a hashing embedder."""

from __future__ import annotations

import io
from typing import NamedTuple

import httpx
import pytest

from memoryos._protocol.secret import Secret
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.service.operations import open_service

pytest.importorskip("schemathesis", reason="the extra [contract] is not installed")

from memoryos.contract_testing.report.progress import Progress
from memoryos.contract_testing.run import Plan, run
from memoryos.contract_testing.signals import Interruption

BASE_URL = "http://contract.test/v1"


class DispatcherTransport(httpx.BaseTransport):
    """Answers on a dispatcher as the ASGI application would, the key read from the header."""

    def __init__(self, dispatcher):
        self._dispatcher = dispatcher

    def handle_request(self, request):
        path, _, query = request.url.raw_path.partition(b"?")
        body = request.read()
        answer = self._dispatcher.handle(
            request.method, path.decode("ascii"), query, request.headers.raw, body
        )
        return httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)


class Server(NamedTuple):
    """A Memory OS, its keys, and the transport to it."""

    service: object
    transport: httpx.BaseTransport
    key: str
    reader_key: str

    def check(self, *, transport=None, interruption=None, contract=None, **plan):
        """Run a contract test against it, with nothing generated unless told otherwise."""
        settings = {"cases": 0, "sequences": 0, "settle_seconds": 0.0, "seed": 7, **plan}
        settings["only"] = frozenset(settings.get("only", ()))
        with httpx.Client(transport=transport or self.transport) as client:
            return run(
                Plan(BASE_URL, Secret(self.key), Secret(self.reader_key), **settings),
                client,
                Progress(io.StringIO()),
                interruption or Interruption(),
                sleep=lambda seconds: None,
                contract=contract,
            )


def open_server(embedder):
    """Return a new Memory OS in this process's memory."""
    service = open_service(":memory:", embedder=embedder)
    return Server(
        service,
        DispatcherTransport(Dispatcher(service)),
        service.create_key(),
        service.create_key(scopes=["memories:read"]),
    )


@pytest.fixture
def server():
    """A Memory OS that finds by shared words, by means of vectors."""
    server = open_server(HashingEmbedder())
    yield server
    server.service.close()
