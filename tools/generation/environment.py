"""The programs of a generation: those of the running interpreter, in the pinned versions."""

from __future__ import annotations

import os
import re
import sysconfig
from importlib import metadata
from pathlib import Path

# The packages whose version shows in what is written; of the others the pins are for pip.
WRITERS = ("openapi-python-client", "ruff", "Jinja2", "ruamel.yaml")


class EnvironmentMismatchError(Exception):
    """The interpreter's environment is not the pinned one."""


def pins(requirements: str) -> dict[str, str]:
    """The exact versions that a requirements file names."""
    found: dict[str, str] = {}
    for line in requirements.splitlines():
        text = line.split("#")[0].strip()
        if not text:
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([^\s=]+)", text)
        if match is None:
            raise EnvironmentMismatchError(f"{text!r} is not an exact pin (name==version).")
        found[match[1]] = match[2]
    return found


def mismatches(pinned: dict[str, str], installed: dict[str, str | None]) -> list[str]:
    """One sentence for each package that is missing or has another version."""
    return [
        f"{name} is {installed[name] or 'not installed'}, pinned is {version}."
        for name, version in pinned.items()
        if installed[name] != version
    ]


def check(requirements: Path) -> None:
    """Refuse to generate with other versions than the pinned ones."""
    pinned = pins(requirements.read_text(encoding="utf-8"))
    wanted = {name: pinned[name] for name in WRITERS}
    problems = mismatches(wanted, {name: _installed(name) for name in WRITERS})
    if not (scripts() / "ruff").exists():
        problems.append(f"ruff's program is not in {scripts()}.")
    if problems:
        advice = f"Install {requirements.name} into a virtual environment and use its python."
        raise EnvironmentMismatchError("\n".join([*problems, advice]))


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def scripts() -> Path:
    """The folder of the running interpreter's own programs."""
    return Path(sysconfig.get_path("scripts"))


def variables() -> dict[str, str]:
    """The environment of a child: own programs first, nothing that would change the output."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RUFF_", "PYTHON")) or name == "PYTHONPYCACHEPREFIX"
    }
    path = os.pathsep.join([str(scripts()), os.environ.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
