"""`memoryos serve` and `memoryos keys` on a PostgreSQL database."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from memoryos_server.commands.first_key import FirstKey
from memoryos_server.commands.startup_message import StartupMessage

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

SECRET = "s3cr3t-pa55word"
PATIENCE_SECONDS = 120
WITHOUT_PSYCOPG = "import sys; sys.modules['psycopg'] = None; "
MAIN = "import sys; from memoryos._cli.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def url(new_database):
    """The address of a database, with a password, which is not asked for."""
    return new_database().replace("memoryos@", f"memoryos:{SECRET}@")


def memoryos(*arguments, program=MAIN):
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


@contextlib.contextmanager
def served(url, *options):
    """Serve for a while; what it prints must not hold the password."""
    arguments = ["serve", "--port", "0", "--store", url, "--embedder", "hashing", *options]
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", MAIN, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MEMORY_OS_LOG": "warning"},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, errors) == (0, "")
    assert SECRET not in out


def test_a_server_keeps_memories_in_the_database_and_shows_no_password(url):
    """What it prints for people is tested by `StartupMessage`, which gets no more than this."""
    database = url.partition("?")[0].rpartition("/")[2]
    for content in ("Ada likes tea", "Bo likes coffee"):
        with served(url, "--json") as process:
            told = json.loads(process.stdout.readline())
            assert told["api_key_file"].endswith(f"-5432-{database}.key")
            api_key = Path(told["api_key_file"]).read_text(encoding="ascii").strip()
            headers = {"Authorization": f"Bearer {api_key}"}
            with httpx.Client(base_url=told["base_url"] + "/", headers=headers) as client:
                client.post("memories", json={"content": content, "tier": "long"})
                total = client.get("memories").json()["meta"]["total"]
    assert total == 2


def test_people_are_told_the_host_and_the_database(url):
    with served(url) as process:
        text = "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))
    assert "memories  postgresql:///memoryos_test_" in text
    assert SECRET not in text
    shown = StartupMessage("b", FirstKey(1), data="postgresql://h/d", remote=False)
    assert "postgresql://h/d" in shown.for_people()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (f"postgresql://u:{SECRET}@127.0.0.1:1/db", "The database db can't be reached"),
        (f"postgresql://u:{SECRET}%zz@host/db", "escape special characters"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_line(address, sentence):
    outcome = memoryos("serve", "--port", "0", "--embedder", "none", "--store", address)
    assert outcome.returncode == 1
    assert outcome.stderr.count("\n") == 1
    assert sentence in outcome.stderr
    assert SECRET not in outcome.stdout + outcome.stderr


def test_what_is_no_address_of_a_database_is_not_repeated():
    outcome = memoryos("serve", "--store", f"mysql://u:{SECRET}@host/db")
    assert outcome.returncode == 2
    assert "--store: must begin with postgresql://" in outcome.stderr
    assert SECRET not in outcome.stderr


def test_a_file_and_a_database_exclude_each_other():
    outcome = memoryos("serve", "--data", "m.db", "--store", "postgresql://host/db")
    assert outcome.returncode == 2
    assert "not allowed with argument" in outcome.stderr


@pytest.mark.parametrize("command", [["serve", "--embedder", "none"], ["keys", "list"]])
def test_without_psycopg_the_extra_is_named(command):
    program = WITHOUT_PSYCOPG + MAIN
    outcome = memoryos(*command, "--store", "postgresql://host/db", program=program)
    assert outcome.returncode == 1
    assert "needs the extra [postgres] (psycopg is missing)" in outcome.stderr
    assert "pip install '.[local,postgres]'" in outcome.stderr


def test_keys_are_made_listed_and_revoked_in_the_database(url):
    made = json.loads(memoryos("keys", "create", "--name", "n", "--json", "--store", url).stdout)
    with served(url, "--json") as process:
        told = json.loads(process.stdout.readline())
        headers = {"Authorization": f"Bearer {made['api_key']}"}
        with httpx.Client(base_url=told["base_url"] + "/", headers=headers) as client:
            assert client.get("memories").status_code == 200
            assert memoryos("keys", "revoke", made["id"], "--store", url).returncode == 0
            assert client.get("memories").status_code == 401
    listed = json.loads(memoryos("keys", "list", "--json", "--store", url).stdout)
    assert [(key["name"], key["state"]) for key in listed] == [("n", "revoked")]


@pytest.mark.parametrize(
    "command",
    [
        ["keys", "list"],
        ["keys", "revoke", "0123456789ab"],
        ["reembed", "--embedder", "none"],
        ["reembed", "--embedder", "hashing", "--dry-run"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("has_schema", [False, True])
def test_only_commands_that_store_something_create_the_tables(postgres, command, has_schema):
    """Another database may be meant."""
    url = postgres.make_database()
    if has_schema:
        postgres.execute("CREATE SCHEMA memoryos", url)
    outcome = memoryos(*command, "--store", url)
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr.count("\n") == 1
    assert "contains no Memory OS: correct the URL" in outcome.stderr
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'memoryos'"
    assert postgres.execute(tables, url) == []
