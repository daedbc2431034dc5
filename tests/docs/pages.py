"""The pages of the documentation site, and the blocks of code in them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
INCLUDED = re.compile(r'^--8<-- "(.+)"$', re.MULTILINE)


class Block(NamedTuple):
    """A block of code of a page.

    Attributes:
        language: the first word after its fence.
        code: what stands in it.
        line: where in the page it begins.
        output: what stands in the block of the language `text` right after it, where there is one:
            what running it prints.
    """

    language: str
    code: str
    line: int
    output: str | None = None

    @property
    def is_a_file(self):
        """Whether it shows a file of the repository, which has tests of its own."""
        return INCLUDED.fullmatch(self.code.strip()) is not None


def written_pages():
    """Return the pages that people write; those of docs/reference/ are made by a program."""
    return sorted(page for page in DOCS.rglob("*.md") if page.parent.name != "reference")


def name_of(page):
    """Return a page's name, for the list of tests."""
    return page.relative_to(DOCS).as_posix()


def blocks_of(page):
    """Return the blocks of code in a page."""
    text = page.read_text(encoding="utf-8")
    matches = list(FENCE.finditer(text))
    blocks = []
    for match, following in zip(matches, [*matches[1:], None]):
        is_next = following is not None and not text[match.end() : following.start()].strip()
        printed = code_of(following) if is_next and following["info"] == "text" else None
        language = match["info"].split(" ")[0]
        line = text.count("\n", 0, match.start()) + 2
        blocks.append(Block(language, code_of(match), line, printed))
    return blocks


def code_of(match):
    """Return what stands in a block, without the indentation of a block in a list or a note."""
    return textwrap.dedent(match["code"]) if match["indent"] else match["code"]


def prose_of(page):
    """Return a page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def commands_of(block):
    """Return the command lines of a block: all of `sh`, those behind a prompt of `console`."""
    lines = block.code.replace("\\\n", " ").splitlines()
    if block.language == "console":
        return [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.strip() and not line.startswith("#")]
