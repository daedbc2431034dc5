"""The vendor's documentation: every block of code in it, run as it stands on a local Memory OS."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from memoryos import AsyncMemoryOS, MemoryOS, MemoryOSError

from .running import run_as_program
from .vendor_blocks import BLOCKS

pytestmark = [pytest.mark.shared, pytest.mark.embedder]

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
TAKES_BLOCKS = re.compile(r"^def (test_\w+)\([^)]*\b(?:code|blocks)\b[^)]*\):", re.MULTILINE)


def test_the_list_knows_every_block_of_the_document(document):
    """A block that the vendor adds or changes is missing in the list."""
    unknown = set(document) - {block.digest for block in BLOCKS}
    assert [document[digest] for digest in sorted(unknown)] == []
    assert {block.digest for block in BLOCKS} - set(document) == set()


def test_every_block_of_the_list_has_its_test():
    """A test that takes a block from the list, in one of these files."""
    files = Path(__file__).parent.glob("test_document*.py")
    tests = Counter(
        name for file in files for name in TAKES_BLOCKS.findall(file.read_text(encoding="utf-8"))
    )
    assert tests.keys() == {block.test for block in BLOCKS}
    assert set(tests.values()) == {1}


def test_the_commands_that_install_another_product_are_not_run(blocks):
    """The name belongs to somebody else on PyPI: all we do is to see that they are no more."""
    assert len(blocks) == 3
    assert {code.region.lexemes["language"] for code in blocks.values()} == {"Bash"}
    assert {code.parsed.count("\n") for code in blocks.values()} == {1}


def documented_parameters(function):
    """Return the names and defaults of a function's source; `...` stands for no default."""
    arguments = function.args.args[1:]
    defaults = [ast.literal_eval(node) for node in function.args.defaults]
    missing = [...] * (len(arguments) - len(defaults))
    return {argument.arg: value for argument, value in zip(arguments, [*missing, *defaults])}


def our_parameters(function):
    """Return the same of one of our methods; keyword-only arguments are ours to add."""
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return {
        parameter.name: ... if parameter.default is parameter.empty else parameter.default
        for parameter in parameters
        if parameter.kind is positional
    }


@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
def test_a_signature_is_that_of_both_clients(blocks, client_class):
    """Names, order and defaults. What the environment may give has the default None instead."""
    client = client_class("mos_test_x")
    for subject, code in blocks.items():
        function = next(
            node for node in ast.walk(ast.parse(code.parsed)) if isinstance(node, ast.FunctionDef)
        )
        documented = documented_parameters(function)
        if function.name == "__init__":
            assert documented.pop("base_url") == client.base_url
            assert documented.pop("api_key") is ...
            ours = our_parameters(client_class.__init__)
            assert (ours.pop("api_key"), ours.pop("base_url")) == (None, None)
        else:
            owner = client.memories if "memories." in subject else client
            ours = our_parameters(getattr(type(owner), function.name))
        assert list(ours.items()) == list(documented.items()), subject
    assert len(blocks) == 8


def test_the_quick_start(code, account, memory, tmp_path, capsys, run):
    """It stores, finds at its threshold, and prints a context that holds what it stored."""
    printed = run_as_program(code.parsed, tmp_path, account.environment)
    (kept,) = memory.memories.list()["data"]
    traits = (kept["tier"], kept["content_type"], kept["memory_nature"])
    assert traits == ("long", "fact", "semantic")
    assert kept["content"] in printed
    memory.memories.delete(kept["id"])

    names = run(code)
    (found,) = names["results"]["results"]
    assert found["id"] == names["new_memory"]["id"]
    assert found["similarity"] >= names["results"]["threshold"] == 0.7
    assert kept["content"] in capsys.readouterr().out


def test_the_basic_configuration(code, account, tmp_path, run):
    """A client on the address and the key of the environment, which works."""
    assert run_as_program(code.parsed, tmp_path, account.environment) == ""
    with run(code)["memory"] as memory:
        assert memory.base_url == account.base_url
        assert memory.memories.list()["data"] == []


def test_the_advanced_configuration(code, account, document, run):
    """A client of the hosted service: constructed, and no more."""
    with run(code, os=os)["memory"] as memory:
        settings = memory._session.settings
        assert memory.base_url == settings.base_url != account.base_url
        assert (settings.timeout, settings.max_retries) == (60, 5)
        assert list(settings.headers) == ["X-Custom-Header"]


def mypy_cache(config, folder):
    """Return where mypy keeps what it knows: the next run's, if pytest keeps anything at all."""
    return config.cache.mkdir("mypy") if hasattr(config, "cache") else folder / "mypy"


def test_the_typed_functions(code, account, memory, tmp_path, pytestconfig, run):
    """They run; and mypy accepts them, without the lines that define imported names anew."""
    names = run(code)
    stored = names["store_user_preference"](memory, "user_123", "User prefers trains over planes")
    assert (stored["importance_score"], stored["metadata"]) == (0.8, {"user_id": "user_123"})
    context = names["get_user_context"](memory, "user_123", "How shall the user travel?")
    assert "trains" in context["context"]

    redefined = re.compile(r"^(?:Tier|MemoryNature|ContentType) = .*\n", re.MULTILINE)
    text, count = redefined.subn("", code.parsed)
    assert count == 3
    program = tmp_path / "typed.py"
    program.write_text(text, encoding="utf-8")
    cache = f"--cache-dir={mypy_cache(pytestconfig, tmp_path)}"
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", cache, str(program)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout


def test_an_error_has_the_attributes(code, memory):
    """Each documented one, on the class that the SDK raises."""
    (documented,) = [
        node for node in ast.walk(ast.parse(code.parsed)) if isinstance(node, ast.ClassDef)
    ]
    names = [node.target.id for node in documented.body]
    with pytest.raises(MemoryOSError) as caught:
        memory.memories.get(UNKNOWN_ID)
    told = {name: getattr(caught.value, name) for name in names}
    assert documented.name == MemoryOSError.__name__
    assert told.pop("request_id").startswith("req_")
    assert told == {
        "code": "NOT_FOUND",
        "message": "Memory not found",
        "status": 404,
        "retry_after": None,
    }
