"""The generated package and its clients, without an answer: imports, settings, secrets."""

from __future__ import annotations

import importlib
import json
import pickle
import pkgutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import memoryos_api
from memoryos_api import AuthenticatedClient, Client, models

PACKAGE = Path(memoryos_api.__file__).parent
SERVER_CONTRACT = Path(__file__).parents[2] / "server/memoryos_server/contract/contract.json"
CONTRACT = json.loads((PACKAGE / "contract.json").read_text(encoding="utf-8"))
KEY = "mos_test_" + "s" * 32
BASE_URL = "https://api.example.org/v1"


def run_python(code):
    """What a fresh interpreter prints."""
    program = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n{code}"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], stdout=subprocess.PIPE, check=True
    )
    return result.stdout.decode().split()


def test_the_key_is_in_no_repr_and_in_no_pickle():
    client = AuthenticatedClient(
        BASE_URL,
        KEY,
        headers={"X-Key": KEY},
        cookies={"key": KEY},
        httpx_args={"auth": ("user", KEY)},
    )
    client.get_httpx_client()
    assert KEY not in repr(client)
    assert KEY not in str(client)
    assert KEY not in repr(client.with_headers({"a": "b"}))
    with pytest.raises(TypeError, match="holds a key"):
        pickle.dumps(client)


@pytest.mark.parametrize("client", [Client(BASE_URL), AuthenticatedClient(BASE_URL, KEY)])
def test_a_client_waits_for_thirty_seconds_unless_told_otherwise(client):
    assert client.get_httpx_client().timeout == httpx.Timeout(30)
    assert client.get_async_httpx_client().timeout == httpx.Timeout(30)
    assert client.with_timeout(5).get_httpx_client().timeout == httpx.Timeout(5)


def test_copies_with_other_settings_leave_the_parent_as_it_is():
    parent = AuthenticatedClient(BASE_URL, KEY, headers={"a": "1"}, cookies={"c": "1"})
    before = (parent.get_httpx_client(), parent.get_async_httpx_client())
    copies = (
        parent.with_headers({"b": "2"}),
        parent.with_cookies({"d": "2"}),
        parent.with_timeout(1),
    )
    assert (parent.get_httpx_client(), parent.get_async_httpx_client()) == before
    for client in before:
        assert client.timeout == httpx.Timeout(30)
        assert "b" not in client.headers
        assert dict(client.cookies) == {"c": "1"}
    assert copies[0].get_httpx_client().headers["b"] == "2"
    assert copies[0].get_httpx_client().headers["authorization"] == f"Bearer {KEY}"
    assert dict(copies[1].get_httpx_client().cookies) == {"c": "1", "d": "2"}
    assert all(copy.get_httpx_client() is not before[0] for copy in copies)


def test_importing_the_package_or_an_endpoint_imports_neither_httpx_nor_attrs_nor_a_model():
    loaded = run_python(
        "import importlib, memoryos_api, memoryos_api.models\n"
        "from memoryos_api.operations import OPERATIONS\n"
        "for operation in OPERATIONS.values(): importlib.import_module(operation.module)\n"
        "print(*[name for name in sys.modules if name in ('httpx', 'attrs', 'dateutil', 'yaml')"
        " or name.startswith('memoryos_api.models.')])"
    )
    assert loaded == []


def test_asking_for_a_model_imports_that_model_and_what_its_fields_are_made_of():
    loaded = run_python(
        "from memoryos_api.models import ContextMemory\n"
        "print(*[name for name in sys.modules if name.startswith('memoryos_api.models.')])"
    )
    assert sorted(name.rpartition(".")[2] for name in loaded) == [
        "context_memory",
        "tier",
    ]


def test_importing_the_operations_table_imports_nothing_else_of_the_package():
    loaded = run_python(
        "import memoryos_api.operations, memoryos_api.typed_dicts\n"
        "print(*[name for name in sys.modules if name.startswith('memoryos_api.')"
        " or name in ('httpx', 'attrs', 'json', 'yaml')])"
    )
    assert sorted(loaded) == ["memoryos_api.operations", "memoryos_api.typed_dicts"]


def test_every_generated_module_can_be_imported():
    names = [found.name for found in pkgutil.walk_packages(memoryos_api.__path__, "memoryos_api.")]
    assert len(names) > 50
    for name in names:
        importlib.import_module(name)


@pytest.mark.parametrize("package", ["memoryos_api", "memoryos_api.models"])
def test_what_a_package_exports_is_there_listed_and_nothing_else_answers(package):
    module = importlib.import_module(package)
    assert list(module.__all__) == sorted(module.__all__)
    assert set(module.__all__) <= set(dir(module))
    assert all(hasattr(module, name) for name in module.__all__)
    with pytest.raises(AttributeError, match="Nonsense"):
        module.Nonsense  # noqa: B018


def test_the_models_are_those_of_the_contracts_schemas():
    assert set(CONTRACT["components"]["schemas"]) <= set(models.__all__)


def test_the_package_is_marked_as_typed():
    assert (PACKAGE / "py.typed").is_file()


@pytest.mark.skipif(not SERVER_CONTRACT.exists(), reason="needs the repository's server folder")
def test_the_server_carries_the_same_contract_byte_for_byte():
    assert SERVER_CONTRACT.read_bytes() == (PACKAGE / "contract.json").read_bytes()
