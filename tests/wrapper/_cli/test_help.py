"""The help: quick to come, complete, and with examples that are right."""

from __future__ import annotations

import shlex
import subprocess
import sys
from itertools import groupby

import pytest

from memoryos._cli.commands import SUMMARIES
from memoryos._cli.main import full_parser

OURS = ["create", "add", "get", "list", "update", "delete", "search", "context", "tags", "entities"]
OURS += ["forget", "retag", "import", "export", "stats", "doctor", "mcp", "completion"]


def subparsers():
    """Return the parser of every command that this Python can run."""
    (action,) = (a for a in full_parser()._actions if a.choices and "create" in a.choices)
    return action.choices


def examples(epilog):
    """Return the calls of `memoryos` that the examples of a help text make."""
    for line in epilog.splitlines():
        if not line.startswith("  ") or "memoryos " not in line:
            continue
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        for is_mark, part in groupby(words, lambda word: set(word) <= set("|<>")):
            call = list(part)
            if not is_mark and call[0] == "memoryos":
                yield call[1:]


@pytest.mark.parametrize("command", OURS)
def test_every_command_has_examples_that_parse(command):
    """A reader copies them."""
    parser = full_parser()
    calls = list(examples(subparsers()[command].epilog))
    assert any(call[0] == command for call in calls)
    for call in calls:
        assert callable(parser.parse_args(call).run)


def test_the_examples_of_the_first_help_parse():
    """The same for `memoryos --help`."""
    calls = list(examples(full_parser().epilog))
    assert len(calls) > 3
    for call in calls:
        full_parser().parse_args(call)


@pytest.mark.parametrize("command", OURS)
def test_every_option_says_what_it_does(command):
    """And the exit statuses are told."""
    parser = subparsers()[command]
    assert [action.dest for action in parser._actions if not action.help] == []
    assert "exit status" in parser.epilog


def test_no_help_loads_what_only_the_work_needs():
    """Neither HTTP nor tables nor a database; for all commands in one process."""
    commands = [name for name in SUMMARIES if sys.version_info >= (3, 10) or name in OURS]
    program = (
        "import sys\n"
        "from memoryos._cli.main import main\n"
        f"for command in {commands!r}:\n"
        "    try: main([command, '--help'])\n"
        "    except SystemExit as stop: assert stop.code == 0\n"
        "heavy = {'httpx', 'httpcore', 'rich', 'shtab', 'mcp', 'asyncio', 'sqlite3', 'numpy',\n"
        "    'jsonschema_rs', 'platformdirs', 'uvicorn', 'memoryos_server.service',\n"
        "    'memoryos_server.stores.factory', 'memoryos_server.http.dispatch'}\n"
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stderr) == (0, "")


def test_bash_can_complete_the_commands(run):
    """The script is one that bash reads, and names every command and option."""
    result = run("completion", "bash")
    assert result.status == 0
    for command in SUMMARIES:
        assert command in result.out
    assert "--on-conflict" in result.out
    read = subprocess.run(["bash", "-n"], input=result.out, text=True, check=False)
    assert read.returncode == 0


def completed(script, line):
    """Return what bash offers at the end of a line, in an interactive shell's own way."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    program = (
        f"{script}\n"
        f"COMP_WORDS=({' '.join(shlex.quote(word) for word in words)})\n"
        f"COMP_CWORD={len(words) - 1}\n"
        "_shtab_memoryos\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    finished = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False)
    return {word.strip() for word in finished.stdout.splitlines()}


def test_bash_completes_commands_options_values_and_files(run, tmp_path, monkeypatch):
    """As a person presses the key."""
    script = run("completion", "bash").out
    assert completed(script, "memoryos ex") == {"export"}
    assert {"--tier", "--lines"} <= completed(script, "memoryos create --")
    assert completed(script, "memoryos list --tier ") >= {"short", "medium", "long"}
    (tmp_path / "export.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    assert completed(script, "memoryos import exp") == {"export.jsonl"}


def test_completion_without_its_package_says_how_to_install_it(run, monkeypatch):
    """From a copy of the repository."""
    monkeypatch.setitem(sys.modules, "shtab", None)
    result = run("completion", "zsh")
    assert result.status == 1
    assert "pip install '.[cli]'" in result.err
