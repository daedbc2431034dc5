"""`memoryos keys`: made once, shown never again, listed without themselves, revoked at once."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest

from memoryos._cli.main import main
from memoryos_server.service.api_keys import key_id


@pytest.fixture
def data(tmp_path):
    return tmp_path / "new folder" / "m.db"


@pytest.fixture
def keys(data, capsys):
    """Run `memoryos keys …` on the test's file; return the status and what it said."""

    def run(*arguments):
        status = main(["keys", *arguments, "--data", str(data)])
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def keys_json(keys):
    """The same for programs: it must go well, and print JSON."""

    def run(*arguments):
        status, out, err = keys(*arguments, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return run


def test_a_new_key_is_told_once_and_stored_as_a_hash(keys, keys_json, data):
    """Neither the file nor its log holds the key, and the list shows its id."""
    made = keys_json("create", "--name", "laptop")
    key = made["api_key"]
    assert key.startswith("mos_test_")
    assert len(key) == len("mos_test_") + 32
    stored = b"".join(path.read_bytes() for path in data.parent.iterdir())
    assert key.encode() not in stored
    assert key.removeprefix("mos_test_").encode() not in stored
    status, out, err = keys("list")
    assert (status, err) == (0, "")
    assert key not in out
    assert made["id"] in out
    assert "laptop" in out
    assert key_id(key) == made["id"]


def test_a_key_carries_what_was_asked_for(keys_json, start, data):
    """Scopes, owner, name and end; and they are what the server goes by."""
    made = keys_json(
        "create", "--scopes", "search:read, memories:read", "--owner", "ada", "--expires", "1h"
    )
    assert (made["owner"], made["scopes"]) == ("ada", ["search:read", "memories:read"])
    caller = start(data).authenticate(made["api_key"])
    assert (caller.owner, caller.permissions) == ("ada", {"search:read", "memories:read"})
    assert caller.key_id == made["id"]


def test_the_defaults_are_those_of_serve(keys_json, start, data):
    """The default owner, the three scopes, no end."""
    made = keys_json("create")
    assert made["owner"] == "default"
    assert made["scopes"] == ["memories:read", "memories:write", "search:read"]
    assert (made["expires_at"], made["state"]) == (None, "valid")


def test_people_read_the_key_on_a_line_of_its_own_name(keys, data):
    """What goes to standard output can be cut out by a script as well.

    If the file is a new one, people are told: it may not be that of their server.
    """
    created = f"Created {data}, the only place where this key is valid.\n"
    assert keys("create")[2].endswith(created)
    status, out, err = keys("create")
    assert status == 0
    facts = dict(line.rsplit(maxsplit=1) for line in out.splitlines())
    assert facts["api key"].startswith("mos_test_")
    assert facts["expires at"] == "-"
    assert err == "Copy the key now: only its hash is stored.\n"


def test_a_key_with_tags_gives_access_to_the_memories_with_them(keys, keys_json, start, data):
    """The list shows them, and the server goes by them."""
    made = keys_json("create", "--user", "Ada", "--agent", "support", "--tag", "team:a:b")
    tags = ["agent:support", "team:a%3ab", "user:%41da"]
    assert made["tags"] == tags
    assert start(data).authenticate(made["api_key"]).scope_tags == tuple(tags)
    keys("create", "--tag", "user:ada", "--tag", "user:ada")
    assert [fact["tags"] for fact in keys_json("list")] == [tags, ["user:ada"]]
    assert "agent:support,team:a%3ab,user:%41da" in keys("list")[1]
    assert keys_json("create")["tags"] == []


def test_a_revoked_key_is_refused_at_once_by_a_service_that_runs(keys, keys_json, start, data):
    """Another process has the file open; the other key goes on."""
    first, second = keys_json("create"), keys_json("create")
    service = start(data)
    assert service.authenticate(first["api_key"]) is not None
    status, out, _ = keys("revoke", first["id"])
    assert status == 0
    assert first["id"] in out
    assert service.authenticate(first["api_key"]) is None
    assert service.authenticate(second["api_key"]) is not None
    states = {fact["id"]: fact["state"] for fact in keys_json("list")}
    assert states == {first["id"]: "revoked", second["id"]: "valid"}


def test_revoking_again_changes_nothing(keys_json, data):
    """The time of the first revocation stays."""
    made = keys_json("create")

    def revoked_at():
        with closing(sqlite3.connect(data)) as connection:
            return connection.execute("SELECT revoked_at FROM keys").fetchall()

    keys_json("revoke", made["id"])
    before = revoked_at()
    assert keys_json("revoke", made["id"])["state"] == "revoked"
    assert revoked_at() == before
    assert before != [(None,)]


def test_an_expired_key_is_listed_as_such_and_refused(keys_json, start, clock, data):
    """The end itself is too late."""
    service = start(data)
    key = service.create_key(expires_at=clock.now + timedelta(hours=1))
    clock.advance(minutes=59, seconds=59)
    assert service.authenticate(key) is not None
    clock.advance(seconds=1)
    assert service.authenticate(key) is None
    early = service.create_key(expires_at=datetime(2020, 1, 1, tzinfo=timezone.utc))
    states = {fact["id"]: fact["state"] for fact in keys_json("list")}
    assert states[key_id(early)] == "expired"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "--scopes", "everything"], "unknown scope 'everything'"),
        (["create", "--scopes", ""], "unknown scope ''"),
        (["create", "--expires", "soon"], "30d"),
        (["create", "--expires", "2020-01-01"], "must be in the future, not 2020-01-01"),
        (["create", "--owner", " "], "--owner must not be empty"),
        (["create", "--user", ""], "--user: the key and the value of a tag must not be empty"),
        (["create", "--tag", "user"], "--tag: must be KEY:VALUE, such as team:red, not user"),
        (["create", "--tag", ":x"], "--tag: the key and the value of a tag must not be empty"),
        (["create", "--user", "a", "--tag", "user:b"], "--tag: user has two values"),
        (["create", "--user", "a", "--user", "b"], "--user: user has two values"),
        (
            ["create", *(part for n in range(9) for part in ("--tag", f"k{n}:v"))],
            "--tag: a key has tags with at most 8 keys",
        ),
        (
            ["revoke", "0123456789ab"],
            "no key has the id '0123456789ab'; `memoryos keys list` shows the ids",
        ),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(keys, keys_json, arguments, said):
    """With exit status 1, and no key is made or ended."""
    keys_json("create")
    before = keys_json("list")
    status, out, err = keys(*arguments)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert said in err
    assert keys_json("list") == before


def test_a_key_in_place_of_its_id_is_refused_and_not_repeated(keys, keys_json):
    """It is in the shell's history already; not in the logs as well."""
    key = keys_json("create")["api_key"]
    status, out, err = keys("revoke", key)
    assert (status, out) == (1, "")
    assert key not in err
    assert err == ("memoryos keys: that is a key; give its id, as `memoryos keys list` shows it\n")


@pytest.mark.parametrize("action", [["list"], ["revoke", "0123456789ab"]])
def test_looking_for_keys_makes_no_file(keys, data, action):
    """A mistyped path is said to be one."""
    status, _, err = keys(*action)
    assert status == 1
    assert f"there is no file {data}" in err
    assert not data.parent.exists()


def test_memory_has_no_keys_to_keep(capsys):
    """They would be gone with the command."""
    assert main(["keys", "create", "--data", ":memory:"]) == 1
    assert "name a file" in capsys.readouterr().err


def test_a_file_of_something_else_is_left_alone(keys, data):
    """As the server does."""
    data.parent.mkdir()
    data.write_text("Dear Ada, " * 1000)
    status, _, err = keys("create")
    assert (status, err.count("\n")) == (1, 1)
    assert "m.db" in err
    assert data.read_text().startswith("Dear Ada")


def test_a_name_can_not_move_the_cursor_of_who_lists_it(keys, keys_json):
    """Control characters are shown as replaced; JSON has them as they are."""
    keys_json("create", "--name", "\x1b[2Jcleared\n")
    assert "\x1b" not in keys("list")[1]
    assert keys("list")[1].count("\n") == 2
    assert keys_json("list")[0]["name"] == "\x1b[2Jcleared\n"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("", "--data must not be empty"),
        ("folder", "The database folder can't be opened: Is a directory"),
    ],
)
def test_a_database_that_can_not_be_opened_is_named_with_the_reason(
    tmp_path, monkeypatch, capsys, file, message
):
    """Not only that it can't be."""
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["keys", "list", "--data", file]) == 1
    assert capsys.readouterr().err == f"memoryos keys: {message}\n"


def test_a_file_without_permission_is_reported_as_such(keys, keys_json, monkeypatch):
    """SQLite says only that it can't open it."""
    keys_json("create")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read every file
    status, _, err = keys("list")
    assert (status, err) == (
        1,
        "memoryos keys: The database m.db can't be opened: Permission denied\n",
    )
