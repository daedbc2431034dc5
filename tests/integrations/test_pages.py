"""What the documentation of an integration shows, where its framework is installed.

`tools/test_integrations.py` runs it with each framework.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import INSTALLED

ROOT = Path(__file__).resolve().parents[2]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
INCLUDED = re.compile(r'--8<-- "(.+)"\n')

pytestmark = [pytest.mark.local_server, pytest.mark.parametrize("name", INSTALLED)]


def blocks_of(name):
    """Return the Python blocks of a page, with what they include."""
    page = ROOT / "docs" / "integrations" / f"{name.replace('_', '-')}.md"
    blocks = PYTHON.findall(page.read_text(encoding="utf-8"))
    return [
        INCLUDED.sub(lambda file: (ROOT / file[1]).read_text(encoding="utf-8"), block)
        for block in blocks
    ]


def test_the_page_imports_what_there_is(name):
    """Its blocks are Python, and the names that they import exist."""
    blocks = blocks_of(name)
    assert blocks
    for block in blocks:
        imports = [
            node
            for node in ast.walk(ast.parse(block))
            if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        exec(compile(ast.Module(imports, []), name, "exec"), {})


def test_the_example_runs_without_a_key_or_a_network(name):
    """It has 60 lines at most, and prints what its model was shown."""
    (program,) = (ROOT / "examples" / "integrations").glob(f"{name}_*.py")
    assert len(program.read_text(encoding="utf-8").splitlines()) <= 60
    finished = subprocess.run(
        [sys.executable, str(program)],
        env={**os.environ, "MEMORY_OS_EMBEDDER": "hashing"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout
