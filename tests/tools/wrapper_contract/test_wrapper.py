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


def test_every_operation_has_one_method():
    table, wrapper = contract_table.read(ROOT), source.read(ROOT)
    assert sorted(method.operation for method in wrapper.methods) == sorted(table.operations)


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
        "            aliases: Other names of the entity.\n",
        "            aliases: Other names of the entity.\n            colour: Its colour.\n",
        "explains `colour`",
    ),
    "another range in the docstring": (
        RESOURCES,
        "The maximum number of memories, from 1 to 100",
        "The maximum number of memories, from 1 to 1000",
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
        "The topic of the prompt; at least one character",
        "The topic of the prompt",
        "“at least one character” of `query`",
    ),
    "a reference to a docstring that does not say it": (
        RESOURCES,
        "see `memories.create`",
        "see `memories.list`",
        "“at least one character” of `idempotency_key`",
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


def test_a_missing_method_is_reported_at_the_class_of_its_neighbours(edit, project):
    found = edit(RESOURCES, "call(operations.get_memory, locals())", "nothing()")
    (missing,) = [item for item in found if "`get_memory`" in item.sentence]
    line = (project / RESOURCES).read_text(encoding="utf-8").splitlines()[missing.line - 1]
    assert line.startswith("class AsyncMemor")
    assert missing.sentence == (
        "AsyncMemoryOS has no method for the operation `get_memory` (GET /memories/{memory_id}): "
        "write one that calls `operations.get_memory`. Until then, `low_level` can send it."
    )


def test_a_method_of_no_operation_is_reported(edit):
    found = edit(RESOURCES, "operations.get_memory", "operations.read_memory")
    assert any("calls `read_memory`, which is not an operation" in str(item) for item in found)


def test_the_command_fails_with_what_it_found(edit, project, capsys):
    assert wrapper_check.main(project) == 0
    edit(RESOURCES, "limit: int = 50", "limit: int = 20")
    assert wrapper_check.main(project) == 1
    assert "write `limit: int = 50`" in capsys.readouterr().out
