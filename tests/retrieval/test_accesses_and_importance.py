"""What was read lately and what is important decide among near-equal fits, and never more."""

from __future__ import annotations

import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:
    sys.path.append(str(REPOSITORY))

from benchmarks.retrieval.measures import measure
from benchmarks.retrieval.sets import read_set
from benchmarks.retrieval.vectors import StoredVectors
from memoryos_server.embedders import default_embedder
from memoryos_server.model.caller import Caller
from memoryos_server.service.access_log import AccessLog
from memoryos_server.service.operations import open_service

pytestmark = pytest.mark.embedder

SETS = Path(__file__).parent / "sets"
CALLER = Caller("default", frozenset({"*"}))
STORED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
ASKED_AT = STORED_AT + timedelta(days=90)
DISTRACTORS, DRAWS, MAX_LOSS = 20, 3, 0.02


class Memories:
    """A world of a set in a local Memory OS, asked without counting what is found."""

    def __init__(self, world, embedder):
        self.now = STORED_AT
        self.service = open_service(":memory:", clock=lambda: self.now, embedder=embedder)
        self.ids = {document.id: self.create(document) for document in world.documents}
        self.now = ASKED_AT

    def create(self, document):
        body = {"content": document.text, "tier": "long", "content_type": document.content_type}
        body["metadata"] = document.metadata or {}
        self.now += timedelta(minutes=1)
        return self.service.create_memory(CALLER, {}, body, set()).data["id"]

    def read(self, name):
        self.service.get_memory(CALLER, {"memory_id": self.ids[name]}, None)

    def make_important(self, name):
        parameters = {"memory_id": self.ids[name]}
        self.service.update_memory(CALLER, parameters, {"importance_score": 1.0})

    def give_context(self, query):
        body = {"query": query, "max_tokens": 4000, "format": "text"}
        self.service.get_context(CALLER, {}, body)

    def first_right(self, query):
        """Return the share of the query's answers that the first result is."""
        body = {"query": query.text, "threshold": 0, "limit": 1}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(AccessLog, "record", lambda *_: None)
            results = self.service.search_memories(CALLER, {}, body).data["results"]
        gold = {self.ids[name] for name in query.gold}
        return measure([result["id"] for result in results], gold)[0]


@pytest.fixture(scope="module")
def embedder():
    return StoredVectors(default_embedder())


def loss(worlds, embedder, disturb):
    """Return by how much R@1 is lower after `disturb(memories, distractors)`."""
    drawing = random.Random(16)
    differences = []
    for world in worlds:
        for _ in range(DRAWS):
            drawn = drawing.sample([document.id for document in world.documents], 2 * DISTRACTORS)
            asked = [query for query in world.queries if not query.gold.intersection(drawn)]
            memories = Memories(world, embedder)
            before = [memories.first_right(query) for query in asked]
            disturb(memories, drawn)
            after = [memories.first_right(query) for query in asked]
            memories.service.close()
            differences += list(np.subtract(before, after))
    return np.mean(differences)


def read_some(memories, drawn):
    for name in drawn[:DISTRACTORS]:
        memories.read(name)


def make_some_important(memories, drawn):
    for name in drawn[DISTRACTORS:]:
        memories.make_important(name)


def do_both(memories, drawn):
    read_some(memories, drawn)
    make_some_important(memories, drawn)


@pytest.mark.parametrize("disturb", [read_some, make_some_important, do_both])
def test_twenty_others_hardly_ever_displace_the_right_memory(embedder, disturb):
    worlds = read_set(SETS / "facts_en.jsonl").worlds
    assert loss(worlds, embedder, disturb) <= MAX_LOSS


def share_of_new_values_found(worlds, embedder, prepare=lambda memories: None):
    """Return how often the memory with the value of now is the first result."""
    found = []
    for world in worlds:
        memories = Memories(world, embedder)
        prepare(memories)
        found += [memories.first_right(query) for query in world.queries if query.kind == "now"]
        memories.service.close()
    return np.mean(found)


def test_of_an_old_and_a_new_value_the_new_one_comes_first(embedder):
    assert share_of_new_values_found(read_set(SETS / "updates.jsonl").worlds, embedder) >= 0.6


def test_a_context_for_something_else_changes_nothing_about_old_and_new_values(embedder):
    worlds = read_set(SETS / "updates.jsonl").worlds
    before = share_of_new_values_found(worlds, embedder)
    after = share_of_new_values_found(
        worlds, embedder, lambda memories: memories.give_context("hello")
    )
    assert after == before
