"""The order of creation: one conversation after another in itself, everything else at once."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import threading
import time
from functools import partial
from types import MappingProxyType

import httpx
import pytest

from memoryos import AsyncMemoryOS, MemoryOS, ValidationError
from memoryos._bulk.create_order import (
    CONVERSATION_FIELDS,
    ID_SUFFIXES,
    JobOrder,
    Turn,
    ordering_keys,
)

from .. import contract_answers as answers

pytestmark = pytest.mark.anyio

PARENT = "550e8400-e29b-41d4-a716-446655440000"


def line(text, **fields):
    """Return a line of a conversation."""
    return {"content": text, "content_type": "conversation", **fields}


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        ({"source_id": "a"}, {"source_id": "a"}, True),
        ({"source_id": "a"}, {"source_id": "b"}, False),
        ({"source_id": "a"}, {"source_id": "a", "metadata": {"session": 1}}, True),
        ({"parent_memory_id": PARENT}, {"parent_memory_id": PARENT.upper()}, True),
        ({"source_id": PARENT}, {"parent_memory_id": PARENT}, False),
        ({"metadata": {"session_id": "1"}}, {"metadata": {"Session-ID": "1"}}, True),
        ({"metadata": {"threadId": 1}}, {"metadata": {"thread": 1.0}}, True),
        ({"metadata": {"thread_ts": "1.5"}}, {"metadata": {"thread_ts": "1.5"}}, True),
        ({"metadata": {"session_uuid": "1"}}, {"metadata": {"sessionGUID": "1"}}, True),
        ({"metadata": {"conversationKey": "1"}}, {"metadata": {"conversation_id": "1"}}, True),
        ({"metadata": {"key": "1", "uuid": "1", "id": "1"}}, {"metadata": {"id": "1"}}, False),
        ({"metadata": {"thread": 1}}, {"metadata": {"thread": True}}, False),
        ({"metadata": {"thread": 1}}, {"metadata": {"thread": "1"}}, False),
        ({"metadata": {"thread": "1"}}, {"metadata": {"chat": "1"}}, False),
        ({"metadata": {"room": {"a": 1, "b": 2}}}, {"metadata": {"room": {"b": 2, "a": 1}}}, True),
        ({"metadata": {"session": None}}, {"metadata": {"session": None}}, False),
        ({"metadata": {"topic": "x"}}, {"metadata": {"topic": "x"}}, False),
        ({"source_id": ""}, {"source_id": ""}, False),
        ({}, {}, False),
        (line("a"), line("b"), True),
        (line("a", metadata={"topic": "x"}), line("b"), True),
        (line("a", metadata={"session": None}), line("b"), True),
        (line("a", source_id="x"), line("b"), False),
        (line("a", source_id="x"), {"source_id": "x"}, True),
        ({"source_id": 5}, {"source_id": 5}, False),
        ({"metadata": 5}, {"metadata": [1]}, False),
        ({"metadata": {5: "a", "session": float("nan")}}, {"metadata": {}}, False),
    ],
)
def test_items_of_one_conversation_share_a_key(first, second, share):
    assert bool({*ordering_keys(first)} & {*ordering_keys(second)}) is share


def test_items_with_the_same_idempotency_key_share_a_key():
    assert ordering_keys({}, "k") == ordering_keys({"content": "x"}, "k") != ()


@pytest.mark.local_server
def test_the_fields_of_a_conversation_are_those_of_the_local_server():
    conversation_ids = pytest.importorskip(
        "memoryos_server.search.conversation_ids", reason="the extra [local] is not installed"
    )
    assert conversation_ids._CONVERSATION_FIELDS == CONVERSATION_FIELDS
    assert conversation_ids._ID_SUFFIXES == ID_SUFFIXES


def test_jobs_of_one_key_run_one_after_another_in_any_schedule():
    """Random keys and random ends: in order within each key, nothing lost, never more read."""
    chance = random.Random(7)
    for _ in range(200):
        order = JobOrder(chance.randint(1, 5), read_ahead=chance.randint(1, 30))
        last_begun, running, ready, ended, held, read = {}, set(), [], set(), [], 0
        while read < 60 or held:
            while read < 60 and order.wants_job:
                turn = Turn(
                    read, tuple({chance.choice("abcd") for _ in range(chance.randint(0, 2))})
                )
                read += 1
                held.append(turn)
                if order.add(turn):
                    ready.append(turn)
            while ready and len(running) < order.concurrency:
                turn = ready.pop(0)
                assert not any({*turn.keys} & {*other.keys} for other in running)
                assert all(last_begun.get(key, -1) < turn.job for key in turn.keys)
                last_begun.update(dict.fromkeys(turn.keys, turn.job))
                running.add(turn)
            turn = chance.choice(sorted(running, key=lambda one: one.job))
            running.remove(turn)
            ended.add(turn)
            ready += order.end(turn)
            while held and held[0] in ended:
                held.pop(0)
                order.hand_out()
        assert not running
        assert not ready


def test_a_long_conversation_is_read_ahead_up_to_a_limit():
    order = JobOrder(4, read_ahead=10)
    read = 0
    while order.wants_job:
        order.add(Turn(read, ("a",)))
        read += 1
    assert read == 10


def test_items_that_wait_for_none_are_read_up_to_the_concurrency():
    order = JobOrder(4, read_ahead=10)
    read = 0
    while order.wants_job:
        order.add(Turn(read, ()))
        read += 1
    assert read == 4


HOLD_SECONDS = 30


class SlowService:
    """Answers after a random time, and notes when each request came and was answered.

    `holds` maps contents to those that must have come before they are answered.
    """

    def __init__(self, holds=None, longest=0.004):
        self.longest = longest
        self.holds = holds or {}
        self.order, self.most, self.now = [], 0, 0
        self.lock, self.chance = threading.Lock(), random.Random(3)

    def answer(self, request):
        content = json.loads(request.content)["content"]
        with self.lock:
            self.order.append(content)
            self.now += 1
            self.most = max(self.most, self.now)
            pause = self.chance.random() * self.longest
        time.sleep(pause)
        ends = time.monotonic() + HOLD_SECONDS
        while self._holds(content) and time.monotonic() < ends:
            time.sleep(0.001)
        with self.lock:
            self.now -= 1
        return httpx.Response(200, json=answers.success(answers.memory(content=content)))

    async def answer_async(self, request):
        content = json.loads(request.content)["content"]
        self.order.append(content)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.chance.random() * self.longest)
        ends = time.monotonic() + HOLD_SECONDS
        while self._holds(content) and time.monotonic() < ends:  # noqa: ASYNC110 - as in threads
            await asyncio.sleep(0.001)
        self.now -= 1
        return httpx.Response(200, json=answers.success(answers.memory(content=content)))

    def _holds(self, content):
        return not self.holds.get(content, set()).issubset(self.order)


async def created(kind, items, holds=None, **options):
    """Create items on a slow service, and return it and the results."""
    service = SlowService(holds)
    if kind == "sync":
        http = httpx.Client(transport=httpx.MockTransport(service.answer))
        with MemoryOS("mos_test_x", "http://memory.test/v1", http_client=http) as memory:
            return service, list(memory.memories.create_many(items, **options))
    http = httpx.AsyncClient(transport=httpx.MockTransport(service.answer_async))
    async with AsyncMemoryOS("mos_test_x", "http://memory.test/v1", http_client=http) as memory:
        return service, [result async for result in memory.memories.create_many(items, **options)]


KINDS = pytest.mark.parametrize("kind", ["sync", "async"])


@KINDS
@pytest.mark.parametrize("concurrency", [1, 2, 8, 50])
async def test_a_conversation_is_created_in_order(kind, concurrency):
    items = [line(str(number)) for number in range(40)]
    service, results = await created(kind, items, concurrency=concurrency)
    assert service.order == [str(number) for number in range(40)]
    assert service.most == 1
    assert [result.memory["content"] for result in results] == service.order


@KINDS
async def test_conversations_overlap_and_each_is_in_order(kind):
    """Interleaved, with items between that belong to none."""
    items = []
    for number in range(20):
        items += [line(f"{name}{number:03}", source_id=name) for name in "abc"]
        items.append(f"free{number}")
    first = {"a000", "b000", "c000", "free0"}
    service, results = await created(kind, items, dict.fromkeys(first, first))
    for name in "abc":
        of_one = [content for content in service.order if content.startswith(name)]
        assert of_one == sorted(of_one)
    assert 3 < service.most <= 8
    assert [result.item["content"] for result in results] == [
        item if isinstance(item, str) else item["content"] for item in items
    ]


@KINDS
async def test_what_follows_a_long_conversation_overlaps_with_it(kind):
    items = [*(line(f"a{n:03}") for n in range(50)), *(f"free{n}" for n in range(50))]
    service, _ = await created(kind, iter(items), {"a010": {"free0"}})
    conversation = [content for content in service.order if content.startswith("a")]
    assert conversation == sorted(conversation)
    assert service.order.index("free0") < service.order.index("a011")
    assert service.most > 1


@KINDS
async def test_a_failed_line_does_not_stop_its_conversation(kind):
    items = [line("a"), line("\u200b"), {"content": "x", "contnt": 1, "source_id": "s"}, line("b")]
    service, results = await created(kind, items)
    assert service.order == ["a", "b"]
    assert [result.ok for result in results] == [True, False, False, True]


@KINDS
async def test_an_endless_conversation_is_read_on_demand(kind):
    taken = []

    def endless():
        for number in itertools.count():
            taken.append(number)
            yield line(str(number))

    service = SlowService({"4": {"never"}})
    if kind == "sync":
        http = httpx.Client(transport=httpx.MockTransport(service.answer))
        with MemoryOS("mos_test_x", "http://memory.test/v1", http_client=http) as memory:
            results = memory.memories.create_many(endless())
            first = [next(results) for _ in range(3)]
            results.close()
    else:
        http = httpx.AsyncClient(transport=httpx.MockTransport(service.answer_async))
        async with AsyncMemoryOS("mos_test_x", "http://memory.test/v1", http_client=http) as memory:
            results = memory.memories.create_many(endless())
            first = [await results.__anext__() for _ in range(3)]
            await results.aclose()
    assert [result.index for result in first] == [0, 1, 2]
    assert len(taken) <= 1003
    service.holds.clear()
    await asyncio.sleep(0.02)
    assert service.order == list("01234")[: len(service.order)]


class BrokenError(Exception):
    """What an iterable raises."""


@KINDS
@pytest.mark.parametrize("items", [3, 20])
@pytest.mark.parametrize("make", [str, lambda n: line(str(n))])
async def test_the_results_before_an_error_of_the_iterable_come_first(kind, items, make):
    def broken():
        for number in range(items):
            yield make(number)
        raise BrokenError

    service = SlowService()
    got = []
    with pytest.raises(BrokenError):
        await _collect(kind, service, broken(), got)
    assert [result.index for result in got] == list(range(items))
    assert len(service.order) == items


@KINDS
@pytest.mark.parametrize("wrong", [5, None, b"bytes", ["a"], ("content", "x"), object()])
async def test_the_results_before_a_wrong_item_of_a_generator_come_first(kind, wrong):
    service, got = SlowService(), []
    with pytest.raises(ValidationError, match=r"items\[2\] must be a string or a dict"):
        await _collect(kind, service, iter(["a", "b", wrong, "c"]), got)
    assert [result.memory["content"] for result in got] == ["a", "b"]
    assert sorted(service.order) == ["a", "b"]


async def _collect(kind, service, items, got):
    if kind == "sync":
        http = httpx.Client(transport=httpx.MockTransport(service.answer))
        with MemoryOS("mos_test_x", "http://memory.test/v1", http_client=http) as memory:
            for result in memory.memories.create_many(items):
                got.append(result)
    else:
        http = httpx.AsyncClient(transport=httpx.MockTransport(service.answer_async))
        async with AsyncMemoryOS("mos_test_x", "http://memory.test/v1", http_client=http) as memory:
            async for result in memory.memories.create_many(items):
                got.append(result)


async def agen():
    """Yield two items."""
    yield "a"
    yield {"content": "b"}


async def test_the_async_client_takes_async_iterables():
    service, got = SlowService(), []
    await _collect("async", service, agen(), got)
    assert [result.memory["content"] for result in got] == ["a", "b"]


async def test_the_results_before_an_error_of_an_async_iterable_come_first():
    async def broken():
        yield "a"
        raise BrokenError

    service, got = SlowService(), []
    with pytest.raises(BrokenError):
        await _collect("async", service, broken(), got)
    assert [result.memory["content"] for result in got] == ["a"]


NOT_ITEMS = [
    *("text", "", b"bytes", bytearray(b"x"), memoryview(b"x"), {"content": "x"}, {}),
    *(5, 0.5, True, None, object(), str, ["a", 5], ("a", None), [["a"]], {b"b"}, range(2)),
]


@KINDS
@pytest.mark.parametrize(
    "items", NOT_ITEMS, ids=lambda items: f"{type(items).__name__}-{items!s:.10}"
)
async def test_what_is_no_iterable_of_items_is_rejected_before_anything_is_sent(kind, items):
    service, got = SlowService(), []
    with pytest.raises(ValidationError, match="items") as raised:
        await _collect(kind, service, items, got)
    assert (raised.value.status, raised.value.attempts, service.order) == (400, 0, [])


def test_the_sync_client_rejects_async_iterables():
    with MemoryOS("mos_test_x") as memory, pytest.raises(ValidationError, match="AsyncMemoryOS"):
        memory.memories.create_many(agen())


@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("batch", value) for value in (5, "", b"x", 0, False, ["x"], {})],
        *[("concurrency", value) for value in (True, 2.5, "8", 0, 101, None, -1, [8])],
    ],
)
def test_a_wrong_option_is_rejected_by_the_call_itself(client_class, name, value):
    """Not by the first result: a generator that nobody reads would hide it."""
    with pytest.raises(ValidationError, match=name):
        client_class("mos_test_x").memories.create_many(["a"], **{name: value})


ITERABLES = {
    "list": ["a"].copy,
    "tuple": lambda: ("a",),
    "set": lambda: {"a"},
    "keys": {"a": 1}.keys,
    "values": {1: "a"}.values,
    "iterator": partial(iter, ["a"]),
    "mapping": lambda: [MappingProxyType({"content": "a"})],
}


@KINDS
@pytest.mark.parametrize("make", ITERABLES.values(), ids=ITERABLES)
async def test_every_iterable_of_texts_and_mappings_is_taken(kind, make):
    _, results = await created(kind, make())
    assert [result.memory["content"] for result in results] == ["a"]
