"""A copy of the project whose contract a test changes, and answers to read with its clients."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("openapi_python_client", reason="needs requirements/generator.txt")
pytest.importorskip("ruff", reason="needs requirements/generator.txt")

import regenerate
from contract_changes.operations import read as read_operations
from contract_changes.schema_shapes import ALL_TYPES, shape_of
from generation import contract as contracts

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("generator-templates", "generated", "wrapper", "docs/reference")
FILES = (
    "openapi.yaml",
    "openapi-admin.yaml",
    "generator-config.yaml",
    "pyproject.toml",
    "server/memoryos_server/contract/contract.json",
    "server/memoryos_server/contract/admin.json",
    "server/memoryos_server/service/operations.py",
)
READER = Path(__file__).parent / "reader.py"
FORMATS = {
    "uuid": "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11",
    "date-time": "2026-11-02T08:15:00+00:00",
}


class Project:
    """A temporary copy of what a change of the contract touches."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.old = contracts.load(root / "openapi.yaml")
        self.new = contracts.load(root / "openapi.yaml")
        shutil.copytree(root / "generated", root / "old/generated")
        shutil.copytree(root / "wrapper", root / "old/wrapper")

    @property
    def schemas(self):
        """The schemas of the contract, to be changed."""
        return self.new["components"]["schemas"]

    def regenerate(self):
        """Write the changed contract, and do what `make regenerate` does.

        Returns:
            The exit status, what was printed, and what was printed as an error.
        """
        text = contracts.as_json(self.new)
        (self.root / "openapi.yaml").write_text(text, encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = regenerate.main([], root=self.root)
        return status, out.getvalue(), err.getvalue()

    def text(self, name):
        """The text of a file of the project."""
        return (self.root / name).read_text(encoding="utf-8")

    def line(self, name, start):
        """The number of the first line of a file that starts so."""
        lines = self.text(name).splitlines()
        return next(
            number for number, line in enumerate(lines, 1) if line.strip().startswith(start)
        )

    def evaluate(self, expression):
        """The value of an expression, with the generated package at hand."""
        program = (
            f"import sys, json; sys.path.insert(0, {str(self.root / 'generated')!r})\n"
            "from memoryos_api import models, typed_dicts\n"
            "from memoryos_api.operations import OPERATIONS\n"
            f"print(json.dumps({expression}))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
        return json.loads(done.stdout)

    def misreadings(self, client, answers):
        """What the old or the new client does not hand out as it came."""
        root = self.root / client
        done = subprocess.run(
            [sys.executable, str(READER), str(root)],
            input=json.dumps(answers_of(answers)),
            env={"PYTHONPATH": str(ROOT / "tools"), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        read = json.loads(done.stdout)
        assert read["count"] > 0
        return read["misreadings"]

    def assert_both_ways(self):
        """Old answers read with the new client, and new answers with the old one."""
        assert self.misreadings("", self.old) == []
        assert self.misreadings("old", self.new) == []


@pytest.fixture
def project(tmp_path):
    """A copy of the project."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return Project(tmp_path)


def answers_of(contract):
    """Answers as a contract allows them, by operation: pairs of a status and a body."""
    found = {}
    for name, operation in read_operations(contract).items():
        bodies = found.setdefault(name, [])
        for status, answer in operation.answers.items():
            schema = answer.body.schema if answer.body else None
            if schema and status < "4":
                bodies += [(int(status), sample(contract, schema, turn)) for turn in range(7)]
            elif schema:
                error = {"code": answer.codes[0], "message": "No.", "details": {}}
                bodies.append((int(status), {"error": error, "meta": {"request_id": "req_1"}}))
    return found


def sample(contract, schema, turn):
    """One value that a schema allows; turn 0 gives the least, others go through the choices."""
    shape = shape_of(contract, schema)
    if shape.nullable and turn % 2:
        return None
    if shape.values:
        return shape.values[turn % len(shape.values)]
    if shape.types == ALL_TYPES:
        return [None, "text", 7, True, ["text"], {"key": "text"}][turn % 6]
    kind = sorted(shape.types)[turn % len(shape.types)]
    if kind == "object":
        names = [name for name in shape.properties if turn or name in shape.required]
        return {name: sample(contract, shape.properties[name], turn) for name in names}
    if kind == "array":
        return [sample(contract, shape.items, turn)] if turn else []
    least = shape.limits.get("minimum", 0)
    scalars = {"string": "text", "integer": int(least) + turn % 2, "boolean": bool(turn % 2)}
    return FORMATS.get(shape.rules.get("format"), {**scalars, "number": least + 0.5}[kind])
