"""Runs the tests on every Python from 3.8 up that is here, each in an environment of its own.

usage: python tools/interpreters.py [NAME …]

A NAME is a version such as 3.8, which gets the newest dependencies that are allowed, or a version
with `-lowest`, such as 3.8-lowest, which gets the oldest ones that pyproject.toml allows; `oldest`
and `newest` stand for those that are found here. None named: all that are found, and 3.8-lowest
(the base) and 3.10-lowest (the server).

Below 3.10 tests/conftest.py leaves out what needs the local Memory OS, and says so.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
OLDEST_MINOR = 8
NEWEST_MINOR = 20
# With the oldest dependencies: the base on its oldest Python, the server on its own.
LOWEST = ("3.8-lowest", "3.10-lowest")
REQUIREMENTS = ("pyproject.toml", "requirements/test.txt")
_PRINT_VERSION = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
_CLASSIFIER = re.compile(r'"Programming Language :: Python :: (3\.\d+)"')


def main(wanted: Sequence[str]) -> int:
    """Run the tests on the wanted Pythons, report each, and return 0 where all passed."""
    os.chdir(ROOT)
    found = find_interpreters()
    names = [*dict.fromkeys(_named(name, found) for name in wanted)] or _all(found)
    missing = [name for name in names if _version(name) not in found]
    results = {name: _try(name, found[_version(name)]) for name in names if name not in missing}
    print()
    for name, result in results.items():
        print(f"Python {name:<11} {result or 'FAILED (see above)'}")
    for name in missing:
        print(f"Python {name:<11} not found on this machine, so not tested")
    return 0 if results and all(results.values()) and not (wanted and missing) else 1


def _all(found: dict[str, str]) -> list[str]:
    versions = sorted({*found, *claimed_versions()}, key=lambda name: int(name.partition(".")[2]))
    return [*versions, *(name for name in LOWEST if _version(name) in found)]


def _named(name: str, found: dict[str, str]) -> str:
    """Return the name that `oldest` and `newest` stand for here."""
    order = list(found)
    return {"oldest": order[0], "newest": order[-1]}.get(name, name) if order else name


def _version(name: str) -> str:
    return name.partition("-")[0]


def find_interpreters() -> dict[str, str]:
    """Return the path of one interpreter for each version from 3.8 up, oldest version first."""
    found: dict[str, tuple[tuple[int, ...], str]] = {}
    for candidate in _candidates():
        version = _version_of(candidate)
        if version is None or not (3, OLDEST_MINOR) <= version[:2] <= (3, NEWEST_MINOR):
            continue
        name = f"{version[0]}.{version[1]}"
        found[name] = max(found.get(name, (version, candidate)), (version, candidate))
    return {name: path for name, (_, path) in sorted(found.items(), key=lambda item: item[1])}


def claimed_versions() -> list[str]:
    """Return the versions that pyproject.toml says the project runs on."""
    return _CLASSIFIER.findall((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _candidates() -> Iterator[str]:
    for minor in range(OLDEST_MINOR, NEWEST_MINOR + 1):
        on_path = shutil.which(f"python3.{minor}")
        if on_path:
            yield on_path
    yield from (str(path) for path in sorted(_pyenv_root().glob("versions/*/bin/python")))


def _pyenv_root() -> Path:
    if "PYENV_ROOT" in os.environ or not shutil.which("pyenv"):
        return Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    asked = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True)
    return Path(asked.stdout.strip())


def _version_of(python: str) -> tuple[int, ...] | None:
    """Return an interpreter's version, or None where it doesn't run (as pyenv's shims may not)."""
    asked = subprocess.run(
        [python, "-c", _PRINT_VERSION], capture_output=True, text=True, check=False
    )
    if asked.returncode != 0:
        return None
    return tuple(int(part) for part in asked.stdout.split("."))


def _try(name: str, python: str) -> str:
    """Return pytest's closing line, and what was left out; nothing where a test failed."""
    environment = ROOT / f".venv-{name}"
    if not _install(name, python, environment):
        return ""
    command = [str(environment / "bin/python"), "-m", "pytest", "-p", "no:cacheprovider"]
    outcome = step.run(f"Python {name}: running the tests", [*command, "--numprocesses=auto"])
    if not outcome.passed:
        print(outcome.output)
        return ""
    lines = outcome.output.strip().splitlines()
    return "\n                   ".join([lines[-1].strip("= "), *filter(_is_left_out, lines)])


def _is_left_out(line: str) -> bool:
    return line.startswith("left out: ")


def _install(name: str, python: str, environment: Path) -> bool:
    """Make the environment ready, unless it is; return whether it is."""
    stamp = environment / ".installed"
    fingerprint = _fingerprint(python)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint:
        return True
    commands = ([python, "-m", "venv", "--clear", str(environment)], installing(name, environment))
    for doing, command in zip(("making an environment", "installing"), commands, strict=True):
        outcome = step.run(f"Python {name}: {doing}", command)
        if not outcome.passed:
            print(outcome.output)
            return False
    stamp.write_text(fingerprint, encoding="utf-8")
    return True


def installing(name: str, environment: Path) -> list[str]:
    """Return the command that installs the project and the test tools."""
    what = ["--editable", ".[local]", "--requirement", "requirements/test.txt"]
    inside = str(environment / "bin/python")
    if not name.endswith("-lowest"):
        return [inside, "-m", "pip", "install", "--no-input", *what]
    # Only what pyproject.toml itself names is the oldest; what that needs is as new as can be.
    resolution = ["--resolution", "lowest-direct"]
    return [sys.executable, "-m", "uv", "pip", "install", "--python", inside, *resolution, *what]


def _fingerprint(python: str) -> str:
    contents = b"".join((ROOT / name).read_bytes() for name in REQUIREMENTS)
    return hashlib.sha256(contents + f"{python} {ROOT}".encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
