"""`memoryos serve` as a process: what it says, how it starts, how it stops."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

PATIENCE_SECONDS = 60


@contextmanager
def running(*options, module="memoryos", command=("serve",), log="warning"):
    """Start a server on a free port; kill it in the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *command, "--port", "0", "--data", ":memory:", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MEMORY_OS_LOG": log},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def facts(process):
    """Read the line that `--json` prints, and the key in the file that it names, if it does."""
    told = json.loads(process.stdout.readline())
    file = told["api_key_file"]
    return told if file is None else {**told, "api_key": read_key(file)}


def read_key(file):
    return Path(file).read_text(encoding="ascii").strip()


def text_for_people(process):
    return "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))


def exported(text):
    """Let a shell run the lines to copy, and return the variables that they set."""
    lines = re.findall(r"^ +(export .*)$", text, flags=re.MULTILINE)
    names = ("MEMORY_OS_BASE_URL", "MEMORY_OS_API_KEY")
    script = "\n".join([*lines, *(f'echo "${name}"' for name in names)])
    environment = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        ["sh", "-euc", script], env=environment, capture_output=True, text=True, check=True
    )
    base_url, api_key = done.stdout.splitlines()
    return {"base_url": base_url, "api_key": api_key}


def client(told):
    return httpx.Client(
        base_url=told["base_url"],
        headers={"Authorization": f"Bearer {told['api_key']}"},
        timeout=PATIENCE_SECONDS,
    )


def stop(process, by=signal.SIGTERM):
    process.send_signal(by)
    rest, errors = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, rest, errors


def failure(*options):
    """Run a start that must fail; return its one line of explanation."""
    result = subprocess.run(
        [sys.executable, "-m", "memoryos", "serve", *options],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize(("module", "command"), [("memoryos", ("serve",)), ("memoryos_server", ())])
def test_programs_read_one_line_and_can_call_at_once(module, command):
    """Address, key and process id; the first request waits in the socket if it must."""
    with running("--json", module=module, command=command) as process:
        told = facts(process)
        assert set(told) == {"base_url", "api_key", "api_key_file", "pid"}
        assert told["pid"] == process.pid
        assert told["api_key"].startswith("mos_test_")
        with client(told) as http:
            assert http.get("/tags").status_code == 200
            assert http.get("/tags", headers={"Authorization": "Bearer mos_x"}).status_code == 401
        assert stop(process) == (0, "", "")


def test_people_read_the_address_the_key_and_the_lines_to_copy():
    """The two `export` lines are all that a client needs, in a shell."""
    with running() as process:
        with client(exported(text_for_people(process))) as http:
            assert http.get("/tags").status_code == 200
        assert stop(process) == (0, "", "")


def shown_on_a_terminal(*options):
    """Return what a server prints on a terminal, until it is ready."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "memoryos", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        text = b""
        while b"Ctrl-C" not in text and b"pid" not in text:
            text += os.read(ours, 4096)
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
    os.close(ours)
    return text.decode()


@pytest.mark.skipif(os.name != "posix", reason="this system has no pseudoterminals")
def test_the_key_is_printed_on_a_terminal_only_and_once(tmp_path):
    data = ("--embedder", "none", "--data", str(tmp_path / "m.db"))
    shown = shown_on_a_terminal(*data)
    key = read_key(tmp_path / "m.db.key")
    assert shown.count(key) == 1
    assert exported(shown.replace("\r", ""))["api_key"] == key
    assert key not in shown_on_a_terminal(*data, "--print-key")
    (tmp_path / "m.db").unlink()
    assert "mos_" not in shown_on_a_terminal(*data, "--json", "--print-key")
    for options, times in (((), 0), (("--print-key",), 1)):
        with running(*options) as process:
            shown = text_for_people(process)
            assert shown.count(exported(shown)["api_key"]) == times


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_with_status_0_and_not_a_word(by):
    """Also right after the start, and with a connection that is kept open."""
    with running("--json") as process:
        facts(process)
        assert stop(process, by) == (0, "", "")
    with running("--json") as process, client(facts(process)) as http:
        http.get("/tags")
        assert stop(process, by) == (0, "", "")


def test_a_request_under_way_is_finished_before_it_stops():
    """Its second half arrives after the signal, and is answered."""
    with running("--json") as process:
        told = facts(process)
        body = b'{"query": "x"}'
        head = (
            f"POST /v1/search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {told['api_key']}\r\n"
            f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        port = httpx.URL(told["base_url"]).port
        with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
            connection.sendall(head.encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
            process.send_signal(signal.SIGTERM)
            connection.sendall(body)
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_body_that_is_too_large_gets_its_413():
    """The client that sent it reads the envelope, not a broken connection."""
    with running("--json") as process, client(facts(process)) as http:
        answer = http.post("/search", content=b"x" * 5_000_000)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
        assert http.get("/tags").status_code == 200


def keys_of(data):
    result = subprocess.run(
        [sys.executable, "-m", "memoryos", "keys", "list", "--json", "--data", data],
        capture_output=True,
        check=True,
    )
    return json.loads(result.stdout)


def test_keys_and_memories_outlive_the_process(tmp_path):
    """Only the first start makes a key; it stays good."""
    data = str(tmp_path / "new folder" / "memories.db")
    with running("--json", "--data", data) as process, client(facts(process)) as http:
        old_key = http.headers["authorization"]
        http.post("/memories", json={"content": "Ada drinks her coffee black", "tier": "long"})
        assert stop(process)[0] == 0
    with running("--json", "--data", data) as process, client(facts(process)) as http:
        assert http.headers["authorization"] == old_key
        (memory,) = http.get("/memories").json()["data"]
        assert memory["content"] == "Ada drinks her coffee black"
    assert len(keys_of(data)) == 1


def test_a_restart_shuts_no_program_out(tmp_path):
    """Although another one of its address goes on with a wrong key, which is to be limited."""
    options = ("--json", "--data", str(tmp_path / "m.db"), "--failed-auth-limit", "1/h")
    with running(*options) as process:
        facts(process)
        stop(process)
    with running(*options) as process, client(facts(process)) as http:
        wrong = {"Authorization": "Bearer mos_test_revoked"}
        statuses = [http.get("/memories", headers=wrong).status_code for _ in range(2)]
        assert statuses == [401, 429]
        assert http.get("/memories").status_code == 200


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_programs_too_are_warned_of_a_key_that_others_can_read(tmp_path):
    options = ("--json", "--data", str(tmp_path / "m.db"))
    with running(*options) as process:
        file = facts(process)["api_key_file"]
        assert "chmod" not in stop(process)[2]
    Path(file).chmod(0o644)
    with running(*options) as process:
        facts(process)
        errors = stop(process)[2]
    assert errors == f"memoryos serve: other users can read {file}; run chmod 600 on it\n"


@pytest.mark.parametrize(
    ("options", "state", "line"),
    [
        (["--scopes", "memories:read"], "valid", "1 valid key"),
        (["--owner", "somebody else"], "valid", "1 valid key"),
        ([], "revoked", "no valid key"),
    ],
)
def test_no_key_is_made_where_there_is_one(tmp_path, options, state, line):
    """Whatever it permits, also one that was revoked: that was somebody's decision."""
    data = str(tmp_path / "m.db")
    create = [sys.executable, "-m", "memoryos", "keys", "create", "--json", "--data", data]
    made = json.loads(subprocess.run([*create, *options], capture_output=True, check=True).stdout)
    if state == "revoked":
        revoke = [sys.executable, "-m", "memoryos", "keys", "revoke", made["id"], "--data", data]
        subprocess.run(revoke, capture_output=True, check=True)
    with running("--data", data) as process:
        text = text_for_people(process)
        assert stop(process)[0] == 0
    assert f"API keys  {line}; to create one: memoryos keys create --data {data}\n" in text
    assert "mos_" not in text
    assert [(key["id"], key["state"]) for key in keys_of(data)] == [(made["id"], state)]


def test_a_port_in_use_is_told_in_one_line():
    """With what to do about it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = failure("--port", port, "--data", ":memory:")
    assert f"port {port} is in use" in line
    assert "--port 0" in line


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.invalid"])
def test_other_machines_are_let_in_only_on_purpose(host):
    """Anything but loopback needs the flag."""
    line = failure("--host", host, "--port", "0", "--data", ":memory:")
    assert host in line
    assert "--allow-remote" in line


@pytest.mark.parametrize(("host", "local"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])
def test_with_the_flag_it_listens_everywhere_and_says_so(host, local):
    """The lines to copy work, on this machine as well."""
    if host == "::" and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with running("--host", host, "--allow-remote") as process:
        text = text_for_people(process)
        told = exported(text)
        port = httpx.URL(told["base_url"]).port
        here = f"http://{local}:{port}/v1"
        assert f"on all interfaces ({host}), port {port}; on this machine also {here}\n" in text
        assert "Other machines can reach it" in text
        for base_url in (told["base_url"], here):
            with client({**told, "base_url": base_url}) as http:
                assert http.get("/tags").status_code == 200


def test_a_host_that_can_not_be_listened_on_is_told_in_one_line():
    """TEST-NET-1 belongs to no machine."""
    line = failure("--host", "192.0.2.1", "--allow-remote", "--port", "0", "--data", ":memory:")
    assert "can't listen on 192.0.2.1" in line


def test_a_file_that_can_not_be_used_is_told_in_one_line(tmp_path):
    """A folder in its place, or a file that is no database."""
    assert str(tmp_path) in failure("--port", "0", "--data", str(tmp_path))
    other = tmp_path / "letter.txt"
    other.write_text("Dear Ada, this is no database. " * 100)
    assert "letter.txt" in failure("--port", "0", "--data", str(other))
    assert other.read_text().startswith("Dear Ada")


def test_an_ipv6_address_is_written_in_brackets():
    """As a URL wants it."""
    with running("--host", "::1", "--json") as process:
        told = facts(process)
        assert told["base_url"].startswith("http://[::1]:")
        with client(told) as http:
            assert http.get("/tags").status_code == 200


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_a_usage_error(port):
    """Exit status 2, as for every mistyped option."""
    result = subprocess.run(
        [sys.executable, "-m", "memoryos", "serve", "--port", port],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert result.returncode == 2
    assert "--port" in result.stderr


LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} memoryos_server.access INFO "
    r"(?P<method>\S+) (?P<path>\S+) (?P<status>\d+) \d+\.\d ms "
    r"request_id=(?P<request_id>req_[0-9a-f]+) owner=(?P<owner>\S+)"
)


def test_each_request_is_one_line_on_standard_error():
    """By default: without query, content and key, and with the id that the client got."""
    with running("--json", log="") as process:
        told = facts(process)
        with client(told) as http:
            ids = [
                http.get("/tags", params={"search": "secret"}).headers["x-request-id"],
                http.post("/memories", json={"content": "secret"}).headers["x-request-id"],
                http.get("/tags", headers={"Authorization": "Bearer mos_secret"}).headers[
                    "x-request-id"
                ],
                http.get(f"/memories/{told['api_key']}").headers["x-request-id"],
            ]
        status, _, errors = stop(process)
    lines = [LINE.fullmatch(line) for line in errors.splitlines()]
    assert (status, len(lines), None in lines) == (0, 4, False), errors
    assert [line.group("method", "path", "status", "owner") for line in lines] == [
        ("GET", "/v1/tags", "200", "default"),
        ("POST", "/v1/memories", "200", "default"),
        ("GET", "/v1/tags", "401", "-"),
        ("GET", "/v1/memories/mos_...", "400", "default"),
    ]
    assert [line["request_id"] for line in lines] == ids
    assert "secret" not in errors
    assert told["api_key"] not in errors


@pytest.mark.parametrize(("log", "lines"), [("warning", 0), ("ERROR", 0), ("info", 1)])
def test_the_environment_sets_how_much_is_logged(log, lines):
    with running("--json", log=log) as process:
        with client(facts(process)) as http:
            http.get("/tags")
        assert len(stop(process)[2].splitlines()) == lines


def test_debug_adds_the_client_and_the_sizes():
    with running("--json", log="debug") as process:
        with client(facts(process)) as http:
            sent = len(http.post("/search", json={"query": "secret"}).content)
        errors = stop(process)[2]
    assert re.search(rf" client=127\.0\.0\.1:\d+ received=1[89] sent={sent}$", errors)
    assert "secret" not in errors


def test_a_log_level_that_is_none_is_told_in_one_line(monkeypatch):
    monkeypatch.setenv("MEMORY_OS_LOG", "loud")
    line = failure("--port", "0", "--data", ":memory:")
    assert line == (
        "memoryos serve: MEMORY_OS_LOG: must be one of debug, info, warning, error, not loud\n"
    )


@pytest.mark.skipif(os.name != "posix", reason="this system has no descriptors to close")
@pytest.mark.parametrize("how", ["closed", "unread", "broken"])
def test_a_standard_error_that_takes_nothing_does_not_stop_it(how):
    """Nobody reads the pipe, its reader has gone, or there is none."""
    serve = [sys.executable, "-m", "memoryos", "serve", "--port", "0", "--data", ":memory:"]
    command = ["sh", "-c", 'exec "$@"' + (" 2>&-" if how == "closed" else ""), "sh", *serve]
    reading, writing = os.pipe()
    if how == "unread":
        os.set_blocking(writing, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writing, b"x" * 4096)
        os.set_blocking(writing, True)
    with subprocess.Popen(
        [*command, "--json", "--embedder", "none"],
        stdout=subprocess.PIPE,
        stderr=writing,
        text=True,
    ) as process:
        os.close(writing)
        try:
            told = facts(process)
            if how == "broken":
                os.close(reading)
            with client(told) as http:
                assert {http.get("/tags").status_code for _ in range(20)} == {200}
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0
        finally:
            process.kill()
            if how != "broken":
                os.close(reading)
