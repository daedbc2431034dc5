"""Lists, searches and contexts with filters that the service doesn't know."""

from __future__ import annotations

import json
import logging
from functools import partial

import pytest

from memoryos import InvalidResponseError, NotSupportedError, ValidationError

from ..stand_ins import HasAll, IgnoresUnknown

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


def contents(items):
    return [item["content"] for item in items]


async def fill(place):
    """Store 15 memories: five each of Ada, Bob and nobody, oldest first."""
    for number in range(5):
        tags = {"tags": ["ada", "even" if number % 2 == 0 else "odd"], "n": number}
        await place.create(f"Ada {number} coffee", metadata=tags, content_type="fact")
        await place.create(f"Bob {number} coffee", metadata={"tags": ["bob"]}, tier="long")
        await place.create(f"Nobody {number} coffee", external_id=f"key {number}")


async def test_a_list_is_filtered_while_it_walks(place):
    await fill(place)
    page = await place.done(place.memories.list(tags=["ada"]))
    assert contents(page["data"]) == [f"Ada {number} coffee" for number in (4, 3, 2, 1, 0)]
    assert page["meta"] == {"total": 5, "limit": 50, "offset": 0, "has_more": False}


@pytest.mark.parametrize(
    ("limit", "offset", "numbers", "has_more"),
    [
        (2, 0, [4, 3], True),
        (2, 2, [2, 1], True),
        (2, 3, [1, 0], False),
        (2, 5, [], False),
        (100, 4, [0], False),
    ],
)
async def test_the_pages_of_a_filtered_list(place, limit, offset, numbers, has_more):
    await fill(place)
    page = await place.done(place.memories.list(limit, offset, tags=["ada"]))
    assert contents(page["data"]) == [f"Ada {number} coffee" for number in numbers]
    assert page["meta"] == {"total": 5, "limit": limit, "offset": offset, "has_more": has_more}


async def test_the_filters_of_a_list_are_combined(place):
    await fill(place)
    page = await place.done(place.memories.list(tags=["ada", "even"], metadata={"n": 2.0}))
    assert contents(page["data"]) == ["Ada 2 coffee"]
    page = await place.done(place.memories.list(tier="long", tags=["ada"]))
    assert page["meta"]["total"] == 0
    page = await place.done(place.memories.list(external_id="key 3"))
    assert contents(page["data"]) == ["Nobody 3 coffee"]


async def test_times_select_memories(place):
    await fill(place)
    stored = await place.done(place.memories.iterate())
    middle = stored[7]["created_at"]
    after = await place.done(place.memories.iterate(created_after=middle))
    before = await place.done(place.memories.iterate(created_before=middle))
    assert contents(after + before) == contents(stored)
    assert after[-1]["created_at"] == middle


async def test_all_pages_are_walked_once(place):
    """Not once for each page of what matches."""
    await place.create(*(f"note {number}" for number in range(150)), metadata={"tags": ["a"]})
    await place.create("note 150")
    found = await place.done(place.memories.iterate(tags=["a"], page_size=2))
    assert contents(found) == [f"note {number}" for number in range(149, -1, -1)]
    assert len(place.sent("list_memories")) == 2
    assert all(given <= {"limit", "offset"} for given in place.sent("list_memories"))


async def test_a_walk_ends_where_all_are_older(place):
    """They are listed newest first."""
    await place.create(*(f"note {number}" for number in range(150)))
    newest = (await place.done(place.memories.list(limit=1)))["data"][0]["created_at"]
    found = await place.done(place.memories.iterate(created_after=newest))
    assert contents(found) == ["note 149"]
    before = len(place.sent("list_memories"))
    assert await place.done(place.memories.iterate(created_after="2099-01-01T00:00:00Z")) == []
    assert len(place.sent("list_memories")) - before == 1


async def test_an_export_is_filtered(place, tmp_path):
    await fill(place)
    count = await place.done(place.memories.export(tmp_path / "file", tags=["bob"]))
    assert count == 5
    lines = (tmp_path / "file").read_bytes().splitlines()
    assert json.loads(lines[0])["filters"] == {"tags": ["bob"]}
    assert "Bob 4 coffee" in lines[1].decode()


async def test_a_search_asks_for_more_and_filters(place):
    await fill(place)
    search = place.client.search
    found = await place.done(search("coffee", threshold=0, limit=3, content_type="fact"))
    assert len(found["results"]) == 3
    assert {item["content_type"] for item in found["results"]} == {"fact"}
    found = await place.done(search("coffee", threshold=0, metadata={"n": 3}))
    assert contents(found["results"]) == ["Ada 3 coffee"]
    found = await place.done(search("coffee", threshold=0, external_id="key 2"))
    assert contents(found["results"]) == ["Nobody 2 coffee"]
    found = await place.done(search("coffee", threshold=0, created_after="2099-01-01T00:00:00Z"))
    assert found["results"] == []


async def test_a_search_says_where_its_filter_may_miss_some(place, caplog):
    await place.create(*(f"coffee number {number}" for number in range(101)))
    with caplog.at_level(logging.WARNING, "memoryos"):
        await place.done(place.client.search("coffee", threshold=0, content_type="fact"))
    assert "no filter for content_type; of its 100 best results, 0 match" in caplog.text
    caplog.clear()
    for limit in (10, 100):
        search = partial(place.client.search, "coffee", threshold=0, limit=limit)
        found = await place.done(search(content_type="text"))
        assert len(found["results"]) == limit
    assert caplog.text == ""


async def test_a_context_is_built_from_results(place):
    await fill(place)
    context = await place.done(place.client.get_context("coffee", tags=["bob"]))
    lines = context["context"].splitlines()
    assert lines[0] == "Long-term memory:"
    assert sorted(lines[1:]) == [f"- Bob {number} coffee" for number in range(5)]
    assert all(item["metadata"] == {"tags": ["bob"]} for item in context["memories"])
    assert context["omitted"] == {"budget": 0, "duplicate": 0}
    assert {"tags", "threshold", "limit"} <= place.sent("search_memories")[0]
    assert place.sent("get_context") == []


@pytest.mark.parametrize(
    "filters",
    [
        {"content_type": "fact"},
        {"metadata": {"n": 1}},
        {"external_id": "key 1"},
        {"memory_nature": "semantic"},
        {"tier": "long", "created_before": "2099-01-01T00:00:00Z"},
        {"entities": ["7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"]},
        {},
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["text", "json"])
async def test_a_context_is_that_of_a_service_with_the_filters(place, place_of, filters, form):
    """Where the budget has room for all. The filters are those of the local Memory OS."""
    other = place_of(HasAll())
    await fill(place)
    await fill(other)
    arguments = {"query": "coffee", "format": form, "tags": [], **filters}
    built = await place.done(place.client.get_context(**arguments))
    given = other.client.get_context(**arguments)
    assert contents(built["memories"]) == contents(given["memories"])
    if form == "text":  # JSON has the times of creation
        assert built["context"] == given["context"]


async def test_a_context_keeps_its_budget(place):
    await place.create(*(f"note {number} of many words and more" for number in range(30)))
    context = await place.done(place.client.get_context("note", max_tokens=100, tags=[]))
    assert 60 < context["token_count"] <= 100
    assert context["omitted"]["budget"] == 30 - len(context["memories"])


@pytest.mark.parametrize("name", ["highlights", "explain"])
async def test_what_cannot_be_done_is_refused(place, name):
    with pytest.raises(NotSupportedError, match=name) as caught:
        await place.done(place.client.search("coffee", **{name: True, "metadata": {"a": 1}}))
    assert caught.value.details == {"features": [name]}
    assert place.sent("search_memories") == []


@pytest.mark.parametrize(
    "filters",
    [
        {"tags": "ada"},
        {"created_after": "yesterday"},
        {"metadata": ["ada"]},
        {"external_id": 7},
    ],
    ids=str,
)
async def test_filters_are_checked_before_anything_is_sent(place, tmp_path, filters):
    calls = [
        lambda: place.done(place.memories.list(**filters)),
        lambda: place.done(place.memories.iterate(**filters)),
        lambda: place.done(place.memories.export(tmp_path / "file", **filters)),
        lambda: place.done(place.client.search("q", **filters)),
        lambda: place.done(place.client.get_context("q", **filters)),
    ]
    for call in calls:
        with pytest.raises(ValidationError):
            await call()
    assert place.stand_in.sent == []
    assert not (tmp_path / "file").exists()


def test_a_service_with_the_feature_filters_itself(place_of):
    place = place_of(HasAll())
    place.memories.create("a", metadata={"tags": ["a"]})
    list(place.memories.iterate(tags=["a"]))
    place.client.search("a", external_id="x")
    place.client.get_context("a", tags=["a"])
    assert {"tags"} <= place.sent("list_memories")[0]
    assert {"external_id"} <= place.sent("search_memories")[0]
    assert {"tags"} <= place.sent("get_context")[0]


def test_a_raw_response_is_of_one_request_and_so_not_emulated(place_of):
    place = place_of(IgnoresUnknown())
    with pytest.raises(NotSupportedError):
        place.client.with_raw_response.memories.list(tags=["a"])


async def test_a_filtered_search_takes_an_embedding_that_can_be_read_once(place):
    await place.create("Coffee", content_type="fact")
    embedding = iter([1.0] + [0.0] * 1535)
    answer = await place.done(
        place.client.search(embedding=embedding, threshold=0, content_type="fact")
    )
    assert contents(answer["results"]) == ["Coffee"]


class HasOtherResults(IgnoresUnknown):
    """Searches find what is no list."""

    def __init__(self, results):
        self.results = results

    def request(self, call, forward):
        """Answer a search so."""
        status, body = super().request(call, forward)
        if call.name == "search_memories":
            body["data"]["results"] = self.results
        return status, body


@pytest.mark.off_contract(reason="results that are no list")
@pytest.mark.parametrize("results", [{}, "", None, 0, {"id": "x"}], ids=repr)
def test_results_that_are_no_list_are_an_error(place_of, results):
    """They look like no memories otherwise."""
    client = place_of(HasOtherResults(results)).client
    with pytest.raises(InvalidResponseError, match="results of the response is not a list"):
        client.search("coffee", content_type="fact")
    with pytest.raises(InvalidResponseError, match="results of the response is not a list"):
        client.get_context("coffee", tags=["bob"])
