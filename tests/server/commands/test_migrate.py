"""`memoryos migrate`: its options, output, errors and exit status."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing

import pytest

from memoryos._cli.main import main
from memoryos_server.commands import migrate

URL = "postgresql://ada:a-password@127.0.0.1:1/memories"


@pytest.fixture
def source(start, user_of, tmp_path, monkeypatch):
    """A file with three memories of two owners, in the current folder."""
    monkeypatch.chdir(tmp_path)
    with closing(start(tmp_path / "m.db")) as service:
        for owner, count in (("default", 2), ("bo\n", 1)):
            for number in range(count):
                user_of(service, owner).create(f"tea {number}", tier="long")
        service.create_key()
    return tmp_path / "m.db"


def test_the_result_is_counts_and_a_sentence(source, capsys):
    assert main(["migrate", "--from", "m.db", "--to", "copy.db", "--quiet"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.splitlines()[:-1] == [
        "3 memories",
        "0 tags",
        "0 entities",
        "0 idempotency records",
        "1 API keys",
    ]
    copy = source.with_name("copy.db")
    assert f"{copy} has the same records as {source}" in told.out


def test_the_result_is_an_object_for_programs(source, capsys):
    assert main(["migrate", "--from", "m.db", "--to", "copy.db", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "from": str(source),
        "to": str(source.with_name("copy.db")),
        "written_memories": 3,
        "memories": 3,
        "tags": 0,
        "entities": 0,
        "idempotency_records": 0,
        "API_keys": 1,
    }


@pytest.mark.parametrize("options", [[], ["--quiet"]], ids=str)
@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_names_the_owner_and_the_total(source, monkeypatch, capsys, is_terminal, options):
    """On standard error, if that is a terminal, unless it is not wanted."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    monkeypatch.setattr(migrate, "SECONDS_BETWEEN_REPORTS", 0)
    assert main(["migrate", "--from", "m.db", "--to", "copy.db", *options]) == 0
    shown = re.sub(r"\x1b\[\d+m", "", capsys.readouterr().err).splitlines()
    expected = [
        "1 of 3 memories; owner 1 of 2, bo: 1 of 1 memories",
        "3 of 3 memories; owner 2 of 2, default: 2 of 2 memories",
    ]
    assert shown == (expected if is_terminal and not options else [])


@pytest.mark.parametrize(
    ("place", "target", "message"),
    [
        ("n.db", "copy.db", "--from: there is no file {folder}/n.db; did you mean {folder}/m.db?"),
        ("", "copy.db", "--from must be a file, or a URL that begins with postgresql://"),
        ("mysql://a:secret@b/c", "copy.db", "--from must be a file, or a URL that begins with"),
        ("m.db", "mysql://a:secret@b/c", "--to must be a file, or a URL that begins with"),
        ("m.db", "no folder/copy.db", "--to: there is no folder {folder}/no folder; create it"),
        ("m.db", ".", "--to: {folder} is a folder; name a file in it"),
        ("m.db", "/dev/null", "--to: /dev/null is not a regular file"),
        ("/dev/null", "copy.db", "--from: /dev/null is not a regular file"),
        (":memory:", "copy.db", "--from: :memory: is lost when the process ends; name a file"),
        ("m.db", ":memory:", "--to: :memory: is lost when the process ends; name a file"),
    ],
)
def test_an_invalid_place_is_named_before_anything_is_done(
    source, tmp_path, capsys, place, target, message
):
    assert main(["migrate", "--from", place, "--to", target]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert message.format(folder=tmp_path) in told.err
    assert "secret" not in told.err
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


@pytest.mark.parametrize("places", [("m.db", URL), (URL, "copy.db")], ids=["to", "from"])
def test_a_database_that_can_not_be_reached_is_named_without_its_password(
    source, tmp_path, capsys, places
):
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    assert main(["migrate", "--from", places[0], "--to", places[1]]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "127.0.0.1:1" in told.err
    assert "a-password" not in told.err
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


def test_a_source_without_memory_os_is_not_changed(postgres, tmp_path, capsys):
    url = postgres.make_database()
    assert main(["migrate", "--from", url, "--to", str(tmp_path / "copy.db")]) == 1
    assert "contains no Memory OS; correct the URL" in capsys.readouterr().err
    assert postgres.execute("SELECT to_regnamespace('memoryos')", url) == [(None,)]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("source")
def test_a_file_is_not_copied_to_itself(capsys):
    assert main(["migrate", "--from", "m.db", "--to", "m.db"]) == 1
    assert "m.db already has data: 3 memories of 2 owners; name a new file" in (
        capsys.readouterr().err
    )
