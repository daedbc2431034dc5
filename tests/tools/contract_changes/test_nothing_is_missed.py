"""Whatever is edited in the project's own contract, the comparison says something of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes import compare
from generation.contract import ContractError

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = json.loads((ROOT / "generated/memoryos_api/contract.json").read_text(encoding="utf-8"))
TEXTS = {"description", "summary", "title", "example", "examples", "info", "bearerFormat"}
SHARDS = 20


def leaves(node, path=()):
    """The path of every value that has no parts."""
    parts = node.items() if isinstance(node, dict) else enumerate(node)
    for key, part in parts:
        if isinstance(part, (dict, list)) and part:
            yield from leaves(part, (*path, key))
        else:
            yield (*path, key)


def another(value):
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return f"{value}x" if isinstance(value, str) else {"type": "boolean"}


def edited(path):
    """The contract with another value at one place."""
    contract = copy.deepcopy(CONTRACT)
    node = contract
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = another(node[path[-1]])
    return contract


def is_text(path):
    """Whether a place is documentation: it has no say in what is sent or answered."""
    names = path[3:] if path[:2] == ("components", "schemas") else path
    fields = {key for before, key in zip(path, path[1:]) if before == "properties"}
    keys = [key for key in names if isinstance(key, str) and key not in fields]
    return bool(TEXTS & set(keys)) or "x-assumed" in keys


ALL = [path for path in leaves(CONTRACT) if path[0] != "openapi"]


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_edit_of_a_single_value_is_noticed(shard):
    for path in ALL[shard::SHARDS]:
        try:
            changes = compare(CONTRACT, edited(path))
        except ContractError:
            assert path[-1] == "$ref"
            continue
        assert changes, path
        kinds = {change.kind for change in changes}
        if is_text(path) and "code" not in path:
            assert kinds <= {"documentation", "wording", "version"}, path


def test_the_edits_are_many():
    assert len(ALL) > 1000
