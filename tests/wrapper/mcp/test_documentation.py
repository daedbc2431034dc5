"""docs/mcp.md keeps its word: every configuration starts, every tool is named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from code_blocks import code_blocks
from memoryos._cli.main import full_parser

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "mcp.md").read_text(encoding="utf-8")
CONFIGURATIONS = [
    json.loads(block.lexemes["source"])
    for block in code_blocks(PAGE)
    if block.lexemes["language"] == "json"
]
SNIPPETS = [json.loads(f"{{{code}}}") for code in re.findall(r'`("(?:args|env)": .*?)`', PAGE)]


def servers():
    """Return every server that a configuration names."""
    for configuration in CONFIGURATIONS:
        yield from (configuration.get("mcpServers") or configuration["servers"]).values()


def test_every_configuration_is_a_command_that_exists():
    """With options that it takes, and variables that it reads."""
    assert len(CONFIGURATIONS) == 4
    for server in [*servers(), *SNIPPETS]:
        if "args" in server:
            assert callable(full_parser().parse_args(server["args"]).run)
        assert set(server.get("env", {})) <= {"MEMORY_OS_API_KEY"}
    assert {server["command"] for server in servers()} == {"/home/you/.memoryos/bin/memoryos"}


async def test_the_page_names_the_tools_and_their_hints(connected):
    """Those that are there, and no others."""
    async with connected() as client:
        tools = await client.tools()
    kinds = {(True, False): "reads only", (False, False): "adds", (False, True): "overwrites"}
    hints = {
        name: kinds[tool["annotations"]["readOnlyHint"], tool["annotations"]["destructiveHint"]]
        for name, tool in tools.items()
    }
    rows = re.findall(r"^\| `(\w+)` \| .* \| (reads only|adds|overwrites).*\|$", PAGE, re.MULTILINE)
    assert dict(rows) == hints
