"""Conditions of a store's searches, and which of them the service decides."""

from __future__ import annotations

import pytest
from langgraph.store.base import MatchCondition

from memoryos.integrations._langgraph_filters import (
    literal_prefix,
    matches,
    matches_namespace,
    value_conditions,
)


@pytest.mark.parametrize(
    ("value", "condition", "expected"),
    [
        (3, {"$gt": 2, "$lt": 4}, True),
        (3, {"$gt": 3}, False),
        (3, {"$gte": 3, "$lte": 3}, True),
        ("3", {"$gt": 2}, True),
        (None, {"$gt": 2}, False),
        ("x", {"$lt": 2}, False),
        (10**400, {"$gt": 2}, False),
        (None, {"$ne": 2}, True),
        ([1, {"a": 2}], [1, {"a": 2}], True),
        ([1, 2], [1], False),
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": {"n": 5}}, {"a": {"n": {"$gte": 5}}}, True),
        ("a", {"a": 1}, False),
    ],
)
def test_conditions_are_met_as_in_langgraph(value, condition, expected):
    assert matches({"field": value}, {"field": condition}) is expected


def test_the_service_decides_only_about_texts():
    """In JSON, true is not 1, and null is not a missing key; for LangGraph they are equal."""
    conditions = {"a": "x", "b": {"$eq": "y"}, "c": 1, "d": True, "e": None, "f": {"$ne": "z"}}
    assert value_conditions(conditions) == {"a": "x", "b": "y"}
    assert value_conditions({"a": "x" * 3000}) == {}
    assert value_conditions(None) == {}


def test_a_wildcard_stands_for_one_label():
    conditions = [MatchCondition("prefix", ("users", "*")), MatchCondition("suffix", ("v1",))]
    assert matches_namespace(("users", "alice", "v1"), conditions)
    assert not matches_namespace(("users", "v2"), conditions)
    assert not matches_namespace(("v1",), conditions)


def test_what_all_namespaces_begin_with_is_left_to_the_service():
    assert literal_prefix([MatchCondition("suffix", ("v1",))]) == ()
    assert literal_prefix([MatchCondition("prefix", ("users", "*", "v1"))]) == ["users"]
    with pytest.raises(ValueError, match="infix"):
        matches_namespace(("a",), [MatchCondition("infix", ("a",))])
