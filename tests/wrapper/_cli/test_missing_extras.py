"""Every command without its extra, or without one package of it: one line that says what to do."""

from __future__ import annotations

import argparse
import sys

import pytest

from memoryos._cli.commands import SUMMARIES, contract_test
from memoryos._cli.main import full_parser
from memoryos_server.commands import COMMANDS
from memoryos_server.requirements import HTTP_PACKAGES, SERVICE_PACKAGES

from .partial_install import extra_modules, modules_beyond, run_without

HAS_SERVER = sys.version_info >= (3, 10)
# One of them is a value that an argument of any command takes.
VALUES = ("x", "1", "none", "metadata.x")
STORE = "postgresql://host.invalid/db"
# Commands that every install can run.
WITHOUT_PACKAGES = {"help", "version"}


def minimal_calls(name, parser):
    """Return the shortest command lines of a command: one, or one for each of its actions."""
    actions = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if actions:
        choices = actions[0].choices.items()
        return [[name, *call] for inner in choices for call in minimal_calls(*inner)]
    shown = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    options = {option for action in shown for option in action.option_strings}
    call = [name]
    for action in parser._actions:
        if not action.option_strings:
            call.append(value_for(action))
        elif action.required:
            call += [action.option_strings[0], value_for(action)]
    if "--local" in options:
        call.append("--local")
    return [call, [*call, "--store", STORE]] if "--store" in options else [call]


def value_for(action):
    if action.choices:
        return next(iter(action.choices))
    return next(value for value in VALUES if is_accepted(action.type or str, value))


def is_accepted(read, value):
    try:
        read(value)
    except (ValueError, argparse.ArgumentTypeError):
        return False
    return True


def every_call():
    """Return calls of every command of `memoryos`, and of the server's own command line."""
    (action,) = (a for a in full_parser()._actions if a.choices and "create" in a.choices)
    calls = [call for each in action.choices.items() for call in minimal_calls(*each)]
    own = [call for call in calls if call[0] in COMMANDS]
    calls = [call for call in calls if call[0] not in WITHOUT_PACKAGES]
    return [
        *(["memoryos", *call] for call in calls),
        *(["memoryos_server", *call] for call in own),
        ["memoryos_server"],
    ]


def complaint(ended, expected):
    """Return what is wrong with how a call ended, or None."""
    said = ended.out + ended.err
    # `doctor` lists the problem among its findings.
    lines = ended.err.splitlines() if ended.err else [said]
    is_helpful = any(sentence in said for sentence in expected)
    if ended.status == 1 and is_helpful and len(lines) == 1 and "Traceback" not in said:
        return None
    return f"{' '.join(ended.call)}: status {ended.status}, {said}"


def complaints(results, *expected):
    assert results
    return [each for each in (complaint(ended, expected) for ended in results) if each]


def test_in_a_base_install_every_command_names_its_extra(tmp_path):
    """A new command is among them by itself."""
    calls = every_call()
    assert {call[1] for call in calls if call[1:]} == set(SUMMARIES) - WITHOUT_PACKAGES
    results = run_without(modules_beyond(), calls, HOME=str(tmp_path))
    expected = ["from a checkout of this repository with: pip install '.["]
    if not HAS_SERVER:
        expected.append("needs Python 3.10 or newer")
    assert complaints(results, *expected) == []


def test_in_a_base_install_every_help_is_shown():
    """Reading about a command needs none of its packages."""
    usable = [name for name in SUMMARIES if HAS_SERVER or name not in COMMANDS]
    calls = [["memoryos", "--help"], *(["memoryos", name, "--help"] for name in usable)]
    results = run_without(modules_beyond(), calls)
    assert [(ended.status, ended.err) for ended in results] == [(0, "")] * len(calls)


NEEDED = [
    *[(package, "local", [name]) for package in SERVICE_PACKAGES for name in COMMANDS],
    *[(package, "local", ["serve"]) for package in HTTP_PACKAGES],
    *[(package, "local", ["create", "--local"]) for package in SERVICE_PACKAGES],
    *[(module, "contract", ["contract-test"]) for module in extra_modules("contract")],
    ("mcp", "mcp", ["mcp"]),
    ("shtab", "cli", ["completion"]),
]


@pytest.mark.skipif(not HAS_SERVER, reason="an older Python is named instead")
@pytest.mark.parametrize("package", sorted({package for package, _, _ in NEEDED}))
def test_one_missing_package_is_named_with_its_extra(package, tmp_path):
    """Though the others of the extra are installed."""
    needing = [(extra, command) for missing, extra, command in NEEDED if missing == package]
    for extra in {extra for extra, _ in needing}:
        first_words = [command[0] for which, command in needing if which == extra]
        calls = [call for call in every_call() if call[1:2] and call[1] in first_words]
        results = run_without({package}, calls, HOME=str(tmp_path))
        expected = f"needs the extra [{extra}] ({package} is missing); install it from a checkout"
        assert complaints(results, expected) == []


@pytest.mark.skipif(not HAS_SERVER, reason="an older Python is named instead")
def test_the_packages_that_are_checked_for_are_enough(tmp_path):
    """Those of the embedders are optional: without them, search is by words."""
    file = ["--data", str(tmp_path / "m.db")]
    calls = [
        ["memoryos", "create", "--tier", "long", "Ada likes tea", *file],
        ["memoryos", "search", "--threshold", "0.1", "tea", *file],
        ["memoryos", "context", "tea", *file],
        ["memoryos", "keys", "create", *file],
        ["memoryos", "reembed", "--embedder", "none", *file],
        ["memoryos", "backup", str(tmp_path / "copy.db"), *file],
    ]
    results = run_without(modules_beyond(*SERVICE_PACKAGES), calls)
    assert [(ended.status, ended.err) for ended in results if ended.status] == []
    assert "Ada likes tea" in results[1].out


@pytest.mark.skipif(not HAS_SERVER, reason="an older Python is named instead")
def test_a_package_of_a_package_is_named_too(tmp_path):
    """Such as one that uvicorn needs, where uvicorn itself is installed."""
    results = run_without({"click"}, [["memoryos", "serve"]], HOME=str(tmp_path))
    assert complaints(results, "needs the extra [local] (click is missing)") == []


@pytest.mark.parametrize(
    ("extra", "packages"),
    [
        ("local", SERVICE_PACKAGES + HTTP_PACKAGES),
        ("contract", contract_test._PACKAGES),
        ("mcp", ("mcp",)),
        ("cli", ("shtab",)),
    ],
)
def test_each_extra_installs_the_packages_that_are_checked_for(extra, packages):
    """As pyproject.toml says."""
    assert set(packages) <= extra_modules(extra)
