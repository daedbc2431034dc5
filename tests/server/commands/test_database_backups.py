"""`memoryos backup` of a database, and `memoryos restore` into one."""

from __future__ import annotations

import re
import shlex
from contextlib import closing
from pathlib import Path

import pytest

from memoryos._cli.main import main

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "backup.md"
UNREACHABLE = "postgresql://ada:a-password@127.0.0.1:1/memories"


@pytest.fixture
def database(start, user_of, new_database):
    """A database with two memories, one of another owner, and a key."""
    url = new_database()
    with closing(start(url)) as service:
        user_of(service).create("Ada likes tea", tier="long", metadata={"tags": ["tea"]})
        user_of(service, "bo").create("of Bo", tier="long")
        service.create_key(owner="bo")
    return url


def contents(start, user_of, place):
    with closing(start(place)) as service:
        users = [user_of(service, owner) for owner in ("default", "bo")]
        return [(user.list(), user.tags().data) for user in users], service.list_keys()


def test_a_backup_of_a_database_is_a_file_like_any_other(
    database, start, user_of, tmp_path, capsys
):
    """It can be restored to a file, and to another database."""
    expected = contents(start, user_of, database)
    backup = tmp_path / "monday.db"
    assert main(["backup", str(backup), "--store", database]) == 0
    assert f"{backup}: 2 memories, 1 key, " in capsys.readouterr().out
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["monday.db"]
    assert main(["restore", str(backup), "--data", str(tmp_path / "m.db")]) == 0
    assert contents(start, user_of, tmp_path / "m.db") == expected


def test_a_backup_is_restored_to_an_empty_database_only(
    database, start, user_of, tmp_path, capsys, new_database
):
    backup = str(tmp_path / "monday.db")
    assert main(["backup", backup, "--store", database]) == 0
    expected = contents(start, user_of, database)
    other = new_database()
    capsys.readouterr()
    assert main(["restore", backup, "--store", other]) == 0
    assert ": 2 memories and 1 key restored, checked" in capsys.readouterr().out
    assert contents(start, user_of, other) == expected
    assert main(["restore", backup, "--store", database]) == 1
    assert "already has data: 2 memories of 2 owners" in capsys.readouterr().err
    assert contents(start, user_of, database) == expected


def test_an_existing_file_is_replaced_only_with_force(database, tmp_path, capsys):
    backup = tmp_path / "monday.db"
    backup.write_text("something else")
    command = ["backup", str(backup), "--store", database]
    assert main(command) == 1
    assert f"{backup} exists; to replace it, add --force" in capsys.readouterr().err
    assert backup.read_text() == "something else"
    assert main([*command, "--force"]) == 0


@pytest.mark.parametrize("command", [["backup", "new.db"], ["restore", "old.db"]])
def test_a_database_that_can_not_be_reached_is_named_without_its_password(
    command, tmp_path, monkeypatch, capsys
):
    """And nothing is left behind."""
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    monkeypatch.chdir(tmp_path)
    assert main(["create", "--local", "--data", "old.db", "Ada"]) == 0
    capsys.readouterr()
    assert main([*command, "--store", UNREACHABLE]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "127.0.0.1:1" in told.err
    assert "a-password" not in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["old.db"]


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_file_and_a_database_can_not_be_named_together(command, capsys):
    with pytest.raises(SystemExit) as exited:
        main([command, "m.bak", "--data", "m.db", "--store", UNREACHABLE])
    assert exited.value.code == 2
    told = capsys.readouterr().err
    assert "not allowed with argument" in told
    assert "a-password" not in told


def test_the_commands_of_the_guide_work(
    database, start, user_of, tmp_path, monkeypatch, new_database
):
    """On the database, on new ones for all others, and on a file."""
    expected = contents(start, user_of, database)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if "postgresql://" in line]
    backup, restore, migrate = [re.sub(r"postgresql://\S+", "URL", line) for line in lines]
    targets = new_database(), new_database()
    commands = [
        backup.replace("URL", database),
        restore.replace("URL", targets[0]),
        "memoryos restore monday.db --data memories.db",
        migrate.replace("URL", targets[1]),
    ]
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
    assert [contents(start, user_of, target) for target in targets] == [expected, expected]
