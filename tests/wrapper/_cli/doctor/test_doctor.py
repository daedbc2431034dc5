"""What the doctor finds, and what it says to do: each trouble on a service that has it."""

from __future__ import annotations

import argparse
import json
import socket
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import httpx
import pytest

from memoryos import MemoryOS
from memoryos._cli.commands import load_command
from memoryos._cli.doctor import findings, installation, service
from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    InvalidResponseError,
    MemoryOSError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)

from ..answers import error, item, page
from ..conftest import BASE_URL, KEY
from .conftest import listening

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone.utc)


def healthy(api, date=None, **instead):
    """Let the API answer as a healthy one does, except where a route is given instead."""
    date = format_datetime(date or datetime.now(timezone.utc), usegmt=True)
    listed = page(total=7)
    listed.headers["Date"] = date
    found = item({"results": [], "search_type": "semantic", "threshold": 1.0})
    answers = {
        "list": (api.get("/memories"), listed),
        "update": (api.patch(path__regex=r"/memories/.+"), error(404, "NOT_FOUND", "None")),
        "search": (api.post("/search"), found),
    }
    for name, (route, answer) in answers.items():
        route.mock(return_value=instead.get(name, answer))


def diagnosis(*, read_only=False, **settings):
    """Return what is found about the service, by name."""
    with MemoryOS(KEY, BASE_URL, max_retries=0, **settings) as client:
        found = service.check_service(client, local=False, read_only=read_only)
        return {each.name: each for each in found}


def test_a_healthy_service_has_no_problem(api):
    """Everything is looked at, and nothing is stored."""
    healthy(api)
    found = diagnosis()
    assert {name: each.state for name, each in found.items()} == dict.fromkeys(
        ("service", "latency", "clock", "writing", "searching"), "ok"
    )
    assert "7 memories" in found["service"].fact
    assert {call.request.method for call in api.calls} == {"GET", "PATCH", "POST"}


def test_a_server_that_only_reads_needs_no_permission_to_write(api):
    """As `memoryos mcp --read-only`: nothing is tried, and nothing is missed."""
    healthy(api, update=error(403, "FORBIDDEN", "The key has no memories:write"))
    assert diagnosis()["writing"].state == "warning"
    before = len(api.calls)
    assert diagnosis(read_only=True)["writing"].state == "skipped"
    assert {call.request.method for call in api.calls[before:]} == {"GET", "POST"}


def options_of(command):
    """Return the options of a command."""
    parser = argparse.ArgumentParser()
    load_command(command).configure(parser)
    return {option for action in parser._actions for option in action.option_strings}


def test_the_doctor_takes_the_options_of_mcp():
    """A configuration is checked by putting `doctor` in the place of `mcp`."""
    of_no_configuration = {"--print-config", "--url"}
    assert options_of("mcp") - of_no_configuration <= options_of("doctor")
    assert "--read-only" in options_of("doctor")


@pytest.mark.parametrize("variable", ["MEMORY_OS_LOG", "MEMORY_OS_BASE_URL"])
def test_a_key_in_the_wrong_variable_is_not_repeated(run, monkeypatch, variable):
    """The variable is named as the one to correct."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", KEY)
    monkeypatch.setenv(variable, "mos_live_0123456789abcdef")
    shown = run("doctor")
    assert shown.status == 1
    assert "0123456789abcdef" not in shown.out + shown.err
    assert f"{variable} must be" in shown.out


@pytest.mark.local_server
def test_the_doctor_runs_with_the_options_of_mcp(run, tmp_path):
    """The whole line of a configuration."""
    file = str(tmp_path / "m.db")
    run("create", "Ada likes tea", "--data", file)
    result = run("doctor", "--read-only", "--data", file, "--timeout", "5")
    assert (result.status, "Everything works." in result.out) == (0, True)


@pytest.mark.local_server
def test_the_advice_for_a_file_that_can_t_be_used_is_its_own_message(run, tmp_path):
    """Here a backup that was copied beside another database's log."""
    data, copy = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    run("create", "Ada likes tea", "--data", data)
    run("backup", "--data", data, copy)
    (tmp_path / "b.db-wal").write_bytes(b"log")
    result = run("doctor", "--data", copy)
    assert result.status == 1
    # The file's name alone would be another file in the present folder.
    assert "`memoryos restore BACKUP --data FILE`, where FILE is the path of b.db" in result.out
    assert "do what the message says" in result.out
    assert "operator" not in result.out


@pytest.mark.local_server
def test_damage_that_only_a_search_meets_in_a_file_has_no_operator(run, tmp_path):
    data = tmp_path / "a.db"
    run("create", "Ada likes tea", "--tier", "long", "--data", str(data))
    with closing(sqlite3.connect(data)) as connection:
        connection.execute("UPDATE vectors SET vector = x'00'")
        connection.commit()
    result = run("doctor", "--data", str(data))
    assert result.status == 1
    assert "is damaged" in result.out
    assert "memoryos restore" in result.out
    assert "operator" not in result.out


@pytest.mark.local_server
@pytest.mark.parametrize(
    ("embedder", "said", "advice"),
    [
        ("openai", "set the environment variable OPENAI_API_KEY", "do what the message says"),
        ("python:not_there:embed", "No module named 'not_there'", "do what the message says"),
        ("mini", "embedder must be auto, minilm, ", "correct the environment variable MEMORY_OS_E"),
    ],
)
def test_an_embedder_that_can_not_be_used_is_a_finding(
    run, tmp_path, monkeypatch, embedder, said, advice
):
    file = str(tmp_path / "m.db")
    run("create", "Ada likes tea", "--data", file)
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", embedder)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = run("doctor", "--data", file)
    assert (result.status, result.err) == (1, "")
    assert said in result.out
    assert advice in result.out
    assert "pip install" not in result.out


@pytest.mark.local_server
@pytest.mark.embedder
@pytest.mark.parametrize(
    ("text", "is_told"),
    [("Der Zug {} fährt nicht am Sonntag", True), ("The train {} is late on Sundays", False)],
)
def test_memories_in_a_language_that_the_embedder_does_not_know_are_a_warning(
    run, tmp_path, monkeypatch, text, is_told
):
    file = str(tmp_path / "m.db")
    with MemoryOS.local(file, embedder="none") as memory:
        for number in range(25):
            memory.memories.create(text.format(number), tier="long")
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "auto")
    result = run("doctor", "--data", file)
    assert (result.status, result.err) == (0, "")
    assert ("most texts here are not in English" in result.out) == is_told
    assert ("memoryos reembed --embedder multilingual" in result.out) == is_told
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    assert "English" not in run("doctor", "--data", file).out


@pytest.mark.parametrize(
    ("version", "is_supported"),
    [
        ("0.9.1", False),
        ("1.18.0", False),
        ("1.19.0", True),
        ("1.30.0", True),
        ("2.0.0", True),
        ("2.10.1rc1", True),
        ("3.0.0a1", False),
    ],
)
def test_a_version_of_mcp_that_can_t_be_used_is_a_warning(monkeypatch, version, is_supported):
    """The versions that the extra installs are fine."""
    monkeypatch.setattr(installation.metadata, "version", lambda name: {"mcp": version}[name])
    found = list(installation._mcp())
    assert [each.state for each in found] == ([] if is_supported else ["warning"])
    assert all(version in each.fact and "mcp>=1.19,<3" in each.advice for each in found)


def test_a_wrong_clock_is_a_problem(api):
    """With the direction and the amount."""
    healthy(api, date=datetime.now(timezone.utc) + timedelta(minutes=10))
    found = diagnosis()["clock"]
    assert found.state == "problem"
    assert "10 min behind" in found.fact or "9 min behind" in found.fact
    assert "NTP" in found.advice


def test_a_key_that_may_only_read_is_told(api):
    """As a warning: it may be meant so."""
    refused = error(403, "FORBIDDEN", "Missing scope: memories:write")
    healthy(api, update=refused)
    found = diagnosis()["writing"]
    assert found.state == "warning"
    assert "memories:write" in found.advice


def test_a_search_by_words_only_is_told(api):
    """It works, and surprises."""
    healthy(api, search=item({"results": [], "search_type": "text", "threshold": 1.0}))
    assert diagnosis()["searching"].state == "warning"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error(401, "UNAUTHORIZED", "Unknown key"), "revoked"),
        pytest.param(
            error(404, "NOT_FOUND", "No such route"),
            "/v1",
            marks=pytest.mark.off_contract(reason="there is no such address, as without /v1"),
        ),
        pytest.param(
            httpx.Response(200, html="<html>"),
            "another server responds",
            marks=pytest.mark.off_contract(reason="a page of HTML is no answer of the API"),
        ),
        (error(500, "INTERNAL_ERROR", "Oh"), "request id"),
    ],
)
def test_a_service_that_refuses_ends_the_examination(api, answer, said):
    """With what to do about it."""
    api.get("/memories").mock(return_value=answer)
    found = diagnosis()
    assert list(found) == ["service"]
    assert found["service"].state == "problem"
    assert said in found["service"].advice


@pytest.mark.parametrize(
    "kind",
    [
        APIConnectionError,
        APITimeoutError,
        AuthenticationError,
        InvalidResponseError,
        MemoryOSError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitError,
        ServerError,
    ],
)
def test_every_error_has_its_advice(kind):
    """None is left without."""
    found = findings.call_failed("service", kind("CODE", "It is so", 500, "req_9"))
    assert (found.state, found.fact) == ("problem", "It is so (CODE, request req_9)")
    assert found.advice


def test_of_a_key_only_what_is_no_secret_is_told():
    """The kind and the length."""
    found = findings.check_key(KEY, None)
    assert found.state == "ok"
    assert KEY[9:] not in found.fact
    assert "from /a/key.file" in findings.check_key(KEY, None, "/a/key.file").fact
    assert findings.check_key(None, None).state == "problem"
    assert findings.check_key("sk-secret", MemoryOSError("X", "not a key", 401)).state == "problem"
    assert "secret" not in str(
        findings.check_key("sk-secret", MemoryOSError("X", "not a key", 401))
    )


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("https://api.example/v1", "ok"),
        ("http://127.0.0.1:8765/v1", "ok"),
        ("http://api.example/v1", "problem"),
        ("https://api.example", "warning"),
    ],
)
def test_an_address_is_judged(url, state):
    """A key must not travel in the clear; a forgotten /v1 is common."""
    assert findings.check_address(url, "here").state == state


@pytest.mark.parametrize(
    ("skew", "state"), [(0, "ok"), (25, "ok"), (-25, "ok"), (40, "problem"), (-3600, "problem")]
)
def test_a_clock_is_judged_by_the_service_s(skew, state):
    """Half a minute is nothing; more is."""
    date = format_datetime(NOW - timedelta(seconds=skew), usegmt=True)
    assert findings.check_clock(date, NOW, timedelta(seconds=1)).state == state


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_a_service_that_tells_no_time_is_no_trouble(date):
    """It is said that nothing was compared."""
    assert findings.check_clock(date, NOW, timedelta(0)).state == "skipped"


def test_a_slow_service_is_told():
    """By the usual call, not by the first, which opens the connection."""
    assert findings.check_latency(3.0, [0.1, 0.1, 2.0]).state == "ok"
    assert findings.check_latency(0.1, [2.0, 2.0, 0.1]).state == "warning"


def test_a_certificate_that_ends_soon_is_told():
    """While there is time to renew it."""
    assert findings.check_certificate(NOW + timedelta(days=90), "TLSv1.3", NOW).state == "ok"
    assert findings.check_certificate(NOW + timedelta(days=3), "TLSv1.3", NOW).state == "warning"


def test_the_doctor_says_what_is_wrong_and_what_to_do(run, monkeypatch):
    """With exit status 1; for programs as JSON."""
    monkeypatch.setenv("MEMORY_OS_BASE_URL", "nowhere")
    result = run("doctor")
    assert result.status == 1
    assert "MEMORY_OS_API_KEY is not set" in result.out
    assert "2 problems to fix: key, address" in result.out
    told = json.loads(run("doctor", "--json").out)
    assert told["ok"] is False
    assert [f["name"] for f in told["findings"]] == [
        "versions",
        "extras",
        "parsers",
        "key",
        "address",
    ]


def test_a_key_in_the_clear_is_a_problem_though_all_else_works(api, run, monkeypatch):
    """From the versions to the search everything is told; the key is not."""
    healthy(api)
    with listening() as port, socket.socket() as connection:
        connection.connect(("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [()])
        monkeypatch.setattr(socket, "create_connection", lambda *_, **__: connection)
        result = run("doctor")
    assert result.status == 1
    assert "1 problem to fix: address" in result.out
    assert "searching" in result.out
    assert KEY not in result.out + result.err
