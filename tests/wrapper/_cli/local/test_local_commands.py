"""The commands on the Memory OS of this machine, from the first memory to the copy of all."""

from __future__ import annotations

import gzip
import io
import json
import sys

import pytest

from memoryos import MemoryOS
from memoryos._cli.main import main


@pytest.fixture
def filled(memory, data):
    """Three memories, one in each tier."""
    for tier in ("short", "medium", "long"):
        memory.memories.create(f"a {tier} memory of coffee", tier=tier, metadata={"tags": [tier]})
    return data


def test_a_memory_is_created_found_changed_and_deleted(run, jsonl, data):
    """Each command sees what the one before it did."""
    (created,) = jsonl("create", "--data", data, "--tier", "long", "--tag", "x", "black coffee")
    (found,) = jsonl("search", "--data", data, "black coffee")
    assert found["id"] == created["id"]
    (changed,) = jsonl("update", "--data", data, created["id"], "--importance", "1")
    assert jsonl("get", "--data", data, created["id"])[0]["importance_score"] == 1
    assert changed["tier"] == "long"
    assert jsonl("tags", "--data", data)[0]["name"] == "x"
    assert "black coffee" in run("context", "--data", data, "coffee").out
    assert jsonl("delete", "--data", data, created["id"]) == [{"deleted": True}]
    assert run("get", "--data", data, created["id"]).status == 3


def test_the_default_file_is_the_one_of_the_sdk(run, monkeypatch, tmp_path):
    """`--local` and `MemoryOS.local()` mean the same."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run("entities", "--local", "--create", "Ada", "--type", "person").status == 0
    with MemoryOS.local() as memory:
        assert [each["name"] for each in memory.entities.list()["data"]] == ["Ada"]


def test_stats_draw_the_tiers_and_count(run, jsonl, filled, memory):
    """Totals, shares, relevance and use."""
    memory.memories.update(memory.memories.list(tier="long")["data"][0]["id"], tier="medium")
    result = run("stats", "--data", filled)
    assert result.status == 0
    assert result.lines[0] == "3 memories on this machine"
    bars = {line.split()[0]: line for line in result.lines[2:5]}
    assert bars["medium"].count("█") == 2 * bars["short"].count("█")
    assert "67 %" in bars["medium"]
    assert "3 never used" in result.out
    (numbers,) = jsonl("stats", "--data", filled)
    assert numbers["total"] == 3
    assert numbers["tiers"]["medium"]["total"] == 2
    assert numbers["tiers"]["short"]["never_used"] == 1
    assert numbers["tiers"]["long"]["total"] == 0


def test_an_export_is_imported_elsewhere(run, jsonl, filled, tmp_path):
    """All of it, once; a second time there is nothing to do."""
    file = tmp_path / "export.jsonl"
    assert run("export", "--data", filled, file).out == f"3 memories written to {file}\n"
    other = tmp_path / "other.db"
    assert "3 created" in run("import", "--data", other, "--dry-run", file).out
    assert not other.exists()
    assert run("import", "--data", other, file).out == "3 created, 0 updated, 0 skipped\n"
    (report,) = jsonl("import", "--data", other, file)
    counts = {"created": 0, "updated": 0, "skipped": 3, "rejected": 0}
    assert report == {**counts, "dry_run": False, "rejected_lines": []}
    contents = {each["content"] for each in jsonl("list", "--data", other)}
    assert contents == {each["content"] for each in jsonl("list", "--data", filled)}


def test_an_export_goes_through_a_pipe(run, filled, tmp_path, monkeypatch):
    """Compressed on the way, and read back from standard input."""
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    assert main(["export", "--data", str(filled), "--tier", "long", "-"]) == 0
    squeezed = gzip.compress(out.getvalue())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.decompress(squeezed))))
    assert main(["import", "--data", str(tmp_path / "other.db"), "-"]) == 0
    assert out.getvalue().endswith(b"1 created, 0 updated, 0 skipped\n")


def test_the_doctor_looks_at_the_file(run, filled):
    """And finds that it works, without a key or a network."""
    result = run("doctor", "--data", filled)
    assert result.status == 0, result.out
    assert str(filled) in result.out
    assert "Everything works." in result.out


def test_a_file_that_is_no_memory_os_is_told_in_one_line(run, tmp_path):
    """By the doctor as a problem, by every other command as an error."""
    (tmp_path / "text.db").write_text("hello " * 1000)
    result = run("doctor", "--data", tmp_path / "text.db")
    assert result.status == 1
    assert "not a SQLite database" in result.out


def test_only_what_is_not_stored_is_stored_when_a_batch_is_repeated(run, jsonl, data):
    """What an interruption left out, and nothing twice."""
    lines = [f"memory {number}" for number in range(20)]
    part = "\n".join(lines[:7])
    assert run("create", "--data", data, "--lines", "--batch", "b", stdin=part).status == 0
    whole = run("create", "--data", data, "--lines", "--batch", "b", stdin="\n".join(lines))
    assert whole.out == "20 memories stored\n"
    stored = [each["content"] for each in jsonl("list", "--data", data, "--all")]
    assert sorted(stored) == sorted(lines)


def test_json_is_what_the_api_says(run, filled, memory):
    """Field by field."""
    (one,) = memory.memories.list(tier="long")["data"]
    assert json.loads(run("list", "--data", filled, "--tier", "long", "--json").out) == one
