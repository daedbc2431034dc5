"""Updates in contexts: where the notes are that a memory has been replaced."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.both_stores

OLD = ("I'm vegetarian", {"date": "2024-01-02"})
NEW = ("I'm not vegetarian any more, I eat meat again", {"date": "2026-05-02"})


@pytest.fixture
def vegetarian(either):
    """A user who no longer is one."""
    for content, metadata in (OLD, NEW):
        either.create(content, tier="long", metadata=metadata)
    return either


@pytest.mark.parametrize("query", ["Suggest a dinner", "What should I cook tonight?"])
def test_for_a_request_an_outdated_fact_comes_with_its_note_and_after_its_update(vegetarian, query):
    lines = vegetarian.context(query)["context"].splitlines()[1:]
    assert lines[0] == "- 2026-05-02: I'm not vegetarian any more, I eat meat again"
    assert lines[1] == "- 2024-01-02 until 2026-05-02: I'm vegetarian"


def test_the_notes_are_also_at_memories_that_hardly_fit_the_query(vegetarian):
    for number in range(60):
        vegetarian.create(f"The ferry to the island left {number} guests behind", tier="long")
    context = vegetarian.context("Why did the ferry leave guests behind?", max_tokens=4000)
    assert "- 2024-01-02 until 2026-05-02: I'm vegetarian" in context["context"]
