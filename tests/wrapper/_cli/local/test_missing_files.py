"""A command that stores nothing creates no database, and names the nearest one."""

from __future__ import annotations

import pytest

ID = "550e8400-e29b-41d4-a716-446655440000"
READING = [
    ["list"],
    ["list", "--all", "--json"],
    ["get", ID],
    ["search", "tea"],
    ["context", "tea"],
    ["tags"],
    ["entities"],
    ["stats"],
    ["export", "-"],
    ["update", ID, "--tier", "long"],
    ["delete", ID],
    ["doctor"],
    ["keys", "list"],
    ["keys", "revoke", "0123456789ab"],
    ["reembed", "--embedder", "none"],
    ["backup", "copy.db"],
]


@pytest.fixture
def folder(tmp_path, monkeypatch, run):
    """The current folder, with one database in it."""
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert run("create", "--data", "notes.db", "Ada drinks tea").status == 0
    return here


def files(folder):
    return sorted(str(path) for path in folder.parent.rglob("*"))


@pytest.mark.parametrize("command", READING, ids=" ".join)
@pytest.mark.parametrize("typo", ["note.db", "notes.bd", "Notes.DB", "../hree/notes.db", "x.db"])
def test_a_missing_file_is_an_error_that_names_the_nearest(folder, run, command, typo):
    before = files(folder)
    result = run(*command, "--data", typo)
    assert result.status == (2 if command[0] == "reembed" else 1)
    assert f"did you mean {folder / 'notes.db'}?" in result.out + result.err
    assert files(folder) == before


@pytest.mark.parametrize("command", READING[:12], ids=" ".join)
def test_before_the_first_memory_the_default_file_is_not_created(folder, run, command):
    """A newcomer's first command may be `list`."""
    before = files(folder)
    result = run(*command, "--local")
    assert result.status in (0, 3)
    assert "unexpected" not in result.err
    assert files(folder) == before


@pytest.mark.parametrize("command", READING[:12], ids=" ".join)
def test_an_empty_file_stays_empty(folder, run, command):
    (folder / "empty.db").touch()
    assert run(*command, "--data", "empty.db").status in (0, 3)
    assert (folder / "empty.db").stat().st_size == 0


def test_a_command_that_stores_creates_the_file(folder, run):
    assert run("create", "--data", "new.db", "Ada").status == 0
    assert run("export", "--data", "new.db", "new.jsonl").status == 0
    assert run("import", "--data", "other.db", "new.jsonl").status == 0
    assert run("entities", "--data", "third.db", "--create", "Ada", "--type", "person").status == 0
    assert {"new.db", "other.db", "third.db"} <= {path.name for path in folder.iterdir()}


def test_the_doctor_changes_nothing(folder, run):
    before = (folder / "notes.db").read_bytes()
    assert run("doctor", "--data", "notes.db").status == 0
    assert (folder / "notes.db").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["notes.db"]


def test_far_from_any_database_nothing_is_suggested(folder, run):
    result = run("list", "--data", "no/such/folder.db")
    assert (result.status, result.err) == (1, "memoryos list: there is no file no/such/folder.db\n")


@pytest.mark.parametrize("value", [".", "..", "~"])
def test_a_folder_is_no_database(folder, run, value, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    result = run("list", "--data", value)
    assert result.status == 2
    assert "is a folder; name a file in it" in result.err


def test_an_empty_name_is_no_file(folder, run):
    result = run("list", "--data", "")
    assert (result.status, result.err) == (2, "memoryos list: --data must not be empty\n")


def test_mcp_that_only_reads_needs_an_existing_file(folder, run):
    """A server on an empty database would answer that nothing is remembered."""
    before = files(folder)
    result = run("mcp", "--read-only", "--data", "note.db")
    assert (result.status, result.out) == (1, "")
    assert f"did you mean {folder / 'notes.db'}?" in result.err
    assert files(folder) == before


@pytest.mark.parametrize("options", [[], ["--read-only"]], ids=str)
def test_the_doctor_says_whether_mcp_will_create_the_file(folder, run, options):
    """The configuration of a new MCP server may name a file that doesn't exist yet."""
    result = run("doctor", "--data", "far/from/all.db", *options)
    assert result.status == 1
    assert ("`memoryos mcp` will create it" in result.out) is (not options)


@pytest.mark.parametrize("command", [["serve"], ["keys", "create"], ["backup", "copy.db"]], ids=str)
@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_url_is_no_file(folder, run, command, scheme):
    """It would be a file in a folder whose name may contain a password."""
    before = files(folder)
    result = run(*command, "--data", f"{scheme}://ada:secret@localhost/db")
    assert result.status in (1, 2)
    assert "--store" in result.err
    assert "secret" not in result.out + result.err
    assert files(folder) == before
