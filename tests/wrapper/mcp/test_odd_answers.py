"""What the tools say of answers that break the contract."""

from __future__ import annotations

import json

import pytest
import respx

from memoryos import AsyncMemoryOS

from .calls import answer, complaint

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.off_contract(reason="pages and items that break the contract"),
]

BASE_URL = "http://memory.test/v1"
ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def router():
    with respx.mock(base_url=BASE_URL) as routes:
        yield routes


@pytest.fixture
async def client(connected, router):
    """The official client, on a server whose service answers what a test tells it."""
    account = AsyncMemoryOS("mos_test_odd0123456789", BASE_URL)
    async with account, connected(account) as connection:
        yield connection


@pytest.mark.parametrize(
    ("tool", "arguments", "body"),
    [
        ("list_memories", {}, {"data": [5], "meta": {"total": 1, "has_more": False}}),
        ("list_memories", {}, {"data": [], "meta": {}}),
        ("list_memories", {}, {"data": []}),
        ("search_memories", {"query": "tea"}, {"data": {"results": [5], "search_type": "text"}}),
        ("search_memories", {"query": "tea"}, {"data": {"results": None, "search_type": "text"}}),
        ("search_memories", {"query": "tea"}, {"data": {}}),
        ("get_context", {"query": "tea"}, {"data": {"context": "tea", "memories": [{}]}}),
        ("get_context", {"query": "tea"}, {"data": {"context": "tea", "memories": 5}}),
        ("remember", {"content": "tea"}, {"data": 5}),
    ],
)
async def test_an_answer_without_its_fields_is_called_one(client, router, tool, arguments, body):
    router.route(url__regex=".*").respond(json=body)
    said = await complaint(client, tool, **arguments)
    assert "The response is not one of Memory OS: " in said


async def test_odd_values_can_be_listed(client, router):
    """An unpaired surrogate, and a number that is too large."""
    odd = {"id": ID, "content": "a\ud83d b", "metadata": {"n": float("inf"), "\ud800": ["\udfff"]}}
    body = {"data": [odd], "meta": {"total": 1, "has_more": False}}
    router.get("/memories").respond(
        content=json.dumps(body).replace("Infinity", "1e999").encode("ascii")
    )
    (memory,) = (await answer(client, "list_memories"))["memories"]
    assert memory == {
        "id": ID,
        "content": "a\ufffd b",
        "metadata": {"n": "inf", "\ufffd": ["\ufffd"]},
    }
