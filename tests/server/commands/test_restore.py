"""`memoryos restore`: what it asks, its output and its exit status."""

from __future__ import annotations

import os
import re
import shlex
from contextlib import closing
from pathlib import Path

import pytest

from memoryos._cli.main import main

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "backup.md"


@pytest.fixture
def files(start, user_of, tmp_path):
    """A database of two memories, and a backup from when it had one."""
    data, backup = tmp_path / "m.db", tmp_path / "m.bak"
    with closing(start(data)) as service:
        user_of(service).create("first", tier="long")
    assert main(["backup", str(backup), "--data", str(data)]) == 0
    with closing(start(data)) as service:
        user_of(service).create("second", tier="long")
    return data, backup


def contents(start, user_of, path):
    with closing(start(path)) as service:
        return {memory["content"] for memory in user_of(service).list()}


def test_without_a_terminal_it_needs_yes(start, user_of, files, capsys):
    data, backup = files
    capsys.readouterr()
    assert main(["restore", str(backup), "--data", str(data)]) == 1
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err == (
        f"memoryos restore: {data} would be replaced; to do so without a terminal, add --yes\n"
    )
    assert contents(start, user_of, data) == {"first", "second"}
    assert main(["restore", str(backup), "--data", str(data), "--yes"]) == 0
    assert capsys.readouterr().out == (
        f"{data}: 1 memory and 0 keys restored, checked; 2 memories and 0 keys replaced\n"
    )
    assert contents(start, user_of, data) == {"first"}


def test_a_new_file_needs_no_confirmation(start, user_of, files, tmp_path, capsys):
    new = tmp_path / "new.db"
    assert main(["restore", str(files[1]), "--data", str(new)]) == 0
    assert capsys.readouterr().out.endswith(f"{new}: 1 memory and 0 keys restored, checked\n")
    assert contents(start, user_of, new) == {"first"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_a_terminal_is_asked(start, user_of, files, monkeypatch, answer, status):
    import pty
    import select

    data, backup = files
    leader, follower = pty.openpty()
    with closing(os.fdopen(follower, "r+b", buffering=0)) as terminal:
        reading = open(terminal.fileno(), encoding="utf-8", closefd=False)  # noqa: SIM115
        writing = open(terminal.fileno(), "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        monkeypatch.setattr("sys.stdin", reading)
        monkeypatch.setattr("sys.stderr", writing)
        os.write(leader, answer.encode())
        assert main(["restore", str(backup), "--data", str(data)]) == status
        monkeypatch.undo()
        written = ""
        while "[y/N]" not in written and select.select([leader], [], [], 5)[0]:
            written += os.read(leader, 10_000).decode()
    os.close(leader)
    assert "replace 2 memories and 0 keys with 1 memory and 0 keys? [y/N]" in written
    assert contents(start, user_of, data) == ({"first"} if status == 0 else {"first", "second"})


@pytest.mark.parametrize(
    ("backup", "data", "message"),
    [
        ("m.bak", ":memory:", "--data: :memory: is lost when the process ends; name a file"),
        (":memory:", "m.db", "BACKUP: :memory: is lost when the process ends; name a file"),
        ("", "m.db", "BACKUP must not be empty"),
        ("m.bak", "", "--data must not be empty"),
        ("none", "m.db", "there is no file none"),
        ("m.db", "m.db", "m.db is the database itself; name a backup"),
        ("m.bak", "none/m.db", "there is no folder {folder}/none; create it first"),
        ("m.bak", ".", "{folder} is a folder; name the file of the database"),
    ],
)
def test_a_path_that_can_not_be_used_is_named(
    files, tmp_path, monkeypatch, capsys, backup, data, message
):
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main(["restore", backup, "--data", data, "--yes"]) == 1
    expected = message.format(folder=tmp_path).replace("/", os.sep)
    assert capsys.readouterr().err == f"memoryos restore: {expected}\n"


def test_a_database_in_use_is_one_line(start, user_of, files, capsys):
    data, backup = files
    with closing(start(data)) as service:
        user_of(service).list()
        capsys.readouterr()
        assert main(["restore", str(backup), "--data", str(data), "--yes"]) == 1
        error = capsys.readouterr().err
    assert error == (
        f"memoryos restore: a program has {data} open; stop the server, and other programs that "
        "use the file\n"
    )


def test_the_commands_of_the_guide_work_one_after_another(
    start, user_of, tmp_path, monkeypatch, capsys
):
    """Also the last one, for a backup that was copied beside the log of a killed process."""
    monkeypatch.chdir(tmp_path)
    with closing(start(tmp_path / "memories.db")) as service:
        user_of(service).create("saved", tier="long")
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "backups").mkdir()
    lines = "".join(blocks).replace("/var/backups/memoryos", "backups").splitlines()
    *commands, repair = [line for line in lines if "postgresql://" not in line]
    commands = [line for line in commands if not line.startswith("memoryos serve ")]
    assert len(commands) == 4
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
        assert contents(start, user_of, tmp_path / "memories.db") == {"saved"}
    (tmp_path / "memories.db").write_bytes((tmp_path / "monday.db").read_bytes())
    (tmp_path / "memories.db-wal").write_bytes(b"the log of another database")
    listing = ["list", "--local", "--data", str(tmp_path / "memories.db")]
    capsys.readouterr()
    assert main(listing) == 1
    assert "memoryos restore" in capsys.readouterr().err
    assert main(shlex.split(repair)[1:]) == 0
    assert contents(start, user_of, tmp_path / "memories.db") == {"saved"}


def test_the_default_file_is_restored_on_a_new_machine(files, tmp_path, monkeypatch, capsys):
    default = tmp_path / "new" / "memoryos" / "memories.db"
    monkeypatch.setattr(
        "memoryos_server.commands.restore.data_file", lambda given: given or str(default)
    )
    assert main(["restore", str(files[1])]) == 0
    assert capsys.readouterr().out.endswith(f"{default}: 1 memory and 0 keys restored, checked\n")
    if os.name != "nt":
        assert default.parent.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "command", [["backup", "m.bak"], ["restore", "m.bak"], ["keys", "list"], ["serve"]]
)
def test_an_url_is_no_file(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*command, "--data", "postgresql://ada@db.test/memories"]) == 1
    assert "--data takes the path of a file, not a URL" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
