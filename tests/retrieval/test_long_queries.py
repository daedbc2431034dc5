"""Questions with pasted text before, after or around them find what the question alone finds."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import NamedTuple

import pytest

from memoryos import MemoryOS

pytestmark = [pytest.mark.local_server, pytest.mark.embedder]

SETS = Path(__file__).parent / "sets"
WORLD = "rowan"
EACH_NTH_QUESTION = 2
GOOD_RANK = 3


class World(NamedTuple):
    docs: list[dict]
    queries: list[dict]


def read_worlds(name):
    worlds = {}
    for line in (SETS / f"{name}.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        if item["kind"] != "about":
            world = worlds.setdefault(item["world"], World([], []))
            (world.docs if item["kind"] == "doc" else world.queries).append(item)
    return worlds


@pytest.fixture(scope="module")
def world():
    return read_worlds("facts_en")[WORLD]


@pytest.fixture(scope="module")
def search(world):
    """Return the rank of the first memory that answers a query, for a text that asks it."""
    with MemoryOS.local(":memory:", embedder="minilm") as memory:
        ids = {
            memory.memories.create(doc["text"], tier="long")["id"]: doc["id"] for doc in world.docs
        }

        def rank(text, query):
            results = memory.search(text, threshold=0, limit=20)["results"]
            found = (ids[result["id"]] in query["gold"] for result in results)
            return next((number for number, is_gold in enumerate(found, 1) if is_gold), 99)

        yield rank


@pytest.fixture(scope="module")
def found_alone(world, search):
    queries = world.queries[::EACH_NTH_QUESTION]
    found = [query for query in queries if search(query["q"], query) <= GOOD_RANK]
    assert len(found) >= 0.8 * len(queries)
    return found


@pytest.fixture(scope="module")
def other_texts():
    return [doc["text"] for world in read_worlds("dialogues_en").values() for doc in world.docs]


def pasted(rng, world, other_texts, query, characters):
    """Return paragraphs about other subjects, also of the store, with other questions in them."""
    gold = set(query["gold"])
    own = [doc["text"] for doc in world.docs if doc["id"] not in gold]
    questions = [other["q"] for other in world.queries if not gold & set(other["gold"])]
    paragraphs, size = [], 0
    while size < characters:
        kinds = rng.choices(
            [own, questions, other_texts], weights=[35, 15, 50], k=rng.randint(2, 6)
        )
        paragraphs.append(" ".join(rng.choice(texts) for texts in kinds))
        size += len(paragraphs[-1]) + 2
    return "\n\n".join(paragraphs)


def share_found(layout, characters, *, world, search, found_alone, other_texts):
    rng = random.Random(16)
    ranks = []
    for query in found_alone:
        text = pasted(rng, world, other_texts, query, characters)
        ranks.append(search(layout.format(text=text, q=query["q"])[-32_768:], query))
    return sum(rank <= GOOD_RANK for rank in ranks) / len(ranks)


@pytest.fixture
def share(world, search, found_alone, other_texts):
    given = {"world": world, "found_alone": found_alone, "other_texts": other_texts}
    return lambda layout, characters: share_found(layout, characters, search=search, **given)


@pytest.mark.parametrize("characters", [500, 4_000, 32_000])
def test_a_question_behind_a_pasted_text_is_answered(share, characters):
    assert share("{text}\n\n{q}", characters) >= 0.9


@pytest.mark.parametrize("layout", ["{text}\n{q}", "{q}\n\n{text}", "Look at this.\n{text}\n{q}"])
def test_a_question_on_a_line_of_its_own_is_answered(share, layout):
    assert share(layout, 1_000) >= 0.9


def test_a_question_behind_the_last_sentence_of_a_pasted_text_is_answered(share):
    assert share("{text} {q}", 1_000) >= 0.8


def test_a_question_between_pasted_texts_is_mostly_answered(share):
    assert share("{text}\n\n{q}\n\n{text}", 1_000) >= 0.5
