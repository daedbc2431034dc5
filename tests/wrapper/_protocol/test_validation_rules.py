"""Each rule of a schema at its boundary: the last value it takes and the first it rejects."""

from __future__ import annotations

import math
import traceback
import types

import pytest

from memoryos._protocol import validation
from memoryos.exceptions import ValidationError

UUID = "550e8400-e29b-41d4-a716-446655440000"
LETTERS = {"type": "string", "pattern": "^[a-z]+$"}
TAKEN = [
    ({"type": "string", "minLength": 2, "maxLength": 3}, "ab"),
    ({"type": "string", "minLength": 2, "maxLength": 3}, "abc"),
    ({"type": "string"}, ""),
    ({"type": "string"}, "ends in a line break\n"),
    ({"type": "string"}, "Ünïcödé 😀"),
    ({"type": "string", "format": "uuid"}, UUID),
    (LETTERS, "abc"),
    ({"type": "string", "enum": ["a", "b"]}, "b"),
    ({"type": "number", "minimum": 1, "maximum": 2}, 1),
    ({"type": "number", "minimum": 1, "maximum": 2}, 2.0),
    ({"type": "number"}, 1.7976931348623157e308),
    ({"type": "integer", "minimum": 1, "maximum": 2}, 1),
    ({"type": "integer", "minimum": 1, "maximum": 2}, 2),
    ({"type": "boolean"}, True),
    ({"type": "boolean"}, False),
    ({"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}}, ["a"]),
    ({"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}}, ["a", "b"]),
    ({"type": "array", "items": {"type": "string"}}, ("a", "b")),
    ({"type": "array", "items": {"type": "number"}}, [1, 0.5]),
    ({"type": "array", "items": {"type": "number"}}, [1e308, 1e308]),  # their sum is infinite
    ({"type": "object"}, {"a": {"b": [None, True, 1, 0.5, "c"]}}),
]
REJECTED = [
    ({"type": "string"}, 5, "name must be a string; got 5"),
    ({"type": "string"}, None, "name must be a string; got None"),
    (
        {"type": "string"},
        "é\ud800",
        "name must not contain unpaired surrogates; got one at position 1",
    ),
    ({"type": "string", "minLength": 2}, "a", "name must have at least 2 characters; got 'a'"),
    ({"type": "string", "maxLength": 2}, "abc", "name must have from 0 to 2 characters; got 'abc'"),
    ({"type": "string", "format": "uuid"}, "5", "name must be a UUID; got '5'"),
    (
        {"type": "string", "format": "uuid"},
        UUID + "0",
        f"name must be a UUID; got '{UUID}0'",
    ),
    (LETTERS, "a1", "name must match ^[a-z]+$; got 'a1'"),
    (LETTERS, "abc\n", "name must not end in a line break; got 'abc\\n'"),
    ({"type": "string", "enum": ["a", "b"]}, "c", "name must be one of 'a', 'b'; got 'c'"),
    ({"type": "string", "enum": ["a", "b"]}, ["a"], "name must be one of 'a', 'b'; got ['a']"),
    ({"type": "string", "enum": ["a", "b"]}, 5, "name must be one of 'a', 'b'; got 5"),
    ({"type": "number"}, "1", "name must be a number; got '1'"),
    ({"type": "number"}, True, "name must be a number; got True"),
    ({"type": "number"}, math.nan, "name must be a finite number; got nan"),
    ({"type": "number"}, math.inf, "name must be a finite number; got inf"),
    ({"type": "number"}, -math.inf, "name must be a finite number; got -inf"),
    ({"type": "number", "minimum": 1}, 0.99, "name must be at least 1; got 0.99"),
    ({"type": "number", "maximum": 2}, 2.01, "name must be at most 2; got 2.01"),
    ({"type": "integer"}, 1.0, "name must be a whole number; got 1.0"),
    ({"type": "integer"}, True, "name must be a whole number; got True"),
    ({"type": "integer"}, "1", "name must be a whole number; got '1'"),
    ({"type": "integer", "minimum": 1}, 0, "name must be at least 1; got 0"),
    ({"type": "integer", "maximum": 2}, 3, "name must be at most 2; got 3"),
    ({"type": "boolean"}, 1, "name must be True or False; got 1"),
    ({"type": "boolean"}, None, "name must be True or False; got None"),
    ({"type": "array"}, "ab", "name must be a list; got 'ab'"),
    ({"type": "array"}, {"a": 1}, "name must be a list; got {'a': 1}"),
    ({"type": "array", "minItems": 2}, [1], "name must have at least 2 items; got 1 of them"),
    (
        {"type": "array", "maxItems": 1},
        [1, 2],
        "name must have from 0 to 1 items; got 2 of them",
    ),
    (
        {"type": "array", "minItems": 2, "maxItems": 2},
        [1],
        "name must have exactly 2 items; got 1 of them",
    ),
    ({"type": "array", "items": {"type": "string"}}, ["a", 5], "name[1] must be a string; got 5"),
    ({"type": "array", "items": {"type": "string"}}, [1, 2], "name[0] must be a string; got 1"),
    (
        {"type": "array", "items": {"type": "number"}},
        [1, math.nan],
        "name[1] must be a finite number; got nan",
    ),
    ({"type": "array", "items": {"type": "number"}}, [1, "2"], "name[1] must be a number; got '2'"),
    ({"type": "object"}, [1], "name must be a dict; got [1]"),
    ({"type": "object"}, {1: 2}, "name must have strings as keys; got 1"),
    ({"type": "object"}, {"a": {None: 2}}, "name.a must have strings as keys; got None"),
    (
        {"type": "object"},
        {"\ud800": 1},
        "a key of name must not contain unpaired surrogates; got one at position 0",
    ),
    (
        {"type": "object"},
        {"a": ["\ud800"]},
        "name.a[0] must not contain unpaired surrogates; got one at position 0",
    ),
    (
        {"type": "object"},
        {"a": [0, {1}]},
        "name.a[1] must be JSON-serializable; got {1}",
    ),
    (
        {"type": "object"},
        {"a": math.inf},
        "name.a must be a finite number; got inf",
    ),
]


def nested(depth):
    """Return dicts in dicts."""
    value = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(("schema", "value"), TAKEN)
def test_the_last_value_that_fits_is_taken(schema, value):
    """As it is."""
    validation.check("name", value, schema)


@pytest.mark.parametrize(("schema", "value", "message"), REJECTED)
def test_the_first_value_that_does_not_fit_is_rejected(schema, value, message):
    """The error names the argument, the rule and the value."""
    with pytest.raises(ValidationError) as raised:
        validation.check("name", value, schema)
    error = raised.value
    assert (error.message, error.code, error.status) == (message, "VALIDATION_ERROR", 400)
    argument, rule = error.details["argument"], error.details["rule"]
    assert error.message.startswith(f"{argument} {rule}; got ")


def test_metadata_is_nested_at_most_100_deep():
    """The limit is the server's too, which counts in the same way."""
    validation.check("name", nested(100), {"type": "object"})
    with pytest.raises(ValidationError, match="must be nested at most 100 deep; got more"):
        validation.check("name", nested(101), {"type": "object"})


def test_a_checked_argument_is_what_json_takes():
    """A UUID in lower case, a mapping as a dict, numbers as a list; the rest is the same object."""
    assert validation.checked("name", UUID.upper(), {"type": "string", "format": "uuid"}) == UUID
    assert validation.checked("name", "ABC", {"type": "string"}) == "ABC"
    given = {"a": 1}
    assert validation.checked("name", given, {"type": "object"}) is given
    read_only = validation.checked("name", types.MappingProxyType(given), {"type": "object"})
    assert (type(read_only), read_only) == (dict, given)
    vector = {"type": "array", "items": {"type": "number"}}
    assert validation.checked("name", iter([1, 0.5]), vector) == [1, 0.5]
    with pytest.raises(ValidationError, match=r"^name must be a list of numbers; got 'ab'"):
        validation.checked("name", "ab", vector)
    with pytest.raises(ValidationError, match=r"^name must be finite numbers; got NaN or an inf"):
        validation.checked("name", [math.nan], vector)


def test_counts_and_choices_are_checked_by_the_same_rules():
    """For arguments that the contract does not have, such as the page size of an iteration."""
    validation.check_count("size", 2, 2, 3)
    validation.check_count("size", 3, 2, 3)
    for value in (1, 4, 2.5, True):
        with pytest.raises(ValidationError, match=r"^size must be"):
            validation.check_count("size", value, 2, 3)
    validation.check_choice("kind", "a", ["a", "b"])
    with pytest.raises(ValidationError, match=r"^kind must be one of 'a', 'b'; got 'c'"):
        validation.check_choice("kind", "c", ["a", "b"])


class EqualToAll:
    """Passes every comparison."""

    def __eq__(self, other):
        return True

    __hash__ = None


def test_what_only_says_that_it_is_a_choice_is_rejected():
    """A choice is a string, not something that equals one."""
    with pytest.raises(ValidationError, match=r"^name must be one of 'a', 'b'"):
        validation.check("name", EqualToAll(), {"type": "string", "enum": ["a", "b"]})


@pytest.mark.parametrize("check", [validation.check, validation.checked])
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "private \ud800"),
        ({"type": "object"}, {"key": "private \ud800"}),
        ({"type": "array", "items": {"type": "number"}}, ["private"]),
    ],
)
def test_no_traceback_shows_what_python_said_of_the_value(check, schema, value):
    """Its own errors quote the whole text."""
    with pytest.raises(ValidationError) as raised:
        check("name", value, schema)
    shown = "".join(traceback.format_exception(type(raised.value), raised.value, None))
    assert "UnicodeEncodeError" not in shown
    assert "TypeError" not in shown


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": ["string", "null"], "minLength": 2}, "ab"),
        ({"type": ["integer", "string"]}, "ab"),
        ({"type": ["integer", "string"]}, 3),
        ({}, {"any": ["JSON"]}),
        ({"type": "integer", "enum": [1, 2]}, 2),
        ({"enum": ["short", None]}, "short"),
    ],
)
def test_a_schema_with_several_types_or_none_accepts_each_of_its_values(schema, value):
    assert validation.checked("field", value, schema) == value


@pytest.mark.parametrize(
    ("schema", "value", "rule"),
    [
        ({"type": ["string", "null"], "minLength": 2}, "a", "at least 2"),
        ({"type": ["integer", "string"]}, 1.5, "whole number"),
        ({"type": "integer", "enum": [1, 2]}, True, "must be one of 1, 2"),
        ({"type": "integer", "enum": [1, 2]}, 3, "must be one of 1, 2"),
        ({"enum": ["short", None]}, "long", "must be one of 'short'; got"),
    ],
)
def test_a_schema_with_several_types_rejects_every_other_value(schema, value, rule):
    with pytest.raises(ValidationError, match=rule):
        validation.checked("field", value, schema)
