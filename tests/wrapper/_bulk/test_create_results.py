"""Creating many memories: in order, bounded, with failures as values, repeatable by their keys."""

from __future__ import annotations

import json
import sys
from array import array

import httpx
import pytest

from memoryos import ValidationError
from memoryos._bulk.create_results import CreateJobs

from .. import contract_answers as answers

pytestmark = pytest.mark.anyio


async def collected(results):
    """Return what an iterator of either kind yields."""
    if hasattr(results, "__aiter__"):
        return [result async for result in results]
    return list(results)


def echo(request):
    """Answer with what was sent; refuse what says so."""
    body = json.loads(request.content)
    if body["content"] == "refuse":
        return httpx.Response(400, json=answers.failure("VALIDATION_ERROR"))
    return httpx.Response(200, json=answers.success(answers.memory(content=body["content"])))


async def test_results_come_in_order_with_failures_among_them(api):
    """One bad item stops nothing, and is handed back with its error."""
    api.router.post("/memories").mock(side_effect=echo)
    items = ["a", {"content": "b", "tier": "long"}, "refuse", {"contnt": "x"}, {"content": 5}, "c"]
    seen = []
    results = await collected(
        api.client().memories.create_many(
            items, concurrency=3, on_progress=lambda *told: seen.append(told)
        )
    )
    assert [result.index for result in results] == list(range(6))
    assert [result.ok for result in results] == [True, True, False, False, False, True]
    assert [result.memory["content"] for result in results if result.ok] == ["a", "b", "c"]
    assert results[2].error.status == 400
    assert results[2].item == {"content": "refuse"}
    assert "contnt" in results[3].error.message
    assert seen == [(n, 6) for n in range(1, 7)]


async def test_items_are_taken_as_they_are_needed(api):
    """An endless iterable will do, and no more than `concurrency` items are held."""
    api.router.post("/memories").mock(side_effect=echo)
    taken = []

    def endless():
        while True:
            taken.append(len(taken))
            yield str(len(taken))

    results = api.client().memories.create_many(endless(), concurrency=4)
    if hasattr(results, "__anext__"):
        first = [await results.__anext__() for _ in range(3)]
        await results.aclose()
    else:
        first = [next(results) for _ in range(3)]
        results.close()
    assert [result.index for result in first] == [0, 1, 2]
    assert len(taken) <= 3 + 4


async def test_the_concurrency_is_checked_before_anything_is_sent(api):
    """0 calls at once would never end."""
    with pytest.raises(ValidationError, match="concurrency"):
        await collected(api.client().memories.create_many(["a"], concurrency=0))


def keys_of(items, batch):
    """Return the idempotency keys of items."""
    jobs = CreateJobs(batch)
    return [jobs.job(index, item).idempotency_key for index, item in enumerate(items)]


def test_a_batch_has_the_same_keys_each_time():
    """So that the same call again stores nothing twice; another batch has others."""
    items = ["a", "a", {"content": "b"}]
    keys = keys_of(items, "monday")
    assert keys == keys_of(items, "monday")
    assert len({*keys, *keys_of(items, "tuesday")}) == 6
    assert keys != keys_of(items, None)


def test_an_item_may_bring_its_own_key():
    """Then that one is used."""
    job = CreateJobs("monday").job(0, {"content": "a", "idempotency_key": "mine"})
    assert (job.idempotency_key, job.arguments) == ("mine", {"content": "a"})


# Python 3.13 has another code for arrays of characters.
LETTERS = array("w" if sys.version_info >= (3, 13) else "u", "text")


class Frame:
    """A table whose iterator yields the names of its columns, as a data frame of pandas."""

    def keys(self):
        return ["content", "tier"]

    def __getitem__(self, name):
        return [name]

    def __iter__(self):
        return iter(self.keys())


@pytest.mark.parametrize("items", [Frame(), LETTERS], ids=["frame", "letters"])
async def test_what_only_looks_like_items_is_refused(api, items):
    """The names of columns, or the letters of a text, would be stored as memories."""
    with pytest.raises(ValidationError, match="items must be an iterable of strings or dicts"):
        await collected(api.client().memories.create_many(items))
    assert not api.router.calls


async def test_a_length_that_an_iterable_cannot_tell_is_unknown(api):
    """A class of data loaders has a length, which one of endless data doesn't have."""

    class Endless:
        def __iter__(self):
            return iter(["a", "b"])

        def __len__(self):
            raise TypeError("this data has no length")

    api.router.post("/memories").mock(side_effect=echo)
    seen = []
    results = api.client().memories.create_many(
        Endless(), on_progress=lambda *told: seen.append(told)
    )
    assert [result.ok for result in await collected(results)] == [True, True]
    assert seen == [(1, None), (2, None)]


@pytest.mark.parametrize("on_progress", [5, "print", [print], True])
async def test_a_callback_that_cannot_be_called_is_an_error_first(api, on_progress, tmp_path):
    """It would be one after the first memory."""
    memories = api.client().memories
    with pytest.raises(ValidationError, match="on_progress must be a function"):
        await collected(memories.create_many(["a"], on_progress=on_progress))
    for call in (memories.export, memories.import_):
        with pytest.raises(ValidationError, match="on_progress must be a function"):
            await api.done(call(tmp_path / "x", on_progress=on_progress))
    assert not api.router.calls
