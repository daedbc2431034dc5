"""The API changes in ten ways: each regenerates, reports what it means, and leaves old and new
clients and answers readable by each other."""

from __future__ import annotations

import copy
import json
import re

import pytest

pytest.importorskip("openapi_python_client", reason="needs requirements/generator.txt")

RESOURCES = "wrapper/memoryos/_async/resources.py"
ANSWERS = "wrapper/memoryos/_protocol/responses.py"
TYPED_DICTS = "generated/memoryos_api/typed_dicts.py"


def test_nothing_changed_is_one_line(project):
    status, said, _ = project.regenerate()
    assert status == 0
    assert said.splitlines()[1:] == ["The contract has not changed."]
    project.assert_both_ways()


def test_an_optional_field(project):
    color = {"type": "string", "description": "Its colour.", "maxLength": 20}
    project.schemas["Memory"]["properties"]["color"] = color
    project.schemas["MemoryCreate"]["properties"]["color"] = color
    status, said, _ = project.regenerate()
    assert status == 0
    assert "2 changes, none of them breaks users" in said
    assert "field added             MemoryCreate.color (requests): string, at most 20" in said
    assert "field added             Memory.color (responses): string, at most 20" in said
    line = project.line(RESOURCES, "async def create(")
    assert f"  {RESOURCES}:{line}\n" in said
    assert ".create lacks an argument: add `color: Optional[str] = None`." in said
    assert "color: str" in project.text(TYPED_DICTS)
    assert project.evaluate("OPERATIONS['create_memory'].arguments['color'].schema") == {
        "type": "string",
        "maxLength": 20,
    }
    assert project.evaluate("models.Memory.from_dict({'color': 'red'}).color") == "red"
    assert "| `color` | string | at most 20 characters |" in project.text(
        "docs/reference/schemas.md"
    )
    project.assert_both_ways()


def test_a_required_field_of_an_answer(project):
    memory = project.schemas["Memory"]
    memory["properties"]["revision"] = {"type": "integer", "description": "Its revision."}
    memory["required"].append("revision")
    (project.root / "examples").mkdir()
    sample = dict.fromkeys(memory["required"][:-1], 0)
    (project.root / "examples/sample.py").write_text(f"# A memory.\nMEMORY = {sample}\n")
    status, said, _ = project.regenerate()
    assert status == 0
    assert "1 change, which does not break users" in said
    assert "required field added    Memory.revision (responses): integer" in said
    assert "disagrees" not in said
    assert "  examples/sample.py:2\n      a sample without `revision`" in said
    assert "    revision: int\n" in project.text(TYPED_DICTS)
    project.assert_both_ways()


def test_a_required_field_of_a_request(project):
    create = project.schemas["MemoryCreate"]
    create["properties"]["owner"] = {"type": "string", "description": "Whose it is."}
    create["required"].append("owner")
    (project.root / "examples").mkdir()
    (project.root / "examples/make.py").write_text("memory.memories.create(content='x')\n")
    status, said, _ = project.regenerate()
    assert status == 0
    assert "1 change, which breaks users" in said
    assert "required field added    MemoryCreate.owner (requests): string — create_memory" in said
    assert "calls that leave it out are rejected" in said
    assert ".create lacks an argument: add `owner: str`." in said
    assert "  examples/make.py:1\n      calls without `owner`, which is required now" in said
    assert project.evaluate("OPERATIONS['create_memory'].arguments['owner'].required") is True
    assert project.misreadings("old", project.new) == []
    # The wrapper refuses to create before it has followed; all else reads old answers.
    others = {name for name, *_ in project.misreadings("", project.old)}
    assert others == {"create_memory"}


def test_a_new_value_of_an_enumeration(project):
    project.schemas["Tier"]["enum"].append("archive")
    (project.root / "examples").mkdir()
    (project.root / "examples/tiers.py").write_text("TIERS = ['short', 'medium', 'long']\n")
    status, said, _ = project.regenerate()
    assert status == 0
    assert "2 changes, none of them breaks users" in said
    assert 'value added             Tier (requests): `"archive"`' in said
    assert 'value added             Tier (responses): `"archive"`' in said
    line = project.line(RESOURCES, "tier: Only memories of this tier")
    assert f"  {RESOURCES}:{line}\n" in said
    assert ".list does not say “`archive`” of `tier` in its docstring" in said
    assert "  examples/tiers.py:1\n      lists the values of Tier as they were before" in said
    assert 'Tier = Literal["short", "medium", "long", "archive"]' in project.text(TYPED_DICTS)
    assert (
        "archive" in project.evaluate("OPERATIONS['get_context'].arguments['tier'].schema")["enum"]
    )
    project.assert_both_ways()


def test_a_new_query_parameter(project):
    since = {
        "name": "updated_after",
        "in": "query",
        "description": "Only memories that were updated at this time or later.",
        "schema": {"type": "string", "format": "date-time"},
    }
    project.new["paths"]["/memories"]["get"]["parameters"].append(since)
    status, said, _ = project.regenerate()
    assert status == 0
    assert "1 change, which does not break users" in said
    assert "parameter added         updated_after in the query: string (date-time)" in said
    added = "updated_after: Optional[Union[str, datetime]] = None"
    assert f".list lacks an argument: add `{added}`." in " ".join(said.split())
    argument = project.evaluate("OPERATIONS['list_memories'].arguments['updated_after']._asdict()")
    assert (argument["location"], argument["required"]) == ("query", False)
    module = project.text("generated/memoryos_api/api/memories/list_memories.py")
    assert '"updated_after": updated_after' in module
    assert "| `updated_after` | query |" in project.text("docs/reference/parameters.md")
    project.assert_both_ways()


def test_a_new_operation(project):
    archive = copy.deepcopy(project.new["paths"]["/memories/{memory_id}"]["get"])
    archive.update(operationId="archive_memory", summary="Archive a memory", description="Away.")
    project.new["paths"]["/memories/{memory_id}/archive"] = {
        "parameters": project.new["paths"]["/memories/{memory_id}"]["parameters"],
        "post": archive,
    }
    status, said, _ = project.regenerate()
    assert status == 0
    assert "operation added         archive_memory: POST /memories/{memory_id}/archive" in said
    line = project.line(RESOURCES, "class AsyncMemor")
    assert f"  {RESOURCES}:{line}\n" in said
    assert "AsyncMemoryOS has no method for the operation `archive_memory`" in " ".join(
        said.split()
    )
    service = project.line("server/memoryos_server/service/operations.py", "class Service:")
    assert f"  server/memoryos_server/service/operations.py:{service}\n" in said
    assert project.evaluate("OPERATIONS['archive_memory'].path") == "/memories/{memory_id}/archive"
    assert (project.root / "generated/memoryos_api/api/memories/archive_memory.py").exists()
    assert json.loads(project.text("server/memoryos_server/contract/contract.json")) == project.new
    project.assert_both_ways()


def test_a_removed_field(project):
    memory = project.schemas["Memory"]
    del memory["properties"]["integrity_hash"]
    memory["required"].remove("integrity_hash")
    (project.root / "examples").mkdir()
    (project.root / "examples/hash.py").write_text("print(memory['integrity_hash'])\n")
    status, said, _ = project.regenerate()
    assert status == 0
    assert "1 change, which breaks users" in said
    assert "field removed           Memory.integrity_hash (responses): string" in said
    assert "programs that read it fail" in said
    assert "  examples/hash.py:1\n      `integrity_hash`: field removed" in said
    assert "integrity_hash" not in project.text(TYPED_DICTS)
    assert "integrity_hash" not in project.text("generated/memoryos_api/models/memory.py")
    project.assert_both_ways()


def test_a_renamed_operation(project):
    project.new["paths"]["/memories/{memory_id}"]["get"]["operationId"] = "read_memory"
    (project.root / "examples").mkdir()
    (project.root / "examples/get.py").write_text("memory.memories.get(memory_id)\n")
    status, said, _ = project.regenerate()
    assert status == 0
    assert "operation renamed       get_memory: `get_memory` → `read_memory`" in said
    assert f"  {RESOURCES}:{project.line(RESOURCES, 'async def get(')}\n" in said
    flowing = " ".join(said.split())
    assert "has no method for the operation `read_memory` (GET /memories/{memory_id})" in flowing
    assert ".get calls `get_memory`, which is not an operation" in flowing
    assert "  examples/get.py:1\n" in said
    folder = project.root / "generated/memoryos_api/api/memories"
    assert (folder / "read_memory.py").exists()
    assert not (folder / "get_memory.py").exists()
    project.assert_both_ways()


def test_a_widened_type(project):
    memory = project.schemas["Memory"]["properties"]
    memory["access_count"]["type"] = "number"
    memory["external_id"]["type"] = ["string", "integer", "null"]
    status, said, _ = project.regenerate()
    assert status == 0
    assert "2 changes, none of them breaks users" in said
    assert "type widened            Memory.access_count (responses): integer → number" in said
    assert (
        "type widened            Memory.external_id (responses): string → integer or string" in said
    )
    assert "disagrees" not in said
    assert "access_count: float" in project.text(TYPED_DICTS)
    assert "external_id: Optional[Union[str, int]]" in project.text(TYPED_DICTS)
    project.assert_both_ways()


def test_a_new_error_code(project):
    responses = project.new["components"]["responses"]
    responses["QuotaExceeded"] = copy.deepcopy(responses["Forbidden"])
    responses["QuotaExceeded"]["description"] = "The plan holds no more memories."
    examples = responses["QuotaExceeded"]["content"]["application/json"]["examples"]
    del examples["read_only"]
    examples["scope"]["value"]["error"].update(
        code="QUOTA_EXCEEDED", message="The plan holds no more memories"
    )
    create = project.new["paths"]["/memories"]["post"]["responses"]
    create["402"] = {"$ref": "#/components/responses/QuotaExceeded"}
    status, said, _ = project.regenerate()
    assert status == 0
    assert "1 change, which does not break users" in said
    assert "error status added      answer 402: QUOTA_EXCEEDED, The plan holds no more" in said
    assert f"  {ANSWERS}:{project.line(ANSWERS, 'ERROR_CLASSES')}\n" in said
    flowing = " ".join(said.split())
    assert "status 402 (QUOTA_EXCEEDED, documented for create_memory) has no class: add" in flowing
    assert project.evaluate("OPERATIONS['create_memory'].errors[402]") == ["QUOTA_EXCEEDED"]
    assert "| 402 | `QUOTA_EXCEEDED` |" in project.text("docs/reference/errors.md")
    project.assert_both_ways()


def test_a_broken_reference(project):
    project.schemas["Memory"]["properties"]["tier"] = {"$ref": "#/components/schemas/Tiers"}
    generated = sorted((project.root / "generated").rglob("*.py"))
    before = [path.read_bytes() for path in generated]
    status, said, error = project.regenerate()
    assert status == 1
    message = r"openapi\.yaml:\d+: #/components/schemas/Tiers refers to nothing in the contract\n"
    assert (said, re.fullmatch(message, error) is not None) == ("", True)
    assert [path.read_bytes() for path in generated] == before
    assert json.loads(project.text("server/memoryos_server/contract/contract.json")) == project.old
    assert project.misreadings("", project.old) == []
