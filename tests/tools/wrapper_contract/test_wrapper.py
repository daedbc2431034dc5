"""The wrapper is held to the contract: what is missing or said otherwise is found, by its line."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("the Makefile's tools need Python 3.11", allow_module_level=True)

import wrapper_check
from wrapper_contract import agreement, contract_table, source

ROOT = Path(__file__).resolve().parents[3]
RESOURCES = "wrapper/memoryos/_async/resources.py"
OPERATIONS = "wrapper/memoryos/_protocol/operations.py"
ANSWERS = "wrapper/memoryos/_protocol/responses.py"
SERVICE = "server/memoryos_server/service/operations.py"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """A copy of what the checks read."""
    root = tmp_path_factory.mktemp("project")
    ignore = shutil.ignore_patterns("__pycache__", "api", "models")
    for folder in ("wrapper", "generated"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignore)
    (root / SERVICE).parent.mkdir(parents=True)
    shutil.copy(ROOT / SERVICE, root / SERVICE)
    return root


@pytest.fixture
def project(pristine, tmp_path):
    """A copy that a test may change."""
    return Path(shutil.copytree(pristine, tmp_path / "project"))


@pytest.fixture
def edit(project):
    """Replace a text that stands in a file, and return what disagrees then."""

    def edited(file, old, new, times=1):
        path = project / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= times, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, times), encoding="utf-8")
        return agreement.of_project(project)

    return edited


def test_the_project_agrees_with_its_contract():
    assert agreement.of_project(ROOT) == []


def test_every_operation_is_carried_out_by_a_method_of_both_clients():
    table, wrapper = contract_table.read(ROOT), source.read(ROOT)
    for client in source.CLIENTS:
        methods = [method for method in wrapper.methods if method.client == client]
        done = sorted(wrapper.functions[method.calls].operation for method in methods)
        assert done == sorted(table.operations)


SLIPS = {
    "another default": (RESOURCES, "limit: int = 50", "limit: int = 20", "the default 50"),
    "a default for what is required": (RESOURCES, "content: str,", 'content: str = "",', "content"),
    "no default": (RESOURCES, 'tier: Tier = "short",', "tier: Tier,", "the default 'short'"),
    "another type": (RESOURCES, "limit: int = 50", "limit: float = 50", "`limit: int = 50`"),
    "another list of values": (
        RESOURCES,
        "tier: Optional[Tier] = None",
        "tier: Optional[SortOrder] = None",
        "`tier: Optional[Tier] = None`",
    ),
    "not None where it may be left out": (
        RESOURCES,
        "external_id: Optional[str] = None",
        "external_id: str = None",
        "`external_id: Optional[str] = None`",
    ),
    "an argument that is missing": (
        RESOURCES,
        "        min_relevance: Optional[float] = None,\n",
        "",
        "add `min_relevance: Optional[float] = None`",
    ),
    "an argument that the contract has not": (
        RESOURCES,
        "limit: int = 50,",
        "limit: int = 50, after: Optional[str] = None,",
        "has the argument `after`",
    ),
    "two arguments that are swapped": (
        RESOURCES,
        "limit, offset, tier, content_type",
        "offset, limit, tier, content_type",
        "passes `offset` as `limit`",
    ),
    "an argument that is not passed on": (
        RESOURCES,
        "name, type, aliases, metadata, idempotency_key=idempotency_key",
        "name, type, aliases, metadata",
        "passes nothing as `idempotency_key`",
    ),
    "another answer": (RESOURCES, "-> MemoryPage", "-> Memory", "write `-> MemoryPage`"),
    "no operation in the docstring": (
        RESOURCES,
        ": operation `get_memory`.",
        ".",
        "`: operation `get_memory`.`",
    ),
    "an argument that is not explained": (
        RESOURCES,
        "            min_relevance: Only",
        "            Only",
        "does not explain `min_relevance`",
    ),
    "an explanation of nothing": (
        RESOURCES,
        "            aliases: Its other names.\n",
        "            aliases: Its other names.\n            colour: Its colour.\n",
        "explains `colour`",
    ),
    "another range in the docstring": (
        RESOURCES,
        "How many memories at most, from 1 to 100",
        "How many memories at most, from 1 to 1000",
        "“from 1 to 100” of `limit`",
    ),
    "a value that the docstring leaves out": (
        RESOURCES,
        "`short` (24 hours), `medium` or `long`",
        "`short` (24 hours) or `long`",
        "“`medium`” of `tier`",
    ),
    "a length that the docstring leaves out": (
        RESOURCES,
        "What the prompt is about; at least one character",
        "What the prompt is about",
        "“at least one character” of `query`",
    ),
    "a reference to a docstring that does not say it": (
        RESOURCES,
        "see `memories.create`",
        "see `memories.list`",
        "“at least one character” of `idempotency_key`",
    ),
    "an operation that is not built": (
        OPERATIONS,
        '_build("delete_memory"',
        '_build("erase_memory"',
        "nothing builds the operation `delete_memory`",
    ),
    "an argument that is not sent": (
        OPERATIONS,
        "        min_relevance=min_relevance,\n",
        "",
        "does not take `min_relevance` and pass it on",
    ),
    "a status without a class": (
        ANSWERS,
        "    404: NotFoundError,\n",
        "",
        "status 404 (NOT_FOUND, documented for get_memory",
    ),
    "a class without a status": (
        ANSWERS,
        "    404: NotFoundError,\n",
        "    404: NotFoundError,\n    418: NotFoundError,\n",
        "status 418 has a class and is not in the contract",
    ),
    "a translation of no code": (
        ANSWERS,
        '{"UNAUTHORIZED":',
        '{"UNKNOWN":',
        "the code UNKNOWN is translated",
    ),
    "an operation that the server lacks": (
        SERVICE,
        "def list_tags(",
        "def tags(",
        "Service has no method `list_tags`",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_found(slip, edit):
    file, old, new, sentence = SLIPS[slip]
    found = [item for item in edit(file, old, new) if sentence in item.sentence]
    assert found
    assert found[0].file == file


def test_the_line_is_the_one_to_change(edit, project):
    (found,) = edit(RESOURCES, "limit: int = 50", "limit: int = 20")
    line = (project / RESOURCES).read_text(encoding="utf-8").splitlines()[found.line - 1]
    assert line.strip() == "limit: int = 20,"
    assert str(found).startswith(f"{RESOURCES}:{found.line}: AsyncMemor")


def test_a_method_that_is_missing_is_looked_for_beside_its_neighbours(edit, project):
    found = edit(RESOURCES, "_operations.get_memory(memory_id)", "nothing(memory_id)")
    (missing,) = [item for item in found if "`get_memory`" in item.sentence]
    line = (project / RESOURCES).read_text(encoding="utf-8").splitlines()[missing.line - 1]
    assert line.startswith("class AsyncMemor")
    assert missing.sentence == (
        "AsyncMemoryOS has no method for the operation `get_memory` (GET /memories/{memory_id}): "
        "write one that calls `_operations.get_memory`."
    )


def test_what_the_synchronous_client_only_repeats_is_said_once(edit):
    edit(RESOURCES, "limit: int = 50", "limit: int = 20")
    found = edit("wrapper/memoryos/_sync/resources.py", "limit: int = 50", "limit: int = 20")
    assert [item.file for item in found] == [RESOURCES]


def test_what_is_wrong_in_the_synchronous_client_alone_is_said(edit):
    found = edit("wrapper/memoryos/_sync/resources.py", "limit: int = 50", "limit: int = 20")
    assert [item.file for item in found] == ["wrapper/memoryos/_sync/resources.py"]


def test_the_command_fails_with_what_it_found(edit, project, capsys):
    assert wrapper_check.main(project) == 0
    edit(RESOURCES, "limit: int = 50", "limit: int = 20")
    assert wrapper_check.main(project) == 1
    assert "write `limit: int = 50`" in capsys.readouterr().out
