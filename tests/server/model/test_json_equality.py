"""Equal JSON values, and only these, have the same canonical text."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.model.json_equality import canonical_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
SMALL = st.sampled_from([None, True, False, 0, 1, -0.0, 0.0, 1.0, "", "1", "true", "null"])
FEW = st.recursive(
    SMALL,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)


def are_equal(one, other):
    """Compare two JSON values as the contract says, without canonical texts."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return Decimal(repr(one)) == Decimal(repr(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(are_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(are_equal(one[k], other[k]) for k in one)
    return type(one) is type(other) and one == other


@given(FEW | VALUES, FEW | VALUES)
def test_texts_are_the_same_for_equal_values_only(one, other):
    assert (canonical_json(one) == canonical_json(other)) is are_equal(one, other)


@given(VALUES)
def test_a_canonical_text_is_json_of_an_equal_value(value):
    text = canonical_json(value)
    assert are_equal(json.loads(text), value)
    assert canonical_json(json.loads(text)) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"),
        ("100", "1e2"),
        ("-0.0", "0"),
        ("1e23", "100000000000000000000000"),
        ("9007199254740993", "9007199254740993"),
        ('{"a":{"b":1,"c":2}}', '{"a":{"c":2.0,"b":1}}'),
        (r'"\u00e9"', '"é"'),
    ],
)
def test_different_spellings_of_one_value_are_equal(one, other):
    assert canonical_json(json.loads(one)) == canonical_json(json.loads(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "true"),
        ("0", "false"),
        ("null", '"null"'),
        ("1", '"1"'),
        ("9007199254740993", "9007199254740992.0"),
        ("[1,2]", "[2,1]"),
        ('{"a":null}', "{}"),
        (r'"e\u0301"', '"é"'),
        ('"a"', '"A"'),
    ],
)
def test_values_that_only_look_alike_are_not_equal(one, other):
    assert canonical_json(json.loads(one)) != canonical_json(json.loads(other))
