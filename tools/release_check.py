"""Checks whether this tree can be released, and lists what is missing.

    python tools/release_check.py               checks
    python tools/release_check.py --snapshot    stores the public surface, for use without tags

The version is defined in one place; CHANGELOG.md mentions every public name added, removed or
changed since the last tag (or the stored snapshot); the wheel and the sdist are complete; the wheel
installs into empty environments with the lowest and the highest allowed dependencies, and runs the
quick start there.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import version
from release import baseline, changelog, installs, surface, wheel
from revision import files_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
_MOST_NAMES = 10


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print what is missing; return 0 if nothing is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--snapshot", action="store_true", help="store the public surface")
    if parser.parse_args(arguments).snapshot:
        baseline.store(root, baseline.of_files(f"version {_version(root)}", root))
        print(f"{baseline.SNAPSHOT} is written.")
        return 0
    found = [*version.problems(root), *changelog_problems(root), *_package_problems(root)]
    print("\n".join(["", *found]) if found else "\nEverything is ready to be released.")
    return 1 if found else 0


def _version(root: Path) -> str:
    text = (root / "wrapper/memoryos/_version.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    return found[1] if found else "unknown"


def changelog_problems(root: Path) -> list[str]:
    """Return the changes of the public surface that CHANGELOG.md doesn't mention."""
    tag = baseline.last_tag(root)
    if tag is None:
        before = baseline.stored(root)
    else:
        with files_of(root, tag) as files:
            before = baseline.of_files(tag, files)
    now = baseline.of_files("now", root)
    difference = surface.difference(before.surface, now.surface)
    print(
        f"The public surface has {len(now.surface)} names; since {before.name} "
        f"{len(difference.added)} came, {len(difference.removed)} went, "
        f"{len(difference.changed)} changed."
    )
    new_entries = [entry for entry in now.entries if entry not in before.entries]
    return [
        *_unmentioned(difference, new_entries, before.name),
        *_same_version(root, tag, difference),
    ]


def _unmentioned(difference: surface.Difference, entries: list[str], since: str) -> list[str]:
    names = changelog.unmentioned(difference, entries)
    if not names:
        return []
    listed = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    sentence = f"CHANGELOG.md does not speak of what came, went or changed since {since}"
    return [f"{sentence}, {len(names)} public names: add an entry that names {listed}."]


def _same_version(root: Path, tag: str | None, difference: surface.Difference) -> list[str]:
    if tag is None or not difference or tag.removeprefix("v") != _version(root):
        return []
    advice = "raise it in wrapper/memoryos/_version.py"
    return [f"The public surface has changed since {tag}, and the version has not: {advice}."]


def _package_problems(root: Path) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="memoryos-release-") as temporary:
        folder = Path(temporary)
        try:
            built = wheel.build(root, folder / "dist")
        except wheel.BuildError as error:
            return [f"The package can't be built: {error}"]
        print(f"{built.wheel.name} has {built.wheel.stat().st_size:,} bytes.")
        return [
            *wheel.problems(built, _version(root)),
            *installs.try_all(built.wheel, root, folder),
        ]


if __name__ == "__main__":
    sys.exit(main())
