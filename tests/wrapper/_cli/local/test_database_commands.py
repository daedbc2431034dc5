"""The commands on a PostgreSQL database, without a server: `--store` instead of `--data`."""

from __future__ import annotations

import sys

import pytest

from memoryos._cli.commands import SUMMARIES
from memoryos._cli.main import full_parser

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
UNREACHABLE = "postgresql://ada:a-password@127.0.0.1:1/memories"


@pytest.fixture
def url(new_database, monkeypatch):
    """The URL of an empty database; memories are found by equal words."""
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "hashing")
    return new_database()


def test_a_memory_is_created_found_changed_exported_and_deleted(run, jsonl, url, tmp_path):
    """Each command sees what the one before it did."""
    store = ("--store", url)
    (created,) = jsonl("create", *store, "--tier", "long", "--tag", "x", "black coffee")
    (found,) = jsonl("search", *store, "black coffee")
    assert found["id"] == created["id"]
    jsonl("update", *store, created["id"], "--importance", "1")
    assert jsonl("get", *store, created["id"])[0]["importance_score"] == 1
    assert [each["id"] for each in jsonl("list", *store)] == [created["id"]]
    assert jsonl("tags", *store)[0]["name"] == "x"
    assert "black coffee" in run("context", *store, "coffee").out
    assert run("entities", *store, "--create", "Ada", "--type", "person").status == 0
    file = tmp_path / "memories.jsonl"
    assert run("export", *store, file).status == 0
    assert "black coffee" in file.read_text(encoding="utf-8")
    assert jsonl("delete", *store, created["id"]) == [{"deleted": True}]
    assert run("import", *store, file).status == 0
    assert run("get", *store, created["id"]).status == 3


def test_stats_and_the_doctor_name_the_database_without_credentials(run, url):
    run("create", "--store", url, "--tier", "long", "black coffee")
    with_password = url.replace("memoryos@", "memoryos:a-password@")
    stats = run("stats", "--store", with_password)
    assert stats.lines[0].startswith("1 memory in postgresql://")
    doctor = run("doctor", "--store", with_password)
    assert (doctor.status, "Everything works." in doctor.out) == (0, True)
    assert "database   postgresql://" in doctor.out
    assert "a-password" not in stats.out + stats.err + doctor.out + doctor.err


def test_an_option_before_the_command_counts(run, url):
    assert run("--store", url, "create", "Ada").status == 0
    assert run("--store", url, "list").lines[-1].endswith("Ada")


READING = [
    ["list"],
    ["search", "tea"],
    ["stats"],
    ["tags"],
    ["export", "new.jsonl"],
    ["doctor"],
    ["get", "00000000-0000-4000-8000-000000000000"],
]


@pytest.mark.parametrize("command", READING, ids=lambda words: words[0])
def test_a_command_that_only_reads_creates_no_tables(postgres, run, tmp_path, monkeypatch, command):
    """The URL may have a typing error."""
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    monkeypatch.chdir(tmp_path)
    url = postgres.make_database()
    result = run(*command, "--store", url)
    assert result.status == 1
    assert "contains no Memory OS" in result.out + result.err
    assert postgres.execute("SELECT to_regnamespace('memoryos')", url) == [(None,)]


@pytest.mark.parametrize("command", [*READING, ["create", "x"]], ids=lambda words: words[0])
def test_a_database_that_can_not_be_reached_is_one_line_without_the_password(
    run, tmp_path, monkeypatch, command
):
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    monkeypatch.chdir(tmp_path)
    result = run(*command, "--store", UNREACHABLE)
    assert result.status == 1
    assert "can't be reached" in result.out + result.err
    assert "a-password" not in result.out + result.err
    assert result.err.count("\n") <= 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--store", "mysql://ada:a-password@db/memories"], "--store: must begin with postgresql"),
        (["--store", ""], "--store: must begin with postgresql"),
        (["--store", UNREACHABLE, "--data", "m.db"], "--data: not allowed with argument --store"),
        (["--data", UNREACHABLE], "to use a PostgreSQL database, write --store URL"),
        (["--store", UNREACHABLE, "--base-url", "https://a.test"], "--base-url can't be combined"),
    ],
)
@pytest.mark.parametrize("command", [["stats"], ["create", "x"], ["export", "x.jsonl"]])
def test_an_invalid_option_is_a_usage_error_without_the_password(run, command, options, message):
    result = run(*command, *options)
    assert (result.status, result.out) == (2, "")
    assert message in result.err
    assert "a-password" not in result.err


def test_every_command_with_data_has_store():
    """A new command is among them by itself."""
    (action,) = (a for a in full_parser()._actions if a.choices and "create" in a.choices)
    options = {name: parser.format_help() for name, parser in action.choices.items()}
    with_data = {name for name, text in options.items() if "--data" in text}
    assert {name for name in with_data if "--store" not in options[name]} == set()
    assert len(with_data) > len(SUMMARIES) / 2


def test_without_the_packages_the_error_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for module in list(sys.modules):
        if module.startswith("memoryos_server.stores.postgres"):
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    result = run("stats", "--store", UNREACHABLE)
    assert result.status == 1
    assert "needs the extra [postgres] (psycopg is missing); install it from a checkout" in (
        result.err
    )
