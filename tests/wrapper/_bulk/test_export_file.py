"""Export files are lossless, and a damaged file is rejected before anything is imported."""

from __future__ import annotations

import json

import pytest

from memoryos import ValidationError
from memoryos._bulk.export_file import ExportWriter, checksum, read_export


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


def exported(*memories):
    """Return the lines of an export."""
    writer = ExportWriter()
    middle = [writer.memory(item) for item in memories]
    return [writer.header({"tier": None}), *middle, writer.footer()]


def test_what_is_exported_is_read_again_unchanged():
    """Field by field, the oldest first."""
    memories = [memory(2), memory(1)]
    assert read_export(iter(exported(*memories)), "x") == memories[::-1]


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
        read_export(iter(damage(exported(memory(1), memory(2)))), "x")
    assert raised.value.details["argument"] == "path"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([b"\xff\xfe"], "bad.db is not a memoryos export: line 1 isn't a JSON object"),
        ([b"{}"], "bad.db is not a memoryos export: line 1 doesn't name the format"),
        (exported(memory(1))[:-1], "bad.db is not complete: it ends after 1 memories"),
        ([*exported()[:1], b"{"], "bad.db is damaged: line 2 isn't a JSON object"),
    ],
)
def test_the_error_names_the_file_and_the_problem(lines, message):
    """With what to do where a new export helps."""
    with pytest.raises(ValidationError) as raised:
        read_export(iter(lines), "bad.db")
    assert raised.value.message.startswith(message)


def test_each_line_is_json_with_a_checksum():
    """So that other programs can read it."""
    first, line, last = map(json.loads, exported(memory(1)))
    assert (first["format"], last["count"]) == ("memoryos-export", 1)
    assert line["sha256"] == checksum(line["memory"])
