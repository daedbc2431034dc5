"""Export files are lossless, and a damaged file is rejected before anything is imported."""

from __future__ import annotations

import hashlib
import json

import pytest

from memoryos import InvalidResponseError, ValidationError
from memoryos._bulk.export_file import checksum

from ..export_files import exported, read_export, read_file


def memory(number, **fields):
    """Return a memory as the service returns it."""
    return {
        "id": f"id-{number}",
        "content": f"content {number} \u00e9\u4e2d\U0001f600",
        "metadata": {"n": number},
        "external_id": None,
        "parent_memory_id": None,
        "created_at": f"2026-01-0{number}T00:00:00Z",
        **fields,
    }


def test_what_is_exported_is_read_again_unchanged():
    """Field by field, the oldest first."""
    memories = [memory(2), memory(1)]
    assert read_export(exported(*memories)) == memories[::-1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:-1],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [*lines[:2], *lines[1:]],
        lambda lines: [line.replace(b"content 1", b"content 9") for line in lines],
        lambda lines: [*lines[:1], lines[1][:20], *lines[2:]],
        lambda lines: lines[1:],
        lambda lines: [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]],
        lambda lines: [],
        lambda lines: [b"\xff\xfe"],
    ],
    ids=["cut off", "a line less", "a line twice", "changed", "half a line", "no head", "newer",
         "empty", "binary"],
)  # fmt: skip
def test_a_damaged_file_is_refused(damage):
    """Whatever is missing, doubled or changed."""
    with pytest.raises(ValidationError) as raised:
        read_export(damage(exported(memory(1), memory(2))))
    assert raised.value.details["argument"] == "path"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([b"\xff\xfe"], "bad.db is not a memoryos export: line 1 isn't a JSON object"),
        ([b"{}"], "bad.db is not a memoryos export: line 1 doesn't name the format"),
        (exported(memory(1))[:-1], "bad.db is not complete: it ends after 1 memory;"),
        ([*exported()[:1], b"{"], "bad.db is damaged: line 2 isn't a JSON object"),
    ],
)
def test_the_error_names_the_file_and_the_problem(lines, message):
    """With what to do where a new export helps."""
    with pytest.raises(ValidationError) as raised:
        read_export(lines, "bad.db")
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("more", [exported(memory(3)), [exported(memory(3))[1]], [b"junk"]])
def test_what_follows_the_last_line_is_not_skipped(more):
    """Such as another export, where somebody has joined two files."""
    lines = [*exported(memory(1), memory(2)), b"\n", *more]
    with pytest.raises(ValidationError, match="x goes on after its last line, line 4"):
        read_export(lines)


def test_blank_lines_at_the_end_are_no_damage():
    lines = [*exported(memory(1)), b"\n", b" \r\n"]
    assert read_export(lines) == [memory(1)]


@pytest.mark.parametrize(
    ("grandchild", "child", "parent"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z"),
        ("2026-01-01T00:00:00.7Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z"),
        (None, 5, ["a"]),
    ],
    ids=["at once", "by other clocks", "with fractions", "odd"],
)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_parents_come_first_whatever_their_times_are(grandchild, child, parent, order):
    """Otherwise their children could not be linked to their new ids."""
    family = [
        memory(3, created_at=grandchild, parent_memory_id="id-2"),
        memory(2, created_at=child, parent_memory_id="id-1"),
        memory(1, created_at=parent),
    ]
    read = read_export(exported(*[family[place] for place in order]))
    assert [item["id"] for item in read] == ["id-1", "id-2", "id-3"]


def test_memories_with_odd_parents_are_all_read():
    """A circle of parents, one's own parent, the same id twice."""
    odd = [
        memory(1, parent_memory_id="id-2"),
        memory(2, parent_memory_id="id-1"),
        memory(3, parent_memory_id="id-3"),
        memory(4),
        memory(4, content="another"),
        memory(5, parent_memory_id=["id-1"]),
        memory(6, parent_memory_id="missing"),
    ]
    read = read_export(exported(*odd))
    assert sorted(map(repr, read)) == sorted(map(repr, odd))


def test_each_line_is_json_with_a_checksum():
    """So that other programs can read it."""
    first, line, last = map(json.loads, exported(memory(1)))
    assert (first["format"], last["count"]) == ("memoryos-export", 1)
    assert line["sha256"] == checksum(line["memory"])


ODD_VALUES = {
    "an unpaired surrogate": "a\ud83d",
    "two of them, the wrong way round": "\ude00\ud83d",
    "what looks like one": "\\ud83d",
    "a surrogate after a backslash": "\\\udfff",
    "a key": {"\ud800": 1},
    "a number that is too large": float("inf"),
    "one that is too small": [-float("inf"), 1e308],
    "words that look like it": ["Infinity", 'a "Infinity" -Infinity \\', {"Infinity": "NaN"}],
    "all at once": {"\udfff": [float("inf"), "Infinity\ud800"]},
    "an integer beyond 64 bits": 2**70,
    "negative zero": -0.0,
    "line ends": "\u2028\r\n\x85\0",
}


@pytest.mark.parametrize("value", ODD_VALUES.values(), ids=ODD_VALUES.keys())
@pytest.mark.parametrize("field", ["content", "metadata", "new_field"])
def test_every_value_that_a_service_can_send_is_kept(field, value):
    """Escaped, or as a number that is read as the same: each line is UTF-8."""
    if field == "content" and not isinstance(value, str):
        value = f"content {value}"
    odd = memory(1, **{field: value})
    lines = exported(odd, memory(2))
    assert read_export(lines) == [odd, memory(2)]
    assert repr(read_export(lines)[0]) == repr(odd)
    for line in lines:
        assert b"Infinity" not in line or "Infinity" in repr(value)
        json.loads(line.decode("utf-8"))


def test_the_checksum_of_an_odd_value_notices_a_change():
    lines = exported(memory(1, metadata={"a": "\ud83d", "b": float("inf")}))
    for old, new in ((rb"\ud83d", rb"\ud83e"), (b"1e999", b"-1e999")):
        assert old in lines[1]
        with pytest.raises(ValidationError, match="line 2 doesn't match its checksum"):
            read_export([lines[0], lines[1].replace(old, new), lines[2]])


def test_the_checksum_of_a_plain_value_stays_what_it_was():
    """Files of other versions can be read."""
    text = json.dumps(memory(1), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert checksum(memory(1)) == hashlib.sha256(text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (5, "the memory isn't an object"),
        ([], "the memory isn't an object"),
        (None, "the memory isn't an object"),
        ({"content": "a"}, "the memory has no id that is a string"),
        (memory(1, id=["a"]), "the memory has no id that is a string"),
    ],
)
def test_a_line_without_a_usable_memory_is_kept_with_its_problem(wrong, reason):
    """Although its checksum is right; the other lines can be imported."""
    file = read_file(exported(memory(3), wrong, memory(2)))
    assert file.bad_lines == [(3, len(b"".join(exported(memory(3))[:2])), reason)]
    assert [entry.line for entry in file.memories] == [4, 2]


def test_a_memory_that_is_nested_too_deeply_is_named():
    """By an error of the SDK; the file is not written."""
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidResponseError, match="memory id-1 is nested too deeply"):
        exported(memory(1, metadata={"a": deep}))
