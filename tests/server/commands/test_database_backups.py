"""`memoryos backup` of a database, and `memoryos restore` into one."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from memoryos._cli.main import main
from memoryos_server.stores.factory import read_store_id
from tests.postgres import needs_direct_connection

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
    lines = re.findall(r"^memoryos .*postgresql://.*$", "".join(blocks), re.MULTILINE)
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


def test_backups_in_a_folder_are_those_of_one_database(
    database, start, user_of, tmp_path, capsys, new_database
):
    """Named after it; another database's backups in the folder aren't counted."""
    command = ["backup", str(tmp_path), "--keep", "1", "--store"]
    other = new_database()
    start(other).create_key()
    for url in (database, other, database):
        assert main([*command, url]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.endswith("; 1 older backup deleted") for line in told] == [False, False, True]
    names = {line.partition(".db:")[0].rpartition("-")[0] for line in told}
    assert len(names) == len(list(tmp_path.glob("*.db"))) == 2
    assert main(["restore", told[2].partition(": ")[0], "--data", str(tmp_path / "m.db")]) == 0
    assert contents(start, user_of, tmp_path / "m.db") == contents(start, user_of, database)


@needs_direct_connection
def test_pg_dump_and_pg_restore_keep_everything(
    database, start, user_of, tmp_path, new_database, postgres
):
    """Memories of all owners, keys, and what a search finds, by the commands of the guide."""
    programs = postgres.programs
    if programs is None:
        pytest.skip("the tests didn't start this PostgreSQL, whose version pg_dump must have")
    target = postgres.make_database()
    lines = re.findall(r"^(pg_\w+ .*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["pg_dump", "pg_restore"]
    for line, url in zip(lines, (database, target)):
        program, *words = shlex.split(re.sub(r"postgresql://\S+", url, line))
        dumped = subprocess.run(
            [programs / program, *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (dumped.returncode, dumped.stderr) == (0, "")
    assert contents(start, user_of, target) == contents(start, user_of, database)
    with closing(start(target)) as service:
        user = user_of(service)
        assert user.found("Who likes tea?", threshold=0.0) == ["Ada likes tea"]
        user.create("stored after the restoration", tier="long")


def test_a_database_has_an_id_of_its_own_from_its_first_backup_on(
    database, new_database, start, tmp_path
):
    """So another one with the same address deletes none of its backups."""
    assert read_store_id(database) == read_store_id(database) != ""
    assert main(["backup", str(tmp_path / "b.db"), "--store", database]) == 0
    restored = new_database()
    assert main(["restore", str(tmp_path / "b.db"), "--store", restored]) == 0
    assert read_store_id(restored) not in {"", read_store_id(database)}


@needs_direct_connection
def test_a_database_whose_settings_this_user_can_not_write_has_no_id(database, postgres):
    """As of a standby, it is backed up under the name that its address gives."""
    postgres.execute("DELETE FROM memoryos.settings WHERE name = 'id'", database)
    role = f"reader_{os.getpid()}"
    postgres.execute(
        f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA memoryos TO {role}; "
        f"GRANT SELECT ON ALL TABLES IN SCHEMA memoryos TO {role}",
        database,
    )
    try:
        assert read_store_id(postgres.url(urlsplit(database).path[1:], role)) == ""
    finally:
        postgres.execute(f"DROP OWNED BY {role}; DROP ROLE {role}", database)
