"""Batches after a deletion: no result names a memory that is gone, on any service."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import httpx
import pytest

from memoryos import MemoryOS, NotFoundError
from memoryos._bulk.replays import ReplayDetector
from memoryos.exceptions import InvalidResponseError, ServerError

from .. import contract_answers as answers

pytestmark = pytest.mark.anyio


class ReplayingService:
    """Returns the first response to a key for ever, whatever became of the memory.

    Its clock is years behind the client's.
    """

    def __init__(self, api, *, sends_date=True, get_status=200):
        self.api, self.sends_date, self.get_status = api, sends_date, get_status
        self.first, self.memories, self.requests = {}, {}, []
        api.router.route().mock(side_effect=self.answer)

    def answer(self, request):
        self.requests.append(request.method)
        now = datetime(2021, 3, 4, 5, 6, 7, 250_000, timezone.utc) + timedelta(seconds=self.api.now)
        headers = {"date": format_datetime(now, usegmt=True)} if self.sends_date else {}
        if request.method == "GET":
            memory = self.memories.get(request.url.path.rsplit("/", 1)[1])
            status = self.get_status if memory or self.get_status != 200 else 404
            code = {403: "FORBIDDEN", 404: "NOT_FOUND", 503: "UNAVAILABLE"}.get(status)
            body = answers.failure(code) if code else answers.success(memory)
            return httpx.Response(status, json=body, headers=headers)
        key, body = request.headers["idempotency-key"], json.loads(request.content)
        if key not in self.first:
            created = now.isoformat().replace("+00:00", "Z")
            memory = answers.memory(**body, id=str(uuid.uuid4()), created_at=created)
            self.first[key] = self.memories[memory["id"]] = memory
        self.api.now += 0.1  # the answer takes a while
        return httpx.Response(200, json=answers.success(self.first[key]), headers=headers)


async def run(api, items, **options):
    """Return the results of create_many."""
    results = api.client().memories.create_many(items, concurrency=1, **options)
    if hasattr(results, "__aiter__"):
        return [result async for result in results]
    return list(results)


def ids(results):
    """Return the ids of the memories."""
    assert [result.error for result in results] == [None] * len(results)
    return [result.memory["id"] for result in results]


async def test_new_items_cost_no_extra_request(api):
    service = ReplayingService(api)
    await run(api, ["a", "b", "c"], batch="x")
    await run(api, ["a", "b", "c"], batch="y")
    assert service.requests == ["POST"] * 6


async def test_a_memory_that_is_there_is_returned(api):
    service = ReplayingService(api)
    first = ids(await run(api, ["a", "b"], batch="x"))
    api.now += 30
    assert ids(await run(api, ["a", "b"], batch="x")) == first
    assert service.requests == ["POST"] * 2 + ["POST", "GET"] * 2


async def test_a_deleted_memory_is_created_again_once(api):
    """Also by a third call, and after another deletion."""
    service = ReplayingService(api)
    first = ids(await run(api, ["a", "b"], batch="x"))
    for _ in range(3):
        api.now += 30
        del service.memories[first[0]]
        again = await run(api, ["a", "b"], batch="x")
        assert ids(again)[0] in service.memories
        assert ids(again)[1] == first[1]
        assert service.first[again[0].idempotency_key]["id"] == ids(again)[0]
        api.now += 30
        assert ids(await run(api, ["a", "b"], batch="x")) == ids(again)
        first = ids(again)
    assert len(service.memories) == 2


async def test_an_item_with_its_own_key_is_looked_up_too(api):
    service = ReplayingService(api)
    item = {"content": "a", "idempotency_key": "mine"}
    (first,) = ids(await run(api, [item]))
    api.now += 30
    del service.memories[first]
    (again,) = ids(await run(api, [item]))
    assert again in service.memories


async def test_without_a_batch_nothing_is_looked_up(api):
    service = ReplayingService(api)
    await run(api, ["a"])
    api.now += 30
    await run(api, ["a"])
    assert service.requests == ["POST"] * 2


async def test_a_service_that_always_returns_a_deleted_memory_is_an_error(api):
    service = ReplayingService(api)
    await run(api, ["a"], batch="x")
    gone = service.first.popitem()[1]
    api.now += 30
    service.memories.clear()
    service.first = type("Always", (dict,), {"__missing__": lambda *_: gone})()
    service.first.__class__.__contains__ = lambda *_: True
    (result,) = await run(api, ["a"], batch="x")
    assert isinstance(result.error, InvalidResponseError)
    assert result.memory is None


@pytest.mark.parametrize(("status", "error"), [(403, None), (503, ServerError)])
async def test_a_memory_that_cannot_be_looked_up(api, status, error):
    """A key that may not read gets the service's answer; a failure is the item's."""
    service = ReplayingService(api)
    await run(api, ["a"], batch="x")
    api.now += 30
    service.get_status = status
    (result,) = await run(api, ["a"], batch="x")
    assert result.error is None if error is None else isinstance(result.error, error)


async def test_without_a_date_the_answer_is_believed(api):
    service = ReplayingService(api, sends_date=False)
    await run(api, ["a"], batch="x")
    api.now += 30
    await run(api, ["a"], batch="x")
    assert service.requests == ["POST"] * 2


DATE = {"date": "Thu, 04 Mar 2021 05:06:10 GMT"}


@pytest.mark.parametrize(
    ("created", "is_replay"),
    [
        ("2021-03-04T05:06:06.999Z", True),
        ("2021-03-04T05:06:07Z", False),
        ("2021-03-04t05:06:06.5z", True),
        ("2021-03-04T06:06:06.123456789+01:00", True),
        ("2021-03-04T06:06:08+01:00", False),
        ("2021-03-04T00:06:08-05:00", False),
        ("2021-03-04T00:06:05-05:00", True),
        ("2021-13-04T05:06:07Z", False),
        ("yesterday", False),
        (None, False),
        (5, False),
    ],
)
def test_a_memory_older_than_the_call_is_a_replay(created, is_replay):
    """The response came 3 s after the call began, which was at 05:06:07 or in the second after."""
    detector = ReplayDetector(100.0)
    assert detector.is_replay({"created_at": created}, DATE, 103.0) is is_replay


def test_later_responses_make_the_begin_more_exact():
    detector = ReplayDetector(100.0)
    memory = {"created_at": "2021-03-04T05:06:07.5Z"}
    assert not detector.is_replay(memory, DATE, 103.0)
    assert not detector.is_replay({}, {"date": "Thu, 04 Mar 2021 05:06:11 GMT"}, 103.2)
    assert detector.is_replay(memory, DATE, 103.3)


@pytest.mark.local_server
@pytest.mark.parametrize("deleted", [[0], [1, 2], [0, 1, 2]])
def test_the_local_server_creates_deleted_memories_again_at_once(deleted):
    """Without a pause: it forgets the key with the memory, and counts no access."""
    pytest.importorskip("memoryos_server", reason="the extra [local] is not installed")
    with MemoryOS.local(":memory:", embedder="none") as memory:
        items = ["a", {"content": "b", "tier": "long"}, "c"]
        first = ids(list(memory.memories.create_many(items, batch="x")))
        for index in deleted:
            memory.memories.delete(first[index])
        again = ids(list(memory.memories.create_many(items, batch="x")))
        assert {one["id"] for one in memory.memories.iterate()} == {*again}
        assert len({*again}) == 3
        assert [new != old for new, old in zip(again, first)] == [n in deleted for n in range(3)]
        for index in deleted:
            with pytest.raises(NotFoundError):
                memory.memories.get(first[index])
