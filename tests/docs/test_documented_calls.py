"""The documentation's examples of single calls, each with the names that it had before.

What must exist for an example to show something is stored first: by the examples before it where
they do, else by the test.
"""

from __future__ import annotations

import contextlib
import os
import re
from datetime import datetime

import pytest

from memoryos import MemoryOSError, NotFoundError

pytestmark = [pytest.mark.shared, pytest.mark.embedder]

DOCUMENTED_ID = "550e8400-e29b-41d4-a716-446655440000"


def numbers(text):
    """Return the whole numbers in a text."""
    return [int(number) for number in re.findall(r"\d+", text)]


@pytest.fixture
def store_documented(account, memory):
    """A function that stores a memory by the id that the document uses; gone after the test."""
    yield lambda **fields: account.store("User is new", memory_id=DOCUMENTED_ID, **fields)[0]
    with contextlib.suppress(NotFoundError):
        memory.memories.delete(DOCUMENTED_ID)


def test_creating(code, memory, capsys, run):
    """Both memories are there, with everything that was said of them."""
    names = run(code, os=os)
    detailed, basic = memory.memories.list()["data"]
    assert basic == names["new_memory"]
    assert detailed == names["detailed_memory"]
    assert basic["id"] in capsys.readouterr().out
    assert detailed["importance_score"] == 0.8
    assert (detailed["metadata"]["verified"], len(detailed["metadata"])) == (True, 4)


def test_listing(code, account, memory, capsys, run):
    """All pages of 120 memories, and what is relevant among the long-term ones."""
    account.store(*(f"note {number}" for number in range(90)))
    lasting = "A fact that lasts, told in more than fifty characters so that it is cut"
    account.store(*[lasting] * 30, tier="long")
    names = run(code, memory_client=memory)
    first, *cut, last = capsys.readouterr().out.splitlines()
    assert (numbers(first), numbers(last)) == ([30], [120])
    assert len(cut) == 30
    assert all(lasting[:50] in line and lasting[:51] not in line for line in cut)
    assert len({one["id"] for one in names["all_memories"]}) == 120
    assert len(names["relevant_memories"]["data"]) == 20


def test_getting(code, memory, store_documented, capsys, run):
    """A memory that is there is shown; one that is not is caught by its code."""
    context = {"memory_client": memory, "MemoryOSError": MemoryOSError}
    run(code, **context)
    assert len(capsys.readouterr().out.splitlines()) == 1
    stored = store_documented(tier="long")
    run(code, **context)
    printed = capsys.readouterr().out.splitlines()
    shown = ("User is new", "long", "1", stored["created_at"])
    assert [line.split(": ", 1)[1] for line in printed] == list(shown)


# Deprecated since Python 3.12; the document uses it.
@pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow\(\) is deprecated")
def test_updating(code, memory, store_documented, capsys, run):
    """The tier, the importance, the metadata; then the content, which is found by what it says."""
    store_documented(metadata={"source": "chat"})
    run(code, memory_client=memory, datetime=datetime)
    changed = memory.memories.get(DOCUMENTED_ID)
    assert (changed["tier"], changed["importance_score"]) == ("long", 0.9)
    assert set(changed["metadata"]) == {"verified", "promoted_at"}
    first, second = capsys.readouterr().out.splitlines()
    assert (first.endswith("long"), second.endswith("0.9")) == (True, True)
    (found,) = memory.search("Who is a data engineer?")["results"]
    assert found["content"] == changed["content"] != "User is new"


def test_deleting(code, memory, store_documented, capsys, run):
    """The first time it is deleted, the second time the error is caught and told."""
    store_documented()
    context = {"memory_client": memory, "MemoryOSError": MemoryOSError}
    run(code, **context)
    assert memory.memories.list()["data"] == []
    run(code, **context)
    assert capsys.readouterr().out.splitlines()[1].endswith("Memory not found")


@pytest.fixture
def known(earlier, account, capsys, run):
    """The memories that the quick start and the example of creating have stored."""
    known = [
        run(earlier("quick start"))["new_memory"],
        *map(run(earlier("memories.create"), os=os).get, ("new_memory", "detailed_memory")),
    ]
    capsys.readouterr()
    return [one["content"] for one in known]


def test_searching(code, known, memory, openai, capsys, run):
    """At each of its thresholds it finds what a reader of the document expects.

    The question is answered by a memory of the document, the preferences by two; the third search
    is by a vector, from OpenAI's own client.
    """
    dark_mode, developer, pandas = known
    names = run(code, memory_client=memory)
    count, *printed = capsys.readouterr().out.splitlines()
    assert numbers(count) == [len(printed)]
    assert [line for line in printed if line.endswith(developer)] != []
    long_term = {one["content"] for one in names["long_term_results"]["results"]}
    assert {dark_mode, pandas} <= long_term
    by_vector = names["results"]
    assert (by_vector["search_type"], by_vector["threshold"]) == ("semantic", 0.75)
    assert [one["content"] for one in by_vector["results"]] == [dark_mode]
    ((path, asked),) = openai.asked
    assert (path, asked["model"]) == ("/v1/embeddings", "text-embedding-3-small")


def test_getting_context(code, known, account, memory, capsys, run):
    """Prompts that hold what is known, of the tier that was asked for and within the budget."""
    (today,) = account.store("User asks how to sort a list of dates")
    names = run(code, memory_client=memory)
    memories, tokens, _milliseconds = map(numbers, capsys.readouterr().out.splitlines())
    assert (memories, tokens) == ([4], [names["context"]["token_count"]])
    assert 0 < tokens[0] <= 2000
    for content in known:
        assert content in names["system_prompt"]
        assert content in names["long_context"]["context"]
        assert content not in names["short_context"]["context"]
    assert today["content"] in names["short_context"]["context"]
    for part in (names["short_context"], names["long_context"]):
        assert part["context"] in names["combined_prompt"]


def test_the_async_client(code, memory, run):
    """What it stores, its search finds and its context uses: two accesses, nothing else reads."""
    run(code, os=os)
    (kept,) = memory.memories.list()["data"]
    assert (kept["tier"], kept["content_type"], kept["access_count"]) == ("long", "fact", 2)


def test_the_async_context_manager(code, memory, capsys, run):
    """It prints the id of what it has stored."""
    run(code, os=os)
    (kept,) = memory.memories.list()["data"]
    assert capsys.readouterr().out.split()[-1] == kept["id"]


def test_parallel_operations(code, account, capsys, run):
    """Context, search and list at once, each with something in it."""
    account.store("User interacted with the support team today")
    account.store("User prefers trains over planes", tier="long")
    run(code, os=os)
    tokens, found, lasting = map(numbers, capsys.readouterr().out.splitlines())
    assert 0 < tokens[0] <= 1000
    assert (found, lasting) == ([1], [1])
