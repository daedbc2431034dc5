"""What MkDocs has to be told of this repository; `mkdocs.yml` names it as a hook.

Some pages stand outside docs/, where people look for them: SECURITY.md and its like. They join the
site, and links between the two are made to fit. A link to a file that is no page, such as the
contract, keeps its text and loses its target; a link to nothing stays, and the strict build fails.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent

# Pages of the repository's root, by their place on the site.
ROOT_PAGES = {
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
}
_SITE_PAGES = {file: uri for uri, file in ROOT_PAGES.items()} | {"README.md": "index.md"}
_WIDE_PAGES = ("reference/operations.md", "reference/errors.md")

_FENCED = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the repository's root."""
    for uri, name in ROOT_PAGES.items():
        files.append(File.generated(config, uri, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make the page's links fit the site, and give a page that is one wide table all the width."""
    del config, files
    if page.file.src_uri in _WIDE_PAGES:
        page.meta.setdefault("hide", ["toc"])
    return with_site_links(markdown, page.file.src_uri)


def with_site_links(markdown: str, uri: str) -> str:
    """Return a page's text with its links to files of the repository made to fit the site.

    Args:
        markdown: The text.
        uri: Where the page stands on the site, such as `guides/async.md`.
    """

    def changed(link: re.Match[str]) -> str:
        return _changed(link, uri)

    parts: list[str] = []
    end = 0
    for fence in _FENCED.finditer(markdown):
        parts += [_LINK.sub(changed, markdown[end : fence.start()]), fence.group()]
        end = fence.end()
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
    """Return the path in the repository that a link of a page means."""
    source = ROOT_PAGES.get(uri, f"docs/{uri}")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def _link(link: re.Match[str], to: str, uri: str) -> str:
    relative = posixpath.relpath(to, posixpath.dirname(uri) or ".")
    return f"[{link['text']}]({relative}{link['anchor'] or ''})"
