"""The same with the embedder that people use: equal answers, and found by meaning."""

from __future__ import annotations

import pytest

from .implementations import IMPLEMENTATIONS, empty_memory
from .scenarios_memories import contents
from .servers import serving
from .transcripts import differences

pytestmark = pytest.mark.embedder

MEMORIES = (
    "Does not eat meat, and is allergic to peanuts",
    "Has two cats, Miso and Pixel",
    "Works night shifts as a nurse",
    "The spare key is with the neighbour on the left",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The local Memory OS as it comes."""
    with serving(tmp_path_factory.mktemp("served") / "memories.db", "minilm") as server:
        yield server


def what_is_asked_in_other_words_is_found(memory):
    for content in MEMORIES:
        memory.memories.create(content, tier="long", content_type="fact")
    for question, expected in (
        ("Which foods must be avoided?", MEMORIES[0]),
        ("Are there any pets?", MEMORIES[1]),
        ("How does she earn her living?", MEMORIES[2]),
    ):
        found = memory.search(question, threshold=0.5)
        assert found["search_type"] == "semantic"
        assert contents(found["results"])[0] == expected
    assert memory.search("the theory of relativity")["results"] == []
    context = memory.get_context("I have locked myself out", max_tokens=30)
    assert MEMORIES[3] in context["context"]


def a_new_content_is_found_by_its_new_meaning(memory):
    made = memory.memories.create(MEMORIES[1], tier="long")
    assert memory.search("Are there any pets?")["results"]
    memory.memories.update(made["id"], content=MEMORIES[2])
    assert memory.search("Are there any pets?")["results"] == []
    assert contents(memory.search("What is her profession?", threshold=0.5)["results"])


def a_long_text_is_found_by_what_stands_at_its_end(memory):
    filler = "The minutes of the meeting were read and approved without changes. " * 60
    memory.memories.create(filler + "Miso the cat sleeps on the piano.", tier="long")
    memory.memories.create(filler, tier="long")
    best = memory.search("minutes, and a cat on a piano", threshold=0)["results"][0]
    assert best["content"].endswith("piano.")


@pytest.mark.parametrize(
    "scenario",
    [
        what_is_asked_in_other_words_is_found,
        a_new_content_is_found_by_its_new_meaning,
        a_long_text_is_found_by_what_stands_at_its_end,
    ],
    ids=lambda scenario: scenario.__name__,
)
def test_each_implementation_finds_alike_by_meaning(scenario, server, tmp_path):
    """Scores included: a process of its own calculates as this one does."""
    transcripts = []
    for implementation in IMPLEMENTATIONS:
        with empty_memory(implementation, server, tmp_path) as memory:
            scenario(memory)
            transcripts.append(memory.transcript.entries)
    assert [differences(transcripts[0], other) for other in transcripts[1:]] == [[], [], []]
