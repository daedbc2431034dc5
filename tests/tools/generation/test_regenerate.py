"""`tools/regenerate.py`: what it writes, what its check finds, what it runs with."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REASON = "needs requirements/generator.txt (and Python 3.11)"
pytest.importorskip("openapi_python_client", reason=REASON)
pytest.importorskip("ruff", reason=REASON)

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
regenerate = importlib.import_module("regenerate")
contracts = importlib.import_module("generation.contract")
comparison = importlib.import_module("generation.comparison")
environment = importlib.import_module("generation.environment")
package = importlib.import_module("generation.package")


@pytest.fixture
def contract():
    """A copy of the contract that a test may change."""
    return contracts.load(ROOT / "openapi.yaml")


@pytest.fixture
def repository(tmp_path):
    """A copy of what regeneration reads and writes."""
    for name in ("generator-templates", "generated", "wrapper", "docs/reference"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    files = ("openapi.yaml", "openapi-admin.yaml", "generator-config.yaml", "pyproject.toml")
    for name in (*files, *regenerate.SERVER_FILES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def check(repository, capsys):
    """The status of a check, and what it said about the problem."""
    status = regenerate.main(["--check"], root=repository)
    return status, capsys.readouterr().err.splitlines()


def test_the_check_passes_on_what_is_committed(repository, capsys):
    assert check(repository, capsys) == (0, [])
    assert [path.name for path in repository.glob(".regenerate-*")] == []


def test_the_check_names_an_edited_file(repository, capsys):
    edited = repository / "generated/memoryos_api/models/memory.py"
    edited.write_text(edited.read_text() + "\n")
    status, said = check(repository, capsys)
    assert status == 1
    assert said[0] == f"generated/memoryos_api/models/memory.py {comparison.DIFFERENT}"
    assert len(said) == 2


def test_the_check_names_an_orphan_wherever_it_lies(repository, capsys):
    for name in ("generated/stray.txt", "generated/memoryos_api/models/old.py"):
        (repository / name).write_text("")
    status, said = check(repository, capsys)
    assert status == 1
    assert said[:2] == [
        f"generated/memoryos_api/models/old.py {comparison.ORPHAN}",
        f"generated/stray.txt {comparison.ORPHAN}",
    ]


def test_the_check_names_a_missing_file(repository, capsys):
    for name in regenerate.SERVER_FILES:
        (repository / name).unlink()
    (repository / "generated/memoryos_api/py.typed").unlink()
    status, said = check(repository, capsys)
    assert status == 1
    assert said[:3] == [
        f"generated/memoryos_api/py.typed {comparison.MISSING}",
        f"{regenerate.ADMIN_CONTRACT} {comparison.MISSING}",
        f"{regenerate.SERVER_CONTRACT} {comparison.MISSING}",
    ]


def test_the_check_fails_when_the_contract_has_changed(repository, capsys):
    path = repository / "openapi.yaml"
    path.write_text(path.read_text().replace("enum: [asc, desc]", "enum: [asc, desc, random]"))
    status, said = check(repository, capsys)
    assert status == 1
    changed = {line.split()[0].rpartition("/")[2] for line in said[:-1]}
    code = {"contract.json", "operations.py", "sort_order.py", "typed_dicts.py"}
    assert changed == code | {"docs.html", "parameters.md", "schemas.md"}


def test_a_change_of_the_administration_changes_its_page_and_the_servers_copy(repository, capsys):
    path = repository / "openapi-admin.yaml"
    path.write_text(path.read_text().replace("maxItems: 5", "maxItems: 6"))
    status, said = check(repository, capsys)
    assert status == 1
    changed = {line.split()[0].rpartition("/")[2] for line in said[:-1]}
    assert changed == {"admin.json", "admin.md", "docs.html"}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("openapi: 3.1.0", "openapi: 2.0", "1: the tools understand OpenAPI 3 only"),
        ("schemas/Permission", "schemas/Permissions", "#/components/schemas/Permissions refers"),
        ("tags: [keys]", "tags: [keys, other]", "create_api_key: an operation has exactly one tag"),
    ],
)
def test_a_mistake_in_the_administrations_contract_names_its_file(
    repository, capsys, old, new, line
):
    path = repository / "openapi-admin.yaml"
    path.write_text(path.read_text().replace(old, new, 1))
    status, said = check(repository, capsys)
    assert (status, len(said)) == (1, 1)
    assert said[0].startswith("openapi-admin.yaml:")
    assert line in said[0]


def test_the_check_ignores_the_interpreters_caches(repository, capsys):
    cache = repository / "generated/memoryos_api/__pycache__"
    cache.mkdir()
    (cache / "client.cpython-311.pyc").write_bytes(b"")
    assert check(repository, capsys)[0] == 0


def test_the_check_writes_nothing(repository, capsys):
    (repository / "generated/stray.txt").write_text("")
    before = comparison.read_tree(repository)
    check(repository, capsys)
    assert comparison.read_tree(repository) == before


def test_regeneration_starts_from_a_clean_folder_and_then_the_check_passes(repository, capsys):
    (repository / "generated/memoryos_api/models/old.py").write_text("")
    (repository / "generated/memoryos_api/client.py").write_text("")
    assert regenerate.main([], root=repository) == 0
    assert not (repository / "generated/memoryos_api/models/old.py").exists()
    assert check(repository, capsys) == (0, [])


def test_a_broken_reference_fails_and_leaves_the_committed_files_alone(repository, capsys):
    path = repository / "openapi.yaml"
    path.write_text(path.read_text().replace("#/components/schemas/TagSort", "#/nowhere"))
    before = comparison.read_tree(repository / "generated")
    assert regenerate.main([], root=repository) == 1
    assert "nowhere" in capsys.readouterr().err
    assert comparison.read_tree(repository / "generated") == before


def test_a_contract_that_the_generator_warns_about_fails(repository, capsys):
    path = repository / "openapi.yaml"
    text = path.read_text().replace("application/json", "application/cbor", 1)
    path.write_text(text)
    assert regenerate.main([], root=repository) == 1
    assert "application/json" in capsys.readouterr().err


def test_the_generators_own_warnings_fail_the_generation(tmp_path, contract):
    contract["paths"]["/tags"]["get"]["responses"]["odd"] = {"description": "Odd."}
    with pytest.raises(package.GenerationError, match="odd"):
        package._generate(
            contract,
            ROOT / "generator-config.yaml",
            ROOT / "generator-templates",
            tmp_path / "client",
        )


def test_programs_on_the_path_and_settings_of_the_caller_change_nothing(
    repository, capsys, monkeypatch
):
    decoys = repository / "decoys"
    decoys.mkdir()
    for name in ("ruff", "openapi-python-client", "python"):
        (decoys / name).write_text("#!/bin/sh\nexit 3\n")
        (decoys / name).chmod(0o755)
    (repository / "ruff.toml").write_text("line-length = 40\n")
    monkeypatch.setenv("PATH", f"{decoys}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("RUFF_CONFIG", str(repository / "ruff.toml"))
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert check(repository, capsys) == (0, [])


def test_a_hook_that_fails_fails_the_generation(repository, capsys):
    config = repository / "generator-config.yaml"
    config.write_text(config.read_text().replace("--select F401", "--select NONSENSE"))
    assert regenerate.main([], root=repository) == 1
    assert "NONSENSE" in capsys.readouterr().err


def test_the_command_runs_by_its_path():
    command = [sys.executable, str(ROOT / "tools/regenerate.py"), "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "--check" in result.stdout


def test_the_pins_are_read_and_are_exact():
    assert environment.pins("a==1.0  # why\n# note\n\nB_c==2\n") == {"a": "1.0", "B_c": "2"}
    with pytest.raises(environment.EnvironmentMismatchError, match="not an exact pin"):
        environment.pins("a>=1.0")


def test_another_version_and_a_missing_package_are_named():
    lines = environment.mismatches({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "c": None})
    assert lines == ["b is 9, pinned is 2.", "c is not installed, pinned is 3."]


def test_generation_is_refused_with_another_version(repository, capsys, monkeypatch):
    monkeypatch.setattr(environment, "_installed", lambda _: "0.0.1")
    assert regenerate.main([], root=repository) == 1
    assert "ruff is 0.0.1, pinned is" in capsys.readouterr().err


def test_every_template_says_in_its_first_line_why_it_is_there():
    templates = sorted((ROOT / "generator-templates").rglob("*.jinja"))
    assert templates
    for path in templates:
        assert path.read_text(encoding="utf-8").startswith("{# Why: "), path.name


RICH_SCHEMA = {
    "type": "object",
    "description": 'Every form that a field may have, "quoted" and all.',
    "required": ["when", "day", "matrix"],
    "properties": {
        "when": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "matrix": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "times": {"type": "array", "items": {"type": "string", "format": "date-time"}},
        "several": {"type": ["string", "integer", "null"]},
        "kind": {"type": "string", "const": "rich"},
        "level": {"type": "integer", "enum": [1, 2]},
        "tier": {"oneOf": [{"$ref": "#/components/schemas/Tier"}, {"type": "null"}]},
        "tag": {"oneOf": [{"$ref": "#/components/schemas/Tag"}, {"type": "null"}]},
        "anything": {},
        "data": {"type": "string", "format": "uuid"},
        "model": {"type": "string"},
        "value": {"type": "string", "format": "uuid"},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "tags": {
            "type": "object",
            "additionalProperties": {"$ref": "#/components/schemas/Tag"},
        },
    },
}
RICH_VALUE = {
    "when": "2026-11-02T08:15:00+00:00",
    "day": "2026-11-02",
    "matrix": [[1.0], [2.0, 3.0]],
    "times": ["2026-11-02T08:15:00+00:00"],
    "several": 3,
    "kind": "rich",
    "level": 2,
    "tier": None,
    "tag": {"name": "a"},
    "anything": [None, {"a": 1}],
    "data": "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11",
    "model": "m",
    "value": "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11",
    "counts": {"a": 1},
    "tags": {"x": {"name": "b"}},
    "unforeseen": True,
}


def test_every_form_of_field_is_generated_and_comes_back_as_it_was(repository, contract):
    contract["components"]["schemas"]["Rich"] = RICH_SCHEMA
    contract["components"]["schemas"]["Meta"]["properties"]["rich"] = {
        "$ref": "#/components/schemas/Rich"
    }
    (repository / "openapi.yaml").write_text(contracts.as_json(contract))
    assert regenerate.main([], root=repository) == 0
    program = (
        f"import sys; sys.path.insert(0, {str(repository / 'generated')!r})\n"
        "from memoryos_api.models import Rich\n"
        f"value = {RICH_VALUE!r}\n"
        "read = Rich.from_dict(value)\n"
        "assert read.to_dict() == value, read.to_dict()\n"
        "assert read.tags['x'].name == 'b' and read.when.year == read.times[0].year == 2026\n"
        "assert Rich.from_dict({}).to_dict() == {}\n"
        "from typing import get_type_hints\n"
        "from memoryos_api import typed_dicts\n"
        "assert set(get_type_hints(typed_dicts.Rich)) == set(value) - {'unforeseen'}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
