"""docs/mcp.md keeps its word: every configuration starts, every tool is named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from code_blocks import code_blocks
from memoryos import AsyncMemoryOS
from memoryos._cli.main import full_parser
from memoryos._cli.mcp_configurations import APPLICATIONS, Command, command_entry, http_entry
from memoryos.mcp._tools import read_tools, write_tools

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "mcp.md").read_text(encoding="utf-8")
CONFIGURATIONS = [
    json.loads(block.lexemes["source"])
    for block in code_blocks(PAGE)
    if block.lexemes["language"] == "json"
]
SNIPPETS = [json.loads(f"{{{code}}}") for code in re.findall(r'`("(?:args|env)": .*?)`', PAGE)]


COMMAND = "/home/you/.memoryos/bin/memoryos"
PROJECT = "/home/you/projects/thing/memories.db"


@pytest.mark.parametrize(
    ("number", "name", "options", "needs_key"),
    [
        (0, "claude-desktop", (), False),
        (1, "claude-code", (), True),
        (2, "cursor", ("--data", PROJECT), False),
        (3, "vscode", (), True),
        (4, "zed", (), False),
    ],
)
def test_a_configuration_is_the_one_that_is_printed(number, name, options, needs_key):
    """With a command that exists and takes its options."""
    application = APPLICATIONS[name]
    command = Command([COMMAND, "mcp", *options], needs_key, {})
    entry = command_entry(application, command)
    assert application.configuration(entry) == CONFIGURATIONS[number]
    assert callable(full_parser().parse_args(entry["args"]).run)


def test_the_configuration_of_a_server_is_the_one_that_is_printed():
    application = APPLICATIONS["cursor"]
    entry = http_entry(application, "https://memory.example.com/mcp")
    assert application.configuration(entry) == CONFIGURATIONS[5]
    assert len(CONFIGURATIONS) == 6


def test_every_setting_exists():
    """Options that the command takes, and variables that it reads."""
    assert SNIPPETS
    for snippet in SNIPPETS:
        if "args" in snippet:
            assert callable(full_parser().parse_args(snippet["args"]).run)
        assert set(snippet.get("env", {})) <= {"MEMORY_OS_API_KEY"}


async def test_the_page_names_the_resources_and_prompts(connected):
    """Those that are there, with what they take, and no others."""
    async with connected() as client:
        resources, templates = await client.resources()
        prompts = await client.prompts()
    uris = [one["uri"] for one in resources] + [one["uriTemplate"] for one in templates]
    assert sorted(re.findall(r"^\| `(memory://\S+)` \|", PAGE, re.MULTILINE)) == sorted(uris)
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert dict(rows) == {name: one["arguments"][0]["name"] for name, one in prompts.items()}


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


def test_the_page_says_what_each_permission_is_for():
    """A key without it is not offered the tool."""
    client = AsyncMemoryOS(api_key="mos_test_unused")
    rows = re.findall(r"^\| ((?:`\w+:\w+`(?: and )?)+) \| (.*) \|$", PAGE, re.MULTILINE)
    for tool in (*read_tools(client), *write_tools(client)):
        needed = " and ".join(f"`{permission}`" for permission in sorted(tool.needs))
        named = [permissions for permissions, offered in rows if f"`{tool.name}`" in offered]
        assert named == [needed], tool.name
