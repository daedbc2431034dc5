"""Checks whether this tree can be released, and lists what is missing.

    python tools/release_check.py               checks
    python tools/release_check.py --snapshot    stores the public surface, for use without tags

Everything is committed; the version is defined in one place, and is not the tag of another commit;
CHANGELOG.md has entries for the version, and mentions every public name added, removed or
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
from plurals import plural
from release import baseline, changelog, installs, repository, surface, wheel
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
    found = [
        *repository.problems(root, _version(root)),
        *version.problems(root),
        *changelog_problems(root),
        *_package_problems(root),
    ]
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
        f"The public surface has {plural(len(now.surface), 'name')}; since {before.name} "
        f"{len(difference.added)} were added, {len(difference.removed)} removed, "
        f"{len(difference.changed)} changed."
    )
    new_entries = [entry for entry in now.entries if entry not in before.entries]
    return [
        *_missing_entries(root, tag, new_entries),
        *_unmentioned(difference, new_entries, before.name),
        *_same_version(root, tag, difference),
    ]


def _missing_entries(root: Path, tag: str | None, new_entries: list[str]) -> list[str]:
    """Return problems with the entries of the version: none, or none since the last tag."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    here = changelog.entries_of(text, _version(root))
    if not here:
        return [f"CHANGELOG.md has no entry for {_version(root)}: say what users notice."]
    is_new_version = tag is not None and tag.removeprefix("v") != _version(root)
    if tag is None or not is_new_version or not repository.has_changed_since(root, tag):
        return []
    if not any(entry in new_entries for entry in here):
        return [f"CHANGELOG.md has no new entry since {tag}, and the package has changed."]
    return []


def _unmentioned(difference: surface.Difference, entries: list[str], since: str) -> list[str]:
    names = changelog.unmentioned(difference, entries)
    if not names:
        return []
    listed = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    sentence = f"CHANGELOG.md does not mention what was added, removed or changed since {since}"
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
        print(f"{built.wheel.name} has {plural(built.wheel.stat().st_size, 'byte')}.")
        return [
            *wheel.problems(built, _version(root)),
            *installs.try_all(built.wheel, root, folder),
        ]


if __name__ == "__main__":
    sys.exit(main())
