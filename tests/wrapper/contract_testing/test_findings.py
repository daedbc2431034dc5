"""What contract tests have found in the local Memory OS stays mended."""

from __future__ import annotations

import httpx
import pytest

from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher


@pytest.mark.anyio
async def test_a_line_break_in_a_path_gets_an_envelope(server):
    """A path with %0A is answered by Memory OS, not by the framework in plain text."""
    transport = httpx.ASGITransport(create_app(Dispatcher(server.service)))
    async with httpx.AsyncClient(transport=transport, base_url="http://contract.test") as client:
        headers = {"authorization": "Bearer " + server.key}
        answer = await client.get("/v1/memories/a%0Ab", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


def test_a_tiny_number_in_a_query_is_a_number(server):
    """A relevance of 1e-236 is at least 0 and at most 1, however many digits its exponent has."""
    with httpx.Client(transport=server.transport) as client:
        answer = client.get(
            "http://contract.test/v1/memories",
            params={"min_relevance": "7.788226690865777e-236"},
            headers={"authorization": "Bearer " + server.key},
        )
    assert answer.status_code == 200
