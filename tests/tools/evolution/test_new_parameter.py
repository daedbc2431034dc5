"""A new parameter takes two files: the contract, and a signature with its documentation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("openapi_python_client", reason="needs requirements/generator.txt")

import wrapper_check

ROOT = Path(__file__).resolve().parents[3]
RESOURCES = "wrapper/memoryos/_async/resources.py"
BY_HAND = {"openapi.yaml", RESOURCES}
DERIVED = ("generated/", "docs/reference/", "wrapper/memoryos/_sync/", "server/")

# Lines of the asynchronous client, each with the line that is added below it.
ADDED = {
    "        min_relevance: Optional[float] = None,\n        *,": (
        "        updated_after: Optional[Union[str, datetime]] = None,"
    ),
    "        explain: Optional[bool] = None,": "        exact: Optional[bool] = None,",
    "            min_relevance: Only memories with at least this relevance now, from 0 to 1.": (
        "            updated_after: Only memories updated at this time or later (RFC 3339)."
    ),
    "                Needs a service with the feature `explain`.": (
        "            exact: Whether every word of the query must occur."
    ),
}

# Sends both parameters by every way there is, and prints what was sent.
PROGRAM = """
import asyncio, inspect, json, sys
import httpx
from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.exceptions import ValidationError
from memoryos_api import models
from memoryos_api.api.memories import list_memories
from memoryos_api.api.search import search_memories

AFTER = "2026-11-02T08:15:00Z"
META = {"total": 0, "limit": 50, "offset": 0, "has_more": False, "request_id": "r"}
sent = []

def respond(request):
    is_list = request.method == "GET"
    body = {} if is_list else json.loads(request.content)
    sent.append(request.url.params["updated_after"] if is_list else body["exact"])
    found = {"results": [], "search_type": "semantic", "threshold": 0.7}
    return httpx.Response(200, json={"data": [] if is_list else found, "meta": META})

def use(memory):
    for client in (memory, memory.with_raw_response):
        yield client.memories.list(updated_after=AFTER)
        yield client.search("tea", exact=True)

with httpx.Client(transport=httpx.MockTransport(respond)) as http_client:
    memory = MemoryOS("mos_test_key", http_client=http_client)
    list(use(memory))
    list_memories.sync(client=memory.low_level, updated_after=AFTER)
    body = models.SearchRequest(query="tea", exact=True)
    search_memories.sync(client=memory.low_level, body=body)
    for method, arguments in (
        (memory.memories.list, {"updated_after": 5}),
        (memory.search, {"query": "tea", "exact": 1}),
    ):
        try:
            method(**arguments)
        except ValidationError as error:
            sent.append(error.details["argument"])

async def use_async():
    transport = httpx.MockTransport(respond)
    async with httpx.AsyncClient(transport=transport) as http_client:
        for call in use(AsyncMemoryOS("mos_test_key", http_client=http_client)):
            await call

asyncio.run(use_async())
if sys.version_info >= (3, 10):
    from memoryos.mcp._tools import read_tools
    tools = [tool.input_schema["properties"] for tool in read_tools(None)]
    sent.append([name for tool in tools for name in tool if name in ("updated_after", "exact")])
print(json.dumps(sent))
"""


@pytest.fixture
def evolved(project):
    """The project with a new parameter in a query and one in a body, each in its two files."""
    project.new["paths"]["/memories"]["get"]["parameters"].append(
        {
            "name": "updated_after",
            "in": "query",
            "description": "Only memories that were updated at this time or later.",
            "schema": {"type": "string", "format": "date-time"},
        }
    )
    exact = {"type": "boolean", "description": "Whether every word of the query must occur."}
    project.schemas["SearchRequest"]["properties"]["exact"] = exact
    project.before = contents(project.root)
    resources = project.root / RESOURCES
    text = resources.read_text(encoding="utf-8")
    for line, added in ADDED.items():
        assert text.count(f"{line}\n") == 1, line
        text = text.replace(f"{line}\n", f"{line}\n{added}\n")
    resources.write_text(text, encoding="utf-8")
    status, _, error = project.regenerate()
    assert (status, error) == (0, "")
    return project


def contents(root):
    """Return the text of every file of the project, by its path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_new_parameter_takes_two_files_and_everything_follows(evolved):
    after = contents(evolved.root)
    changed = {name for name in after if after[name] != evolved.before.get(name)}
    assert {name for name in changed if not name.startswith(DERIVED)} == BY_HAND
    assert wrapper_check.main(evolved.root) == 0
    assert "| `updated_after` | query |" in evolved.text("docs/reference/parameters.md")
    assert "| `exact` | body |" in evolved.text("docs/reference/parameters.md")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, _packages(evolved.root)))},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    both = ["2026-11-02T08:15:00Z", True]
    offered_to_models: list[str] = []  # a tool of the MCP server names its arguments
    sent = [*both * 3, "updated_after", "exact", *both * 2, offered_to_models]
    assert json.loads(done.stdout) == sent


def _packages(root):
    return [root / "wrapper", root / "generated"]
