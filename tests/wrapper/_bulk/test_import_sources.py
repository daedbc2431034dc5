"""What can be read as a file to import: encodings, line ends, pipes; and what is refused, why."""

from __future__ import annotations

import bz2
import codecs
import gzip
import json
import lzma
import os
import threading
from pathlib import Path

import pytest

import memoryos_api
from memoryos import ValidationError
from memoryos._bulk.file_arguments import check_path
from memoryos._bulk.import_file import MEMORY_FIELDS, read_import_file
from memoryos._bulk.import_source import open_source

from ..export_files import editable, exported, read_file


def memory(number, **fields):
    fields = {"created_at": f"2026-01-01T00:00:0{number}Z", **fields}
    return {"id": f"id-{number}", "content": f"content {number} é中\U0001f600", **fields}


LINES = b"".join(exported(memory(2), memory(1)))
TEXT = LINES.decode("utf-8")


def contents(path):
    with open_source(Path(path)) as source:
        file = read_import_file(source.lines(), source.name)
        assert [source.line_at(entry.offset) for entry in file.memories] == [
            line + b"\n" for line in reversed(LINES.split(b"\n")[1:3])
        ]
        return [entry.memory for entry in file.memories]


ENCODED = {
    "UTF-8 with a BOM": codecs.BOM_UTF8 + LINES,
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16, big-endian": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "UTF-16 without a BOM": TEXT.encode("utf-16-le"),
    "UTF-32": TEXT.encode("utf-32"),
    "no last line end": LINES.rstrip(b"\n"),
}


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_each_unicode_encoding_is_read(content, tmp_path):
    (tmp_path / "file").write_bytes(content)
    assert contents(tmp_path / "file") == [memory(1), memory(2)]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace("\n", "\r\n").encode("utf-8"),
        TEXT.replace("\n", "\r\n").encode("utf-16"),
        TEXT.replace("\n", "\r\r\n").encode("utf-8-sig"),
        TEXT.replace("\n", "\n \r\n\n").encode("utf-8"),
        b"\n" + LINES,
    ],
)
def test_line_ends_of_windows_and_blank_lines_are_read(content, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with open_source(tmp_path / "file") as source:
        file = read_import_file(source.lines(), source.name)
    assert [entry.memory for entry in file.memories] == [memory(1), memory(2)]


@pytest.mark.skipif(os.name == "nt", reason="named pipes of Unix")
@pytest.mark.parametrize("content", [LINES, TEXT.encode("utf-16")], ids=["UTF-8", "UTF-16"])
def test_a_pipe_is_read(content, tmp_path):
    """Once; its lines can be read again for a file of rejects."""
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(content,))
    writer.start()
    assert contents(tmp_path / "pipe") == [memory(1), memory(2)]
    writer.join()


REFUSED = {
    "gzip": (gzip.compress(LINES), r"x is compressed \(gzip\); decompress it first"),
    "bzip2": (bz2.compress(LINES), r"x is compressed \(bzip2\)"),
    "xz": (lzma.compress(LINES), r"x is compressed \(xz\)"),
    "zip": (b"PK\x03\x04abcd", r"x is compressed \(zip\)"),
    "empty": (b"", "x is empty"),
    "blank": (b"\n \r\n", "x is empty"),
    "an array": (b'[{"content": "a"}]', "line 1 isn't a JSON object"),
    "no header": (b'{"content": "a"}\n' + LINES, "line 1 doesn't name the format"),
    "Latin-1": (TEXT.encode("latin-1", "replace"), "line 2 isn't a JSON object; it is not UTF-8"),
    "UTF-16 cut off": (TEXT.encode("utf-16")[:-3], "line 4 is not valid UTF-16; save the file as"),
    "a surrogate": (
        (TEXT[:-50] + "\ud800" + TEXT[-50:]).encode("utf-16", "surrogatepass"),
        "line 4 is not valid UTF-16",
    ),
    "null characters": (b"\0" * 100, "x is not a memoryos export: line 1"),
    "nested too deeply": (
        LINES.replace(b'"id":"id-1"', b'"a":' + b"[" * 100_000 + b"]" * 100_000),
        "line 3 is nested too deeply",
    ),
    "an integer with too many digits": (
        LINES.replace(b'"id":"id-1"', b'"id":' + b"9" * 10_000),
        "line 3 ",
    ),
    "a list as version": (b'{"format":"memoryos-export","version":[1]}\n', "version 1; update"),
    "joined": (LINES + LINES, "goes on after its last line, line 4; import each export"),
    "joined, the second with a BOM": (LINES + codecs.BOM_UTF8 + LINES, "line 4; import each"),
    "joined with other filters": (
        LINES + LINES.replace(b'"filters":{}', b'"filters":{"tier":"long"}'),
        "line 4; import each export from a file of its own",
    ),
    "joined, the first cut off": (
        b"".join(LINES.splitlines(keepends=True)[:2]) + LINES,
        "another export begins in line 3; import each export from a file of its own",
    ),
    "joined, with JSON Lines between": (LINES + b'{"content":"a"}\n' + LINES, "line 4; import"),
    "joined, with JSON Lines in the first": (
        b"".join(LINES.splitlines(keepends=True)[:2]) + b'{"content":"a"}\n' + LINES,
        "x is damaged: line 3 contains no memory",
    ),
    "parents that are no object": (b"".join(editable(parents="[]")), "isn't an object"),
    "parents that are no ids": (b"".join(editable(parents='{"a":1}')), "are not ids"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_export_is_refused_with_the_reason(content, reason, tmp_path):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValidationError, match=reason) as raised, open_source(
        tmp_path / "x"
    ) as source:
        read_import_file(source.lines(), source.name)
    assert raised.value.details["argument"] == "path"


def test_each_line_of_an_editable_file_stands_alone():
    """Its checksums are ignored, and it needs no last line."""
    good = exported(memory(1))[1]
    lines = editable(
        good.replace(b"content", b"changed"),
        b"{bad\n",
        b'{"content":"a"}\n',
        b"\xff\n",
        b'{"memory":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
        b'{"memory":{"id":"2","content":"a","content":"b"}}\n',
        b'{"memory":{"id":"3","metadata":{"a":[{"b":1,"b":2}]}}}\n',
        b'{"memory":{"id":"4","content":"a"}}',
        parents='{"old":"new"}',
    )
    file = read_file(lines)
    assert {entry.line for entry in file.memories} == {2, 9}
    assert [(bad.line, bad.problem) for bad in file.bad_lines] == [
        (3, "the line isn't a JSON object"),
        (4, "the line contains no memory"),
        (5, "the line isn't a JSON object; it is not UTF-8"),
        (6, "the line is nested too deeply"),
        (7, "the key 'content' is there twice"),
        (8, "the key 'b' is there twice"),
    ]
    assert file.parents == {"old": "new"}


@pytest.mark.parametrize("name", ["tags", "importance", "Content", "\ud800"])
def test_a_field_that_no_memory_has_is_found_in_a_line_written_by_hand(name):
    """It would be lost. A newer service may have exported more fields than this SDK knows."""
    good = {"id": "1", "content": "a"}
    bad = {**good, name: ["alice"]}
    by_hand = [json.dumps({"memory": one}).encode() + b"\n" for one in (good, bad)]
    file = read_file(editable(*by_hand, exported(bad)[1]))
    assert [entry.line for entry in file.memories] == [2, 4]
    assert [bad.line for bad in file.bad_lines] == [3]
    assert file.bad_lines[0].problem.startswith(f"a memory has no field {name!r}")
    assert ("metadata" in file.bad_lines[0].problem) == (name == "tags")


@pytest.mark.parametrize("name", ["tags", "metadata", "note", "\ud800"])
def test_a_field_beside_the_memory_is_found_in_a_line_written_by_hand(name):
    """It would be lost. A newer service may have exported more of them."""
    good = {"memory": {"id": "1", "content": "a"}}
    by_hand = {"memory": {"id": "2", "content": "a"}, name: ["alice"]}
    by_service = {**json.loads(exported(memory(3))[1]), name: ["alice"]}
    lines = [json.dumps(one).encode() + b"\n" for one in (good, by_hand, by_service)]
    file = read_file(editable(*lines))
    assert {entry.line for entry in file.memories} == {2, 4}
    [bad] = file.bad_lines
    assert bad.line == 3
    assert bad.problem == f"{name!r} must be inside the memory, not beside it"


def test_an_id_that_is_there_twice_is_found_in_lines_written_by_hand():
    """The parent of its children would be unclear."""
    lines = [
        b'{"memory":{"id":"%s","content":"%s"}}\n' % pair for pair in ((b"1", b"a"), (b"2", b"b"))
    ]
    file = read_file(editable(*lines, lines[0].replace(b'"a"', b'"c"'), lines[0]))
    assert {entry.line for entry in file.memories} == {2, 3}
    assert [(bad.line, bad.problem) for bad in file.bad_lines] == [
        (4, "the id '1' is that of the memory in line 2"),
        (5, "the id '1' is that of the memory in line 2"),
    ]


def test_the_fields_of_a_memory_are_those_of_the_contract():
    schemas = json.loads(Path(memoryos_api.__file__).with_name("contract.json").read_bytes())
    assert set(schemas["components"]["schemas"]["Memory"]["properties"]) == MEMORY_FIELDS


def test_a_file_written_by_hand_needs_a_header_that_says_so():
    lines = [b'{"format":"memoryos-export","version":1}\n', b'{"memory":{"id":"1"}}\n']
    with pytest.raises(ValidationError, match=r'line 2 has no checksum; .* "checksums": false'):
        read_file(lines)


def test_a_key_that_is_there_twice_is_found_in_an_export():
    """Although the checksum is right for the second value."""
    lines = exported(memory(1))
    lines[1] = lines[1].replace(b'{"id":', b'{"content":"lost","id":')
    assert read_file(lines).bad_lines[0].problem == "the key 'content' is there twice"


def test_an_export_whose_header_was_edited_needs_no_checksums():
    """Its last line doesn't have to match."""
    lines = exported(memory(1), memory(2))
    lines[0] = lines[0].replace(b'"version":1', b'"version":1,"checksums":false')
    lines[1] = lines[1].replace(b"content 1", b"changed")
    assert len(read_file(lines).memories) == 2
    with pytest.raises(ValidationError, match="goes on after its last line"):
        read_file([*lines, *exported(memory(3))])


class _BytesPath:
    def __fspath__(self):
        return b"a"


@pytest.mark.parametrize(
    "path", [None, 5, True, 1.5, b"a", "", "a\0b", "\ud800", [], {}, object(), _BytesPath()]
)
def test_a_path_that_no_file_has_is_an_error(path):
    with pytest.raises(ValidationError) as raised:
        check_path("path", path)
    assert raised.value.details["argument"] == "path"


def test_a_path_may_be_of_any_kind(tmp_path):
    class Entry:
        def __fspath__(self):
            return "a"

    for path in ("a", Path("a"), Entry()):
        assert check_path("path", path) == Path("a")
    assert check_path("path", "\udcff") == Path("\udcff")
