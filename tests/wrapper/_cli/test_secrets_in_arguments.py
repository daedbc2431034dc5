"""No error repeats an API key or a password, wherever it is on the command line."""

from __future__ import annotations

import sys

import pytest

from memoryos._cli import command_runner
from memoryos_server.commands.redaction import redact

KEY = "mos_live_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
PASSWORD = "tr0ub4dor"
SECRETS = [KEY, "sk-proj-AbC123", "correcthorsebattery", PASSWORD]

# `{}` is the secret.
MISTAKES = [
    "--api-key {} list",
    "--api-key={} list",
    "--apikey {} list",
    "--api_key {} list",
    "--API-KEY {} list",
    "-k {} list",
    "-k{} list",
    "{} list",
    "{}",
    "MEMORY_OS_API_KEY={} list",
    "list MEMORY_OS_API_KEY={}",
    "list --api-key {}",
    "list --api-key={}",
    "list --apikey {}",
    "list --api-kye={}",
    "list --key={}",
    "list --token {}",
    "list {}",
    "list -- {}",
    "list -- --api-key {}",
    "list -H {}",
    "list -q{}",
    "list --header Authorization:{}",
    "list --local={}",
    "list --debug={}",
    "list --json={}",
    "list --tier {}",
    "list --limit {}",
    "list --timeout {}",
    "list --l={}",
    "search --api-key {} query",
    "search --apikey {} query",
    "search query {}",
    "search query --meta {}",
    "search query --scope {}",
    "search query --created-after {}",
    "retag --as user --where {}",
    "create --metadata {} text",
    "get --apikey={}",
    "delete --apikey {} x",
    "completion {}",
    "help {}",
    "export --force={} f",
    "--local={} list",
    "--data",
    "contract-test --api-kye={}",
    "contract-test --cases {}",
]
SERVER_MISTAKES = [
    "serve --api-key {}",
    "serve --port {}",
    "serve --embeder {}",
    "serve --store={}",
    "serve --stor postgresql://u:{}@h/db",
    "serve --store postgressql://u:{}@h/db",
    "serve --rate-limit {}",
    "serve {}",
    "keys {}",
    "keys list {}",
    "keys --apikey {} list",
    "keys list --store mysql://u:{}@h/db",
    "keys create --scope {}",
    "keys create --json={}",
    "reembed --embedder none --yes={}",
    "reembed --embedder none {}",
    "backup --data a b {}",
    "backup --frce={} b",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_usage_error_repeats_no_secret(run, monkeypatch, mistake, secret):
    monkeypatch.delenv("MEMORY_OS_API_KEY", raising=False)
    result = run(*mistake.format(secret).split())
    assert result.status == 2
    assert secret not in result.out + result.err
    assert "error: " in result.err


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the server needs a newer Python")
@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("mistake", SERVER_MISTAKES)
def test_a_usage_error_of_the_server_repeats_no_secret(run, mistake, secret):
    result = run(*mistake.format(secret).split())
    assert result.status == 2
    assert secret not in result.out + result.err


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("retag --as user --where user_id", "must be metadata.FIELD, such as metadata.user_id"),
        ("list --scope session", "must be KEY=VALUE, such as session=s1"),
        ("list --meta topic", "must be KEY=VALUE, such as topic=tea, or KEY:=JSON"),
    ],
)
def test_an_example_is_shown_in_full_though_a_part_of_it_was_typed(run, words, rule):
    assert run(*words.split()).err.endswith(f": {rule}\n")


DATABASES = [
    "postgresql://u:{}@h/db",
    "postgres:/u:{}@h/db",
    "postgresql//u:{}@h/db",
    "psql://u:{}@h",
    "u:{}@h/db",
    "host=h://u:{}@x",
]


@pytest.mark.parametrize("place", DATABASES)
@pytest.mark.parametrize("command", [["list"], ["search", "x"], ["create", "x"], ["doctor"]])
def test_a_database_is_no_file_and_its_password_is_not_repeated(
    run, tmp_path, monkeypatch, place, command
):
    """Neither is a folder with that name created."""
    monkeypatch.chdir(tmp_path)
    result = run(*command, "--data", place.format(PASSWORD))
    assert result.status in (1, 2)
    assert "not a URL" in result.out + result.err
    assert PASSWORD not in result.out + result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["get {}", "delete {}", "update {} --tier long"])
def test_a_key_in_place_of_an_id_is_not_repeated(api, run, command):
    result = run(*command.format(KEY).split())
    assert result.status == 2
    assert KEY not in result.out + result.err


def test_the_traceback_of_an_error_repeats_no_secret(run, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError(f"{KEY} and postgresql://u:{PASSWORD}@h/db")

    monkeypatch.setattr(command_runner, "open_client", fail)
    result = run("list", "--debug")
    assert "Traceback" in result.err
    assert KEY not in result.err
    assert PASSWORD not in result.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"the key {KEY} is unknown", "the key mos_… is unknown"),
        ("postgresql://ada:p@ss/w:rd@h:5432/db?x=1", "postgresql://…@h:5432/db?x=1"),
        ("postgresql:/ada:pw@h", "postgresql:/…@h"),
        ("host=h password=secret-word user=ada", "host=h password=… user=ada"),
        ("OPENAI_API_KEY=sk-123 is set", "OPENAI_API_KEY=… is set"),
        ("a key starts with mos_.", "a key starts with mos_."),
        ("http://127.0.0.1:8080/v1 doesn't answer", "http://127.0.0.1:8080/v1 doesn't answer"),
        ("line 3: ada@example.org is no id", "line 3: ada@example.org is no id"),
    ],
)
def test_secrets_are_replaced_and_nothing_else(text, expected):
    assert redact(text) == expected


def test_the_secrets_of_the_environment_are_replaced(monkeypatch):
    monkeypatch.setenv("MEMORY_OS_READER_API_KEY", "an unusual key")
    assert redact("an unusual key is wrong") == "… is wrong"


def test_options_may_be_before_the_command(run, api):
    """People write them at either place."""
    from .answers import page

    api.get("/memories").mock(return_value=page())
    after = run("list", "--json", "--timeout", "5")
    assert run("--timeout", "5", "--json", "list") == after
    assert run("--timeout=5", "list", "--json") == after
    assert after.status == 0
