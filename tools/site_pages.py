"""MkDocs hook, named in `mkdocs.yml`: adds SECURITY.md and other pages outside docs/ to the site.

Links between these pages and docs/ are rewritten. A link to a file that is not a page, such as the
contract, becomes plain text. A link to a missing file stays, so that the strict build fails.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

from code_blocks import code_blocks

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent

# Pages in the repository's root, by their path on the site.
ROOT_PAGES = {
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
}
_SITE_PAGES = {file: uri for uri, file in ROOT_PAGES.items()} | {"README.md": "index.md"}
_WIDE_PAGES = ("reference/operations.md", "reference/errors.md")

_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages in the repository's root."""
    for uri, name in ROOT_PAGES.items():
        files.append(File.generated(config, uri, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the page's links, and hide the table of contents beside wide tables."""
    del config, files
    if page.file.src_uri in _WIDE_PAGES:
        page.meta.setdefault("hide", ["toc"])
    return with_site_links(markdown, page.file.src_uri)


def with_site_links(markdown: str, uri: str) -> str:
    """Return a page's text with its links to files of the repository rewritten for the site.

    Args:
        markdown: The text.
        uri: The page's path on the site, such as `guides/async.md`.
    """

    def changed(link: re.Match[str]) -> str:
        return _changed(link, uri)

    parts: list[str] = []
    end = 0
    for block in code_blocks(markdown):
        parts += [
            _LINK.sub(changed, markdown[end : block.start]),
            markdown[block.start : block.end],
        ]
        end = block.end
    return "".join([*parts, _LINK.sub(changed, markdown[end:])])


def _changed(link: re.Match[str], uri: str) -> str:
    target = link["target"]
    if ":" in target or target.startswith("/"):
        return link.group()
    file = _repository_path(target, uri)
    if file in _SITE_PAGES:
        return _link(link, _SITE_PAGES[file], uri)
    if file.startswith("docs/"):
        return _link(link, file.removeprefix("docs/"), uri)
    return link["text"] if (ROOT / file).exists() else link.group()


def _repository_path(target: str, uri: str) -> str:
    """Return the path in the repository that a link of a page points to."""
    source = ROOT_PAGES.get(uri, f"docs/{uri}")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def _link(link: re.Match[str], to: str, uri: str) -> str:
    relative = posixpath.relpath(to, posixpath.dirname(uri) or ".")
    return f"[{link['text']}]({relative}{link['anchor'] or ''})"
