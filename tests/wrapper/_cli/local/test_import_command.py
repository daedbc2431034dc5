"""`memoryos import`: bad lines, files of rejects, encodings of standard input, interruptions."""

from __future__ import annotations

import io
import json
import sys

import pytest

from memoryos._bulk.rejects_file import rejects_file
from memoryos._cli.main import main

from ...export_files import exported


def item(number, **fields):
    time = f"2026-01-01T00:00:{number:02}Z"
    return {"id": f"id-{number}", "content": f"content {number}", "created_at": time, **fields}


@pytest.fixture
def imported(run, data):
    """A function that imports a file into the Memory OS of this machine."""
    return lambda *arguments: run("import", "--data", data, *arguments)


@pytest.fixture
def file(tmp_path):
    """An export with a bad line, line 3."""
    path = tmp_path / "file.jsonl"
    path.write_bytes(b"".join(exported(item(3), item(2, importance_score=7), item(1))))
    return path


def test_a_bad_line_stops_before_anything_is_stored(imported, memory, file):
    """The message names it, and what to do."""
    for options in ((), ("--dry-run",), ("--on-error", "stop")):
        result = imported(file, *options)
        assert (result.status, result.out) == (1, "")
        assert result.err == (
            "memoryos import: file.jsonl: line 3: importance_score must be from 0 to 1; got 7. "
            "Nothing was stored; on_error='reject' (--on-error reject) imports the others\n"
        )
    assert list(memory.memories.iterate()) == []


def test_rejected_lines_are_named_and_written(imported, memory, file, tmp_path):
    """Exit status 1; the file is corrected and imported."""
    rejects = tmp_path / "rejects.jsonl"
    result = imported(file, "--rejects", rejects)
    assert (result.status, result.out) == (1, "2 created, 0 updated, 0 skipped, 1 rejected\n")
    assert result.err.splitlines() == [
        "line 3: importance_score must be from 0 to 1; got 7",
        f"1 rejected line written to {rejects}; correct and import that file",
    ]
    again = imported(file, "--rejects", rejects)
    assert (again.status, again.err) == (
        2,
        f"memoryos import: {rejects} exists; choose another file for --rejects\n",
    )
    rejects.write_bytes(rejects.read_bytes().replace(b":7", b":0.7"))
    assert imported(rejects).out == "1 created, 0 updated, 0 skipped\n"
    assert memory.memories.list()["meta"]["total"] == 3


def test_rejects_cannot_go_to_standard_input(imported, memory, file):
    """A file with the name - would be written."""
    result = imported(file, "--rejects", "-")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "memoryos import: --rejects needs the name of a file; - is standard input\n"
    )
    assert list(memory.memories.iterate()) == []


def test_rejecting_needs_no_file(imported, file):
    result = imported(file, "--on-error", "reject", "--json")
    assert result.status == 1
    report = json.loads(result.out)
    assert (report["created"], report["rejected"]) == (2, 1)
    assert report["rejected_lines"] == [
        {"line": 3, "memory_id": "id-2", "message": "importance_score must be from 0 to 1; got 7"}
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(imported, memory, file, tmp_path):
    rejects = tmp_path / "rejects.jsonl"
    result = imported(file, "--dry-run", "--rejects", rejects)
    assert result.status == 1
    assert result.out == "Would be 2 created, 0 updated, 0 skipped, 1 rejected\n"
    assert result.err == "line 3: importance_score must be from 0 to 1; got 7\n"
    assert not rejects.exists()
    assert list(memory.memories.iterate()) == []


def test_times_are_kept_as_such_or_in_the_metadata(imported, memory, tmp_path):
    path = tmp_path / "good.jsonl"
    for number, options in ((1, ()), (2, ("--without-dates",))):
        path.write_bytes(b"".join(exported(item(number))))
        assert imported(path, *options).status == 0
    second, first = memory.memories.iterate()
    assert first["created_at"] == "2026-01-01T00:00:01.000000Z"
    assert second["metadata"] == {"imported_created_at": "2026-01-01T00:00:02Z"}


def test_options_that_contradict_each_other_are_an_error(imported, file):
    result = imported(file, "--on-error", "stop", "--rejects", "file")
    assert (result.status, result.err) == (
        2,
        "memoryos import: --rejects can't be combined with --on-error stop\n",
    )


def test_a_line_that_only_the_service_refuses_is_named(imported, memory, tmp_path):
    """With what was done before; the next run goes on."""
    path = tmp_path / "file.jsonl"
    lines = exported(item(3), item(2, metadata={"a": "x" * 70_000}), item(1))
    path.write_bytes(b"".join(lines))
    for counts in ("1 created, 0 updated and 0 skipped", "0 created, 0 updated and 1 skipped"):
        result = imported(path)
        assert result.status == 1
        assert "file.jsonl: line 3: body.metadata: must have at most" in result.err
        assert f"The import ended there, with {counts};" in result.err
    assert memory.memories.list()["meta"]["total"] == 1
    assert imported(path, "--on-error", "reject").out.endswith("1 skipped, 1 rejected\n")


GOOD = b"".join(exported(item(2), item(1)))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode("ascii").encode("utf-16"),
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n", b"\r\n").decode("ascii").encode("utf-16"),
    ],
    ids=["BOM", "UTF-16", "CRLF", "UTF-16 and CRLF"],
)
def test_standard_input_is_read_in_each_encoding(memory, data, monkeypatch, capsys, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["import", "--data", str(data), "-"]) == 0
    assert capsys.readouterr().out == "2 created, 0 updated, 0 skipped\n"
    assert [one["content"] for one in memory.memories.iterate()] == ["content 2", "content 1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + GOOD, "standard-input goes on after its last line, line 4; import each export"),
        (GOOD[:-90] + GOOD, "standard-input is damaged: line 3"),
        (b"\x1f\x8b\x08\0", "standard-input is compressed (gzip); decompress it first"),
        (b"", "standard-input is empty"),
    ],
)
def test_what_is_no_export_is_refused(data, monkeypatch, capsys, content, message):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["import", "--data", str(data), "-"]) == 1
    assert capsys.readouterr().err.startswith(f"memoryos import: {message}")


@pytest.mark.parametrize("name", ["", "a\0b", "~no-such-user-x/file"])
def test_a_name_that_no_file_has_is_an_error_in_one_line(imported, name):
    result = imported(name)
    assert result.status == 1
    assert result.err.startswith("memoryos import: ")
    assert result.err.count("\n") == 1
    assert "unexpected error" not in result.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "stopped; to continue without duplicates, run the command again"),
        (
            ("--on-conflict", "duplicate"),
            "stopped; the command stores these again if you run it again",
        ),
    ],
)
def test_an_interrupted_import_says_how_to_continue(imported, file, monkeypatch, options, message):
    def interrupt(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"{rejects_file.__module__}.rejects_file", interrupt)
    result = imported(file, "--on-error", "reject", *options)
    assert result.status == 130
    assert message in result.err
