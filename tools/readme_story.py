"""Replays the README's example of an API change on a copy of the project.

    python tools/readme_story.py            fails if the README shows another output
    python tools/readme_story.py --write    writes the output into the README

The example is the section “When the API changes”. Each of its diffs is applied to the copy, then
the commands of the console block below it run there.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from code_blocks import code_blocks
from project_files import ROOT, project_files

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADING = "## When the API changes\n"
COMMANDS = {"make regenerate": [sys.executable, "tools/regenerate.py"]}
_FILE = re.compile(r"^--- (?P<name>\S+)\n\+\+\+ \S+\n(?P<hunks>(?:(?!--- ).*\n)*)", re.MULTILINE)
_HUNK = re.compile(r"^@@.*\n", re.MULTILINE)


class StoryError(Exception):
    """The example can't be replayed: a diff does not apply, or a command is unknown."""


def replayed(readme: str, folder: Path) -> str:
    """Return the README with the output of its commands, run in a copy of the project.

    Args:
        readme: The README's text.
        folder: The copy, to which the diffs are applied.

    Raises:
        StoryError: A diff does not apply, or a command is unknown.
    """
    before, heading, rest = readme.partition(HEADING)
    story, following, after = rest.partition("\n## ")
    parts = []
    end = 0
    for block in code_blocks(story):
        code = block.lexemes["source"]
        if block.lexemes["language"] == "diff":
            apply(code, folder)
        elif block.lexemes["language"] == "console":
            parts += [story[end : block.start], f"```console\n{_session(code, folder)}```"]
            end = block.end
    return "".join([before, heading, *parts, story[end:], following, after])


def apply(diff: str, folder: Path) -> None:
    """Apply a unified diff, finding its hunks by their text instead of their line numbers."""
    for part in _FILE.finditer(diff):
        path = folder / part["name"]
        text = path.read_text(encoding="utf-8")
        for hunk in _HUNK.split(part["hunks"])[1:]:
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if not line.startswith("+"))
            new = "".join(line[1:] for line in lines if not line.startswith("-"))
            if text.count(old) != 1:
                raise StoryError(f"{part['name']} contains {text.count(old)} times:\n{old}")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


def _session(console: str, folder: Path) -> str:
    """Return the commands of a console block, each followed by its current output."""
    commands = re.findall(r"^\$ (.*)$", console, re.MULTILINE)
    return "\n".join(f"$ {command}\n{_output(command, folder)}" for command in commands)


def _output(command: str, folder: Path) -> str:
    if command not in COMMANDS:
        raise StoryError(f"{command}: tools/readme_story.py does not know this command")
    done = subprocess.run(
        COMMANDS[command], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise StoryError(f"{command} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def copy(root: Path, folder: Path) -> None:
    """Copy the files of the project into a folder."""
    for path in project_files(root):
        target = folder / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Compare or write the README; return 0 if it shows the current output."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the output into the README")
    write = parser.parse_args(arguments).write
    path = root / "README.md"
    readme = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="memoryos-story-") as temporary:
        copy(root, Path(temporary))
        try:
            now = replayed(readme, Path(temporary))
        except StoryError as error:
            print(error, file=sys.stderr)
            return 1
    if write:
        path.write_text(now, encoding="utf-8")
    elif now != readme:
        print("README.md shows another output: run `python tools/readme_story.py --write`.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
