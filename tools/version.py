"""Checks that the version is defined in _version.py only, and has a heading in the changelog."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from project_files import ROOT, project_files, text_of

_VERSION_FILE = Path("wrapper/memoryos/_version.py")
_PROGRAM_SUFFIXES = {".py", ".toml", ".yaml", ".jinja", ".sh"}
_ASSIGNMENT = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


def problems(root: Path = ROOT) -> list[str]:
    """Return the problems with the version."""
    found = _ASSIGNMENT.search(text_of(root / _VERSION_FILE))
    if found is None:
        return [f'{_VERSION_FILE} has no line `__version__ = "…"`']
    version = found.group(1)
    return [*_second_places(root, version), *_project_table(root), *_changelog(root, version)]


def _second_places(root: Path, version: str) -> list[str]:
    return [
        f"{path.relative_to(root)} repeats the version {version}: import it from {_VERSION_FILE}"
        for path in project_files(root)
        if path.suffix in _PROGRAM_SUFFIXES
        and path != root / _VERSION_FILE
        and re.search(rf"""["']{re.escape(version)}["']""", text_of(path))
    ]


def _project_table(root: Path) -> list[str]:
    project = tomllib.loads(text_of(root / "pyproject.toml"))["project"]
    if "version" not in project and "version" in project.get("dynamic", []):
        return []
    return ['pyproject.toml must leave the version to hatchling: dynamic = ["version"]']


def _changelog(root: Path, version: str) -> list[str]:
    if re.search(rf"^## \[{re.escape(version)}\]", text_of(root / "CHANGELOG.md"), re.MULTILINE):
        return []
    return [f"CHANGELOG.md has no heading `## [{version}]`"]


if __name__ == "__main__":
    found = problems()
    print("\n".join(found) or "The version is defined in one place.")
    sys.exit(bool(found))
