"""A fake embedding service behind an httpx transport, with a clock that only it moves."""

from __future__ import annotations

import json

import httpx
import pytest

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError

MARKER = "TELLTALE0123456789"
KEY = f"sk-{MARKER}"
MEMORY = "Ada's secret"


class FakeService:
    """Returns the planned responses first, then correct ones.

    Attributes:
        plan: Responses to return or exceptions to raise, in order.
        requests: The requests so far.
        pauses: The pauses before retries, in seconds.
        now: The time, in seconds; a pause moves it.
        dimension: Length of the vectors.
    """

    def __init__(self):
        self.plan = []
        self.requests = []
        self.pauses = []
        self.now = 0.0
        self.dimension = 1536
        self.transport = httpx.MockTransport(self._respond)

    def monotonic(self):
        return self.now

    def time(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    def _respond(self, request):
        self.requests.append(request)
        planned = self.plan.pop(0) if self.plan else None
        if isinstance(planned, Exception):
            raise planned
        return planned or self.embeddings(request)

    def embeddings(self, request, change=lambda rows: rows):
        """Return the correct response to a request, with vectors altered by `change`."""
        texts = json.loads(request.content)["input"]
        rows = change(HashingEmbedder(self.dimension).embed(texts).tolist())
        if request.url.path.endswith("/api/embed"):
            return httpx.Response(200, json={"embeddings": rows, "prompt_eval_count": len(texts)})
        data = [{"index": number, "embedding": row} for number, row in enumerate(rows)]
        return httpx.Response(
            200, json={"data": data[::-1], "usage": {"total_tokens": 3 * len(texts)}}
        )

    def bodies(self):
        return [json.loads(request.content) for request in self.requests]


def failing(status, code=None, **headers):
    """Return an error response whose message repeats the key and a memory."""
    error = {"message": f"{MARKER} {MEMORY}", "code": code}
    return httpx.Response(status, json={"error": error}, headers=headers)


def error_of(embedder):
    """Return the 503 that embedding a text raises."""
    with pytest.raises(ServiceError) as raised:
        embedder.embed([MEMORY])
    assert (raised.value.status, raised.value.code) == (503, "UNAVAILABLE")
    return raised.value
