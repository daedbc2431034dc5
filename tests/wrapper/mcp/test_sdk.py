"""The adapter for the official SDK: the only place that knows its two generations."""

from __future__ import annotations

import ast
from importlib import metadata
from pathlib import Path

import pytest

import memoryos.mcp
from memoryos._cli.main import main

pytestmark = pytest.mark.anyio

FOLDER = Path(memoryos.mcp.__file__).parent


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_one_module_imports_the_sdk():
    """And none imports what only one generation installs."""
    modules = {
        path.name: {name.partition(".")[0] for name in imported(path)}
        for path in FOLDER.glob("*.py")
    }
    assert [name for name, found in modules.items() if "mcp" in found] == ["_sdk.py"]
    assert set().union(*modules.values()) & {"mcp_types", "pydantic"} == set()


async def test_a_client_of_this_generation_agrees_on_a_version(started):
    """Over a process: the newest version that both know, and who the server is."""
    async with started(MEMORY_OS_EMBEDDER="none") as client:
        opened = client.initialized
        assert opened["serverInfo"]["name"] == "memoryos"
        assert opened["serverInfo"]["version"] == memoryos.__version__
        first = metadata.version("mcp").startswith("1.")
        assert opened["protocolVersion"] >= ("2025-06-18" if first else "2026-07-28")
        assert len(await client.tools()) == 7


def test_an_sdk_that_can_t_be_imported_is_named(monkeypatch, capsys):
    """As an old one beside a newer pydantic; not as a missing package."""

    def fail(*_args):
        raise ImportError("cannot import name 'x' from 'pydantic._internal'", name="pydantic")

    monkeypatch.setattr("memoryos._cli.commands.mcp._import_create_server", fail)
    assert main(["mcp"]) == 2
    told = capsys.readouterr().err
    assert f"the installed package mcp {metadata.version('mcp')} can't be imported" in told
    assert "pip install --upgrade 'mcp>=1.19,<3'" in told
