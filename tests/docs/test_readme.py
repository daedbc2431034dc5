"""The README keeps its word: what it shows runs, what it names exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import demo

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = None

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


class Block(NamedTuple):
    """A block of code in the README, by the heading above it."""

    heading: str
    language: str


# How each block is run. A Python block is executed whole, against a Memory OS that the test serves
# (or its own, where it makes one), and must print what stands here. In a shell block every command
# must be one that exists.
PRINTED = {
    Block("Quick start", "python"): ["Priya commutes by bicycle"],
    Block("Without a server", "python"): ["The spare key is with the neighbour on the left"],
    Block("Async", "python"): ["Tomás is learning to sail"],
    Block("Errors", "python"): ["404 NOT_FOUND", "limit"],
}
COMMANDS = {
    Block("Memory OS for Python", "sh"): 2,
    Block("Install", "sh"): 2,
    Block("With a Memory OS on your machine", "sh"): 1,
    Block("When the API changes", "sh"): 3,
}

# These are held by tests/tools/evolution/test_readme_story.py.
STORY = {
    Block(heading, language)
    for heading in ("In the contract", "In the SDK")
    for language in ("diff", "console")
}


FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def blocks_of(markdown):
    """Return the code of every block, by its heading and language."""
    found = {}
    for match in FENCE.finditer(markdown):
        heading = HEADING.findall(FENCE.sub("", markdown[: match.start()]))[-1]
        found[Block(heading, match["language"])] = match["code"]
    return found


BLOCKS = blocks_of(README)


def test_every_block_of_the_readme_is_run_by_a_test_here():
    assert set(BLOCKS) == set(PRINTED) | set(COMMANDS) | STORY
    assert README.count("\n```") == 2 * len(BLOCKS)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The environment of a program that uses a Memory OS served for these tests."""
    with demo.local_server(tmp_path_factory.mktemp("readme") / "memories.db") as server:
        yield {"MEMORY_OS_BASE_URL": server.base_url, "MEMORY_OS_API_KEY": server.api_key}


@pytest.mark.embedder
@pytest.mark.parametrize("block", PRINTED, ids=lambda block: block.heading)
def test_a_python_block_runs_as_it_stands_and_prints_what_it_is_for(block, served, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(BLOCKS[block], encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-X", "utf8", str(program)],
        cwd=tmp_path,
        env={**os.environ, **served},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    for expected in PRINTED[block]:
        assert expected in finished.stdout


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block.heading)
def test_every_command_of_a_shell_block_exists(block):
    commands = [shlex.split(line, comments=True) for line in BLOCKS[block].splitlines()]
    assert len(commands) == COMMANDS[block]
    for command in commands:
        assert_exists(command)


def assert_exists(command):
    """Fail unless this command line can be typed as it stands in a copy of the repository."""
    program, subcommand, *options = command
    if program == "make":
        assert subcommand in make_targets(), f"the Makefile has no target {subcommand}"
    elif program == "memoryos":
        assert_memoryos_takes(subcommand, options)
    else:
        assert (program, subcommand) == ("pip", "install"), f"unknown command {command}"
        assert_installs_this_repository(options)


def make_targets():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):.* ## ", makefile, re.MULTILINE))


def assert_memoryos_takes(subcommand, options):
    helped = subprocess.run(
        [sys.executable, "-m", "memoryos", subcommand, "--help"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert helped.returncode == 0, helped.stderr
    for option in options:
        assert not option.startswith("-") or option.split("=")[0] in helped.stdout


def assert_installs_this_repository(arguments):
    (requirement,) = arguments
    path, extras = re.fullmatch(r"(\.)(?:\[(\w+)\])?", requirement).groups()
    assert (ROOT / path / "pyproject.toml").is_file()
    if extras and tomllib:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert extras in project["optional-dependencies"]


def test_the_layout_of_the_house_names_only_what_is_there():
    layout = README.split("## The house")[1]
    named = re.findall(r"^\| (`[^|]+) \|", layout, re.MULTILINE)
    paths = [path for cell in named for path in re.findall(r"`([^`]+)`", cell)]
    assert len(paths) >= len(named) > 0
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_of_the_repository_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith("https://")]
    assert [link for link in local if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_names_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    quoted = " ".join(re.findall(r"`[^`]+`", FENCE.sub("", text)))
    named = set(re.findall(r"\bmake ([a-z-]+)", quoted))
    assert named <= make_targets()
