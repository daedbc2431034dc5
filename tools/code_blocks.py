"""Fenced code blocks of a Markdown text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sybil import Document
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

if TYPE_CHECKING:
    from sybil import Region

# Finds every block. The lexemes of its region are `language` (everything after the opening fence)
# and `source`.
LEXER = FencedCodeBlockLexer(r"[^\n]*")


def code_blocks(markdown: str) -> list[Region]:
    """Return the regions of all fenced code blocks, in the order of the text."""
    return sorted(LEXER(Document(markdown, "")), key=lambda region: region.start)


def without_code_blocks(markdown: str) -> str:
    """Return the text without its fenced code blocks."""
    for region in reversed(code_blocks(markdown)):
        markdown = markdown[: region.start] + markdown[region.end :]
    return markdown
