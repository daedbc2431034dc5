"""Checking values that have their own rules: JSON in metadata, and numbers in many containers."""

from __future__ import annotations

import array
import collections
import datetime as dt
import decimal
import enum
import json
import math
import types
import uuid

import pytest

from memoryos._protocol import operations, validation
from memoryos.exceptions import ValidationError


class Color(str, enum.Enum):
    RED = "red"


class Unwritable:
    def __repr__(self):
        raise RuntimeError("no repr")


def with_metadata(metadata):
    """Return the metadata that a creation sends."""
    arguments = {"content": "x", "metadata": metadata}
    call = operations.build_call(operations.create_memory, arguments)
    return json.loads(call.content)["metadata"]


def nested(depth):
    """Return lists in lists."""
    value = []
    for _ in range(depth):
        value = [value]
    return value


def endless():
    """Return a list that holds itself."""
    value = []
    value.append(value)
    return value


JSON_VALUES = {
    "null": None,
    "true": True,
    "a number": 1.5,
    "a big number": 2**70,
    "text": "é😀\x00\u2028",
    "a list": [1, [2, [3]]],
    "a dict": {"a": {"b": {"": []}}},
    "an ordered dict": collections.OrderedDict(b=1, a=2),
    "a string of an enum": Color.RED,
    "deep": nested(90),
}

NOT_JSON = {
    "NaN": math.nan,
    "an infinity": -math.inf,
    "a set": {1, 2},
    "an object": object(),
    "bytes": b"bytes",
    "a date": dt.date(2026, 1, 1),
    "a UUID": uuid.UUID(int=0),
    "a decimal": decimal.Decimal(1),
    "a complex number": 1j,
    "a function": len,
    "a lone surrogate": "\ud83d",
    "a lone surrogate in a key": {"\ud83d": 1},
    "a number as key": {1: "a"},
    "None as key": {None: "a"},
    "a mapping that is no dict": types.MappingProxyType({"a": 1}),
    "a list in itself": endless(),
    "deeper than any document": nested(5000),
}


@pytest.mark.parametrize("value", JSON_VALUES.values(), ids=JSON_VALUES.keys())
def test_metadata_can_be_any_json(value):
    """It arrives as it was given."""
    assert with_metadata({"key": value}) == {"key": value}


def test_metadata_can_be_any_mapping():
    """A read-only one, for example; a tuple in it is a list to JSON."""
    assert with_metadata(types.MappingProxyType({"key": (1, 2)})) == {"key": [1, 2]}


@pytest.mark.parametrize("value", NOT_JSON.values(), ids=NOT_JSON.keys())
@pytest.mark.parametrize(
    "wrap",
    [lambda value: {"key": value}, lambda value: {"key": [0, value]}],
    ids=["in the dict", "in a list in it"],
)
def test_metadata_that_json_can_not_hold_is_refused(value, wrap):
    """The error says where in the metadata it stands."""
    with pytest.raises(ValidationError, match="metadata"):
        with_metadata(wrap(value))


def test_the_place_in_the_metadata_is_named():
    """A path from the argument to the value."""
    with pytest.raises(ValidationError) as raised:
        with_metadata({"a": [0, {"b": math.nan}]})
    assert raised.value.details["argument"] == "metadata.a[1].b"
    assert raised.value.message.endswith("got nan")


def test_a_long_value_is_shown_by_its_beginning():
    """An error is a sentence, not a document."""
    with pytest.raises(ValidationError) as raised:
        with_metadata({"k" * 5000: {"set", "y" * 5000}})
    assert len(raised.value.message) < 250


def test_text_with_a_lone_surrogate_is_not_shown():
    """It could not be printed either; its position is told."""
    with pytest.raises(ValidationError) as raised:
        with_metadata({"key": "private text \ud800"})
    assert raised.value.message.endswith("got one at position 13")
    assert "private" not in f"{raised.value!s} {raised.value.__cause__!r}"


def test_a_number_that_python_does_not_write_is_refused():
    """Python itself stops at 4300 digits, with an error of its own."""
    with pytest.raises(ValidationError, match="metadata"):
        with_metadata({"key": 10**5000})


def test_a_value_that_can_not_be_shown_is_refused_all_the_same():
    """An application's own __repr__ may fail."""
    with pytest.raises(ValidationError, match="metadata"):
        with_metadata({"key": Unwritable()})


class NumpyLike:
    """An array that gives its numbers the way numpy does."""

    def __init__(self, values):
        self._values = values

    def __len__(self):
        return len(self._values)

    def tolist(self):
        return self._values


VECTOR = [0.25, -1.0, 3.0]

CONTAINERS = {
    "a list": list,
    "a tuple": tuple,
    "an array of doubles": lambda values: array.array("d", values),
    "an array of floats": lambda values: array.array("f", values),
    "a numpy array": NumpyLike,
    "an iterator": iter,
    "a deque": collections.deque,
    "a memoryview": lambda values: memoryview(array.array("d", values)),
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_numbers_are_read_from_any_container(container):
    """Whatever an embedding model returns."""
    assert validation.numbers("embedding", container(VECTOR)) == VECTOR


def test_a_real_numpy_array_is_read():
    """float32, as models give it, included."""
    numpy = pytest.importorskip("numpy", reason="numpy is not installed")
    for kind in ("float32", "float64", "int64"):
        values = validation.numbers("embedding", numpy.array([1, 2, 3], dtype=kind))
        assert json.dumps(values) in ("[1.0, 2.0, 3.0]", "[1, 2, 3]")


NO_NUMBERS = {
    "text": "0.1, 0.2",
    "bytes": b"\x00\x01",
    "a dict": {0: 0.5},
    "a number": 0.5,
    "an object": object(),
    "strings": ["0.1", "0.2"],
    "None among them": [0.1, None],
    "lists": [VECTOR, VECTOR],
    "a matrix": NumpyLike([VECTOR, VECTOR]),
    "a scalar": NumpyLike(0.5),
    "characters": array.array("u", "ab") if hasattr(array, "u") else ["a", "b"],
    "complex numbers": [1j],
    "NaN": [0.1, math.nan],
    "an infinity": [0.1, math.inf],
    "an integer past every float": [10**400],
}


@pytest.mark.parametrize("values", NO_NUMBERS.values(), ids=NO_NUMBERS.keys())
def test_what_holds_no_numbers_is_refused(values):
    """NaN would be no JSON, and a dict would lose its values."""
    with pytest.raises(ValidationError, match=r"^embedding .*numbers"):
        validation.numbers("embedding", values)


@pytest.mark.parametrize("value", [True, decimal.Decimal("0.5")])
def test_an_embedding_holds_plain_numbers_only(value):
    """A bool or a Decimal among them is a mistake, and its position is told."""
    vector = [0.5] * 1536
    vector[7] = value
    with pytest.raises(ValidationError, match=r"^embedding\[7\] must be a number"):
        operations.build_call(operations.search_memories, {"embedding": vector})


@pytest.mark.parametrize("count", [0, 1, 1535, 1537, 3072])
def test_an_embedding_of_another_length_is_refused(count):
    """The vector of another model; the error tells both lengths."""
    with pytest.raises(ValidationError, match=rf"^embedding .*1536.*{count}"):
        operations.build_call(operations.search_memories, {"embedding": [0.5] * count})


@pytest.mark.parametrize(
    ("schema", "value", "rule"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 100}, 0, "must be from 1 to 100"),
        ({"type": "integer", "minimum": 0}, -1, "must be at least 0"),
        (
            {"type": "integer", "minimum": 0, "maximum": 2147483647},
            -1,
            "must be from 0 to 2147483647",
        ),
        ({"type": "number", "maximum": 1}, 2, "must be at most 1"),
        ({"type": "number", "minimum": 0, "maximum": 1}, 1.5, "must be from 0 to 1"),
        ({"type": "string", "minLength": 1}, "", "must have at least 1 character"),
        ({"type": "string", "minLength": 2}, "", "must have at least 2 characters"),
        ({"type": "string", "maxLength": 1}, "ab", "must have from 0 to 1 characters"),
        (
            {"type": "string", "minLength": 1, "maxLength": 9},
            "",
            "must have from 1 to 9 characters",
        ),
        ({"type": "array", "minItems": 2, "maxItems": 2}, [1], "must have exactly 2 items"),
        ({"type": "array", "minItems": 2}, [1], "must have at least 2 items"),
        ({"type": "string", "enum": ["a", "b"]}, "c", "must be one of 'a', 'b'"),
    ],
)
def test_a_rule_is_said_in_words(schema, value, rule):
    """A person reads it and knows what to pass."""
    with pytest.raises(ValidationError) as raised:
        validation.check("name", value, schema)
    assert raised.value.details["rule"] == rule
