"""The import rules in pyproject.toml: a planted import that violates one makes the check fail."""

from __future__ import annotations

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
    ],
)
def test_a_planted_import_makes_the_check_fail(lint, module, line, rule):
    """At the top of a module, in a function and under TYPE_CHECKING."""
    status, output = lint(module, line)
    assert status == 1
    assert f"{rule} BROKEN" in output
