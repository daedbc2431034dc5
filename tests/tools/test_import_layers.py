"""The import rules in pyproject.toml: a planted import that violates one makes the check fail."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("wrapper/memoryos", "generated/memoryos_api", "server/memoryos_server")
LINT_IMPORTS = str(Path(sys.executable).with_name("lint-imports"))

SERVER_LAYERS = "memoryos_server: layers"
SDK_LAYERS = "memoryos: layers"
SERVER_IS_INDEPENDENT = "memoryos_server: imports neither the SDK nor the generated client"
CLI_USES_COMMANDS = "memoryos._cli: imports nothing of the server but its commands and embedders"
HOSTED_CLIENT = "memoryos: the hosted client imports nothing of the server"
SERVER_IMPORTS_ARE_LISTED = "memoryos: imports of the server are listed"
API_IS_INDEPENDENT = "memoryos_api: imports neither the SDK nor the server"
STORES_ARE_INDEPENDENT = "memoryos_server.stores: SQLite and PostgreSQL are independent"
NO_CYCLES = "no import cycles"

SERVER_COLUMN = 460  # x coordinate between the two packages in the diagram
DIAGRAM = ROOT / "docs" / "images" / "layers.svg"
UNDER_TYPE_CHECKING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {}\n"
IN_A_FUNCTION = "def planted():\n    {}\n"


@pytest.fixture(scope="module")
def lint(tmp_path_factory):
    """Return a function that plants a line in a copy of a module, and lints all packages."""
    copy = tmp_path_factory.mktemp("layers")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "*.json")
        )
    folders = [str((copy / package).parent) for package in PACKAGES]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders), "COLUMNS": "200"}

    def lint(module=None, line=""):
        if module is None:
            return run()
        file = copy / module
        before = file.read_text(encoding="utf-8")
        file.write_text(f"{before}\n{line}\n", encoding="utf-8")
        try:
            return run()
        finally:
            file.write_text(before, encoding="utf-8")

    def run():
        finished = subprocess.run(
            [LINT_IMPORTS, "--no-logo", "--no-cache"],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return finished.returncode, finished.stdout

    return lint


def test_the_packages_satisfy_every_rule(lint):
    status, output = lint()
    assert (status, "BROKEN" in output) == (0, False), output


@pytest.mark.parametrize("package", ["memoryos", "memoryos_server"])
def test_the_diagram_shows_the_layers_of_the_rules(package):
    """In docs/images/layers.svg, from top to bottom."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = rules["tool"]["importlinter"]["contracts"]
    (layers,) = (c["layers"] for c in contracts if c.get("containers") == [package])
    stated = [sorted(re.findall(r"\w+", layer)) for layer in layers]
    text = r'<text x="([\d.]+)" y="(\d+)" text-anchor="middle" font-size="12"[^>]*>(\w+)<'
    rows = {}
    for x, y, name in re.findall(text, DIAGRAM.read_text(encoding="utf-8")):
        if (float(x) > SERVER_COLUMN) == (package == "memoryos_server"):
            rows.setdefault(int(y), []).append(name)
    assert [sorted(rows[y]) for y in sorted(rows)] == stated


@pytest.mark.parametrize(
    ("module", "line", "rule"),
    [
        (
            "server/memoryos_server/text/stemming.py",
            "from memoryos_server.service.results import Result",
            SERVER_LAYERS,
        ),
        (
            "server/memoryos_server/search/decay.py",
            UNDER_TYPE_CHECKING.format("from memoryos_server.stores.protocol import Store"),
            SERVER_LAYERS,
        ),
        (
            "server/memoryos_server/model/errors.py",
            IN_A_FUNCTION.format("from memoryos_server.http import http_errors"),
            SERVER_LAYERS,
        ),
        (
            "server/memoryos_server/service/results.py",
            "from memoryos.exceptions import MemoryOSError",
            SERVER_IS_INDEPENDENT,
        ),
        (
            "server/memoryos_server/contract/routes.py",
            "import memoryos_api",
            SERVER_IS_INDEPENDENT,
        ),
        (
            "wrapper/memoryos/_protocol/retries.py",
            UNDER_TYPE_CHECKING.format("from memoryos._async.client import AsyncMemoryOS"),
            SDK_LAYERS,
        ),
        (
            "wrapper/memoryos/_transport/pool.py",
            IN_A_FUNCTION.format("from memoryos import _local"),
            SDK_LAYERS,
        ),
        ("wrapper/memoryos/_async/client.py", "import memoryos._sync.client", SDK_LAYERS),
        (
            "wrapper/memoryos/_cli/output/formatting.py",
            "from memoryos_server.model.timestamps import utc_now",
            CLI_USES_COMMANDS,
        ),
        (
            "wrapper/memoryos/_protocol/json_codec.py",
            "import memoryos._protocol.responses",
            NO_CYCLES,
        ),
        (
            "wrapper/memoryos/_transport/pool.py",
            IN_A_FUNCTION.format("from memoryos_server.http import in_process"),
            HOSTED_CLIENT,
        ),
        (
            "wrapper/memoryos/_local.py",
            IN_A_FUNCTION.format("from memoryos_server.stores.factory import open_store"),
            SERVER_IMPORTS_ARE_LISTED,
        ),
        (
            "generated/memoryos_api/operations.py",
            UNDER_TYPE_CHECKING.format("from memoryos_server.service.operations import Service"),
            API_IS_INDEPENDENT,
        ),
        (
            "generated/memoryos_api/operations.py",
            "import memoryos.exceptions",
            API_IS_INDEPENDENT,
        ),
        (
            "server/memoryos_server/stores/postgres/text_search.py",
            "from memoryos_server.stores.sqlite.full_text import planted",
            STORES_ARE_INDEPENDENT,
        ),
        (
            "server/memoryos_server/stores/sqlite/vectors.py",
            IN_A_FUNCTION.format("from memoryos_server.stores.postgres import vectors"),
            STORES_ARE_INDEPENDENT,
        ),
    ],
)
def test_a_planted_import_makes_the_check_fail(lint, module, line, rule):
    """At the top of a module, in a function and under TYPE_CHECKING."""
    status, output = lint(module, line)
    assert status == 1
    assert f"{rule} BROKEN" in output


# The linter reads import statements only. By module: the names that it imports by a call.
IMPORTS_BY_CALL = {
    ("wrapper/memoryos/__init__.py", "_MODULES.get(name, '.exceptions')"),
    ("wrapper/memoryos/_imports.py", "'logging'"),
    ("wrapper/memoryos/_imports.py", "name"),
    ("wrapper/memoryos/_cli/commands/__init__.py", "f'{__name__}.{module}'"),
    ("wrapper/memoryos/_protocol/operations.py", "item.module"),
    ("wrapper/memoryos/testing/__init__.py", "'.faults'"),
    ("wrapper/memoryos/testing/__init__.py", "_MODULES[name]"),
    ("server/memoryos_server/commands/__init__.py", "f'{__name__}.{name}'"),
    (
        "server/memoryos_server/commands/configuration.py",
        "'tomllib' if sys.version_info >= (3, 11) else 'tomli'",
    ),
    ("server/memoryos_server/embedders/__init__.py", "_LAZY[name]"),
    ("server/memoryos_server/embedders/onnx_model.py", "'onnxruntime'"),
    ("server/memoryos_server/embedders/registry.py", "module"),
    ("server/memoryos_server/embedders/use.py", "_PACKAGE"),
}
IMPORTING_FUNCTIONS = {"import_module", "__import__"}


def imports_by_call(text):
    """Return the first arguments of the calls of a module that import another one."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [
        ast.unparse(call.args[0])
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] in IMPORTING_FUNCTIONS
    ]


def test_every_import_by_a_call_is_listed():
    """An import that the linter doesn't see needs a look whether it keeps the rules."""
    found = {
        (path.relative_to(ROOT).as_posix(), name)
        for package in ("wrapper/memoryos", "server/memoryos_server")
        for path in (ROOT / package).rglob("*.py")
        for name in imports_by_call(path.read_text(encoding="utf-8"))
    }
    assert found == IMPORTS_BY_CALL


@pytest.mark.parametrize("function", ["import_module", "importlib.import_module", "__import__"])
def test_an_import_by_a_call_is_found(function):
    assert imports_by_call(f"def planted():\n    {function}('memoryos_server.http')\n") == [
        "'memoryos_server.http'"
    ]
