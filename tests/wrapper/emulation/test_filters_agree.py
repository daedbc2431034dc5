"""The SDK's own filters select what those of the local Memory OS select."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..stand_ins import HasAll, IgnoresUnknown, StandIn

pytestmark = pytest.mark.local_server

TAGS = ["a", "A", " a ", "ä", "a\u0308", "a:b", "*", '"', "b c"]
VALUES = [None, True, False, 0, 1, 1.0, -0.0, "1", "", [1], [True], {"x": 1, "y": []}, {}, 1e300]
KEYS = ["key", "a.b", 'quo"te', "$", "ä", ""]
IDS = ["x", "X", "ä", "a\u0308"]


metadata = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
tags = st.lists(st.sampled_from(TAGS), max_size=3)
memories = st.fixed_dictionaries(
    {"metadata": metadata, "tags": tags},
    optional={
        "external_id": st.sampled_from(IDS),
        "content_type": st.sampled_from(["text", "fact"]),
        "memory_nature": st.sampled_from(["episodic", "semantic"]),
    },
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "metadata": metadata.map(lambda wanted: dict(list(wanted.items())[:1])),
        "tags": tags,
        "external_id": st.sampled_from(IDS),
        "content_type": st.sampled_from(["text", "fact"]),
    },
)


@settings(max_examples=30)
@given(st.lists(memories, min_size=1, max_size=8), st.lists(filters, min_size=1, max_size=5))
def test_that_both_select_the_same(stored, wanted):
    """Lists, searches and contexts."""
    stand_ins = StandIn(IgnoresUnknown()), StandIn(HasAll())
    with stand_ins[0].client() as emulated, stand_ins[1].client() as served:
        for client in (emulated, served):
            for number, fields in enumerate(stored):
                given_tags = {"tags": fields["tags"]}  # which replace those of `fields`
                described = {**fields, "metadata": {**fields["metadata"], **given_tags}}
                client.memories.create(f"number {number}", **described)
        for conditions in wanted:
            found = [selected(client, conditions) for client in (emulated, served)]
            assert found[0] == found[1], conditions


def selected(client, conditions):
    """Return the contents that each way of reading finds."""
    in_search = {"query": "number", **conditions}
    return (
        [item["content"] for item in client.memories.list(**conditions)["data"]],
        sorted(item["content"] for item in client.search(threshold=0, **in_search)["results"]),
        sorted(item["content"] for item in client.get_context(**in_search)["memories"]),
    )
