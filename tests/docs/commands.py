"""Check that a command line of the documentation works as it is written."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import re
import shlex
from pathlib import Path

from memoryos._cli import main as command_line
from memoryos._cli.commands import SUMMARIES

ROOT = Path(__file__).resolve().parents[2]

# Programs of others, whose arguments are not checked.
OTHERS = {
    "pg_basebackup",
    "pg_dump",
    "pg_restore",
    "psql",
    "cat",
    "cd",
    "claude",
    "curl",
    "export",
    "git",
    "gunzip",
    "gzip",
    "jq",
    "jupyter",
}
OTHERS |= {"pytest"}
# Of an operator.
OTHERS |= {"chmod", "docker", "install", "journalctl", "openssl", "sudo"}
ASSIGNMENT = re.compile(r"[A-Z][A-Z0-9_]*=.*", re.DOTALL)


def problem_of(line):
    """Return what is wrong with a command line, or None."""
    for words in _commands(line):
        problem = _problem(words)
        if problem is not None:
            return f"{' '.join(words)}: {problem}"
    return None


def _commands(line):
    """Yield the commands of a line, without variables in front, pipes and redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words = []
    skip = False
    for token in [*lexer, ";"]:
        if skip:  # the file of a redirection
            skip = False
        elif set(token) <= set("<>"):
            skip = True
        elif set(token) <= set("|&;"):
            if words:
                yield words
            words = []
        elif words or not ASSIGNMENT.fullmatch(token):
            words.append(token)


def _problem(words):
    program, *arguments = words
    program = program.rpartition("/bin/")[2]  # of any environment
    if program in OTHERS:
        # The words after `--` are a command for it to run.
        return _problem(words[words.index("--") + 1 :]) if "--" in words else None
    known = {
        "make": _make,
        "memoryos": memoryos_problem,
        "pip": _pip,
        "python": _python,
        "python3": _python,
        "uvicorn": _uvicorn,
    }
    return known[program](arguments) if program in known else "an unknown program"


def make_targets():
    """Return the targets of the Makefile that `make` alone lists."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):.* ## ", makefile, re.MULTILINE))


def _make(arguments):
    targets = [word for word in arguments if not ASSIGNMENT.fullmatch(word)]
    missing = set(targets) - make_targets()
    return f"the Makefile has no target {missing}" if missing else None


def memoryos_problem(arguments):
    """Return the error with which `memoryos` rejects these arguments, or None.

    Raises:
        MissingExtraError: the command needs packages that are not installed.
    """
    output = io.StringIO()
    parser = command_line._parser([word for word in arguments if word in SUMMARIES][:1])
    try:
        with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
            parser.parse_args(arguments)
    except SystemExit as stopped:
        return None if stopped.code == 0 else output.getvalue()
    except argparse.ArgumentError as error:
        return str(error)
    return None


def _pip(arguments):
    if arguments[:1] != ["install"]:
        return "not an installation"
    # The extras of this repository, which is installed by its path.
    extras = re.findall(r"^[./~].*\[([\w,-]+)\]$", "\n".join(arguments), re.MULTILINE)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = {name for group in extras for name in group.split(",")}
    missing = {name for name in named if not re.search(rf"^{name} = \[", project, re.MULTILINE)}
    return f"no such extra: {missing}" if missing else None


def _python(arguments):
    if arguments[0] == "-m":
        if arguments[1] == "memoryos":
            return memoryos_problem(arguments[2:])
        # A module of the repository, or an installed one.
        is_file = (ROOT / f"{arguments[1].replace('.', '/')}.py").is_file()
        is_installed = is_file or importlib.util.find_spec(arguments[1].partition(".")[0])
        return None if is_installed else "no such module"
    is_the_readers_own = "/" not in arguments[0]
    return None if is_the_readers_own or (ROOT / arguments[0]).is_file() else "no such file"


def _uvicorn(arguments):
    folder = arguments[arguments.index("--app-dir") + 1] if "--app-dir" in arguments else "."
    module = next(word for word in arguments if re.fullmatch(r"\w+:\w+", word)).partition(":")[0]
    is_the_readers_own = "--app-dir" not in arguments
    return (
        None if is_the_readers_own or (ROOT / folder / f"{module}.py").is_file() else "no such app"
    )
