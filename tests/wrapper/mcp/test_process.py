"""`memoryos mcp` as a process: what it writes to standard output, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

SECONDS = 60
INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
NOISY_EMBEDDER = """
import os, subprocess, sys
print("NOISE: import", flush=True)
print("NOISE: left in the buffer")
os.write(1, b"NOISE: descriptor\\n")
subprocess.run([sys.executable, "-c", "print('NOISE: child')"], check=True)
assert sys.stdin.read() == ""
try:
    import ctypes
    ctypes.CDLL(None).printf(b"NOISE: native\\n")
except OSError:
    pass

def embed(texts):
    os.write(1, b"NOISE: embed\\n")
    return [[float(len(text)), 1.0] for text in texts]
"""


def line(method, request_id=None, **params):
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    if request_id is not None:
        message["id"] = request_id
    return json.dumps(message).encode() + b"\n"


def tool(request_id, name, **arguments):
    return line("tools/call", request_id, name=name, arguments=arguments)


OPENING = line("initialize", 1, **INITIALIZE) + line("notifications/initialized")


@pytest.fixture
def process(tmp_path):
    """A function that starts the command; what is left is ended."""
    started = []

    def start(**environment):
        environment = {
            **os.environ,
            "MEMORY_OS_EMBEDDER": "none",
            **environment,
        }
        command = [sys.executable, "-m", "memoryos", "mcp", "--data", str(tmp_path / "m.db")]
        pipe = subprocess.PIPE
        one = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
        started.append(one)
        return one

    yield start
    for one in started:
        one.kill()
        one.communicate()


def responses(output):
    """Return the responses by id; every line is one."""
    found = {}
    for text in output.splitlines():
        message = json.loads(text)
        found.setdefault(message["id"], []).append(message)
    return found


def test_every_request_is_answered_before_it_ends(process):
    """Though standard input ends at once, without a line break, and with errors in between."""
    odd = [b"\xef\xbb\xbf" + line("ping", 90), b"hello\n", b"\n", b"\xff\xfe\x00\n", b"[]\n"]
    odd.append(tool(91, "remember", content="a").replace(b'"a"', b'"\\ud800"'))
    odd.append(b'{"jsonrpc": "2.0", "id": 92, "x": "' + b"x" * (17 * 1024**2) + b'"}\n')
    calls = [tool(number, "remember", content=f"memory {number}") for number in range(2, 12)]
    data = OPENING + b"".join([*calls[:5], *odd, *calls[5:], tool(12, "list_memories")])
    one = process()
    output, errors = one.communicate(data.rstrip(b"\n"), timeout=SECONDS)
    assert (one.returncode, errors) == (0, b"")
    found = responses(output)
    assert set(found) == {None, 90, 91, *range(1, 13)}
    assert len(found[None]) == 4
    for number in range(1, 13):
        assert "result" in found[number][0]
    for number in (None, 90, 91):
        assert all("error" in message for message in found[number])


def test_nothing_else_reaches_standard_output(process, tmp_path):
    """What an embedder prints goes to the host's log, whichever way it prints."""
    (tmp_path / "noisy_embedder.py").write_text(NOISY_EMBEDDER)
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    one = process(MEMORY_OS_EMBEDDER="python:noisy_embedder:embed", PYTHONPATH=path)
    data = OPENING + tool(2, "remember", content="Ada") + tool(3, "search_memories", query="Ada")
    output, errors = one.communicate(data, timeout=SECONDS)
    assert one.returncode == 0
    assert set(responses(output)) == {1, 2, 3}
    for way in ("import", "left in the buffer", "descriptor", "child", "embed"):
        assert f"NOISE: {way}".encode() in errors


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [(signal.SIGTERM, 0, b""), (signal.SIGINT, 130, b"memoryos mcp: interrupted\n")],
)
def test_a_signal_ends_it(process, number, status, said):
    """Though the host neither closes standard input nor reads what was written."""
    one = process()
    one.stdin.write(OPENING)
    one.stdin.flush()
    one.stdout.readline()
    flood = line("tools/list", 2) * 500

    def write():
        try:
            one.stdin.write(flood)
            one.stdin.flush()
        except OSError:
            pass  # the process has ended

    writer = threading.Thread(target=write)
    writer.start()
    one.stdout.read(1)  # it answers, and nobody reads the rest
    one.send_signal(number)
    assert one.wait(SECONDS) == status
    assert one.stderr.read() == said
    writer.join(SECONDS)


def test_a_host_that_is_gone_ends_it(process):
    """It closes standard output, and a response can't be written."""
    one = process()
    one.stdin.write(OPENING)
    one.stdin.flush()
    one.stdout.readline()
    one.stdout.close()
    one.stdin.write(line("tools/list", 2))
    one.stdin.flush()
    assert one.wait(SECONDS) == 0
    assert one.stderr.read() == b""


def test_the_log_quotes_no_message(process):
    """Whatever is wrong with it; responses to no request are ignored."""
    telltales = [
        line("ping", 5, telltale="telltale"),
        line("telltale/telltale", 6, telltale=1),
        line("prompts/get", 7, telltale=["telltale"]),
        tool(8, "telltale", telltale="telltale"),
        tool(9, "remember", telltale="telltale"),
        line("notifications/telltale", telltale="telltale"),
        line("notifications/progress", telltale="telltale"),
        line("tools/call", 10, name="remember", arguments={"content": "x"}, _meta="telltale"),
        b'{"telltale": 1}\n',
        b'{"jsonrpc": "2.0", "id": 11, "result": {"telltale": 1}}\n',
        b'{"jsonrpc": "2.0", "id": 12, "error": {"code": 1, "message": "telltale"}}\n',
    ]
    one = process()
    output, errors = one.communicate(OPENING + b"".join(telltales), timeout=SECONDS)
    assert one.returncode == 0
    assert set(responses(output)) == {None, 1, *range(5, 11)}
    assert b"telltale" not in errors


def test_a_response_to_a_request_of_the_server_is_passed_on_once():
    from memoryos.mcp._messages import read_message
    from memoryos.mcp._stdio import _Output

    response = read_message(b'{"jsonrpc": "2.0", "id": 0, "result": {}}', lambda _: None)
    request = read_message(line("ping", 0), lambda _: None)
    reading, writing = os.pipe()

    async def ask():
        output = _Output(writing, lambda: None)
        before = output.is_awaited(response)
        await output.write('{"jsonrpc": "2.0", "id": 0, "method": "ping"}\n')
        return before, output.is_awaited(response), output.is_awaited(response)

    try:
        assert asyncio.run(ask()) == (False, True, False)
    finally:
        os.close(reading)
        os.close(writing)
    assert request.is_response is False
