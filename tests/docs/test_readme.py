"""The README is correct: its programs run, and the paths it names exist."""

from __future__ import annotations

import re

import pytest

import demo
from code_blocks import code_blocks

from .commands import ROOT
from .pages import ROOT_PAGES
from .running import run_as_program

README = (ROOT / "README.md").read_text(encoding="utf-8")

# Each Python block is run as a program of its own, on a Memory OS that the test serves (or on the
# block's own), and must print these texts: by the heading above the block. The other blocks are
# checked with those of the other pages.
PRINTED = {
    "Quick start": ["Priya commutes by bicycle"],
    "With the hosted service": ["Priya plays the viola"],
    "Without a server": ["The spare key is with the neighbour on the left"],
    "Many users": ["- Drinks black coffee"],
    "Async": ["Tomás is learning to sail"],
    "Errors": ["404 NOT_FOUND", "limit"],
}
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def python_blocks():
    """Return the code of every Python block by the heading above it."""
    return {
        HEADING.findall(README[: block.start])[-1]: block.lexemes["source"]
        for block in code_blocks(README)
        if block.lexemes["language"] == "python"
    }


BLOCKS = python_blocks()


def test_every_python_block_is_run():
    assert BLOCKS.keys() == PRINTED.keys()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The environment of a program that uses a Memory OS served for these tests."""
    with demo.local_server(tmp_path_factory.mktemp("readme") / "memories.db") as server:
        yield {"MEMORY_OS_BASE_URL": server.base_url, "MEMORY_OS_API_KEY": server.api_key}


@pytest.mark.embedder
@pytest.mark.parametrize("heading", PRINTED)
def test_a_python_block_runs_as_a_program_and_prints_its_result(heading, served, tmp_path):
    # `MemoryOS.local()` writes to the user's data folder.
    environment = {**served, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    printed = run_as_program(BLOCKS[heading], tmp_path, environment)
    for expected in PRINTED[heading]:
        assert expected in printed


@pytest.mark.embedder
def test_the_first_program_needs_no_key(tmp_path):
    """As pasted by somebody who has just cloned the repository."""
    without = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "MEMORY_OS_API_KEY": ""}
    first = next(iter(BLOCKS.values()))
    assert "MemoryOS.local()" in first
    assert "Priya commutes by bicycle" in run_as_program(first, tmp_path, without)


def test_the_layout_names_only_existing_paths():
    layout = README.split("## Layout")[1]
    named = re.findall(r"^\| (`[^|]+) \|", layout, re.MULTILINE)
    paths = [path for cell in named for path in re.findall(r"`([^`]+)`", cell)]
    assert len(paths) >= len(named) > 0
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", ROOT_PAGES)
def test_every_link_to_a_file_of_the_repository_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith("https://")]
    assert [link for link in local if not (ROOT / link).exists()] == []
