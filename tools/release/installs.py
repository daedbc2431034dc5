"""Install the wheel into empty environments, and use it there."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import demo
import step
from code_blocks import code_blocks
from find_pythons import find_pythons

if TYPE_CHECKING:
    from collections.abc import Sequence

LOWEST, HIGHEST = "lowest-direct", "highest"
OLDEST_FOR_LOCAL = (3, 10)
# Nothing outside the environment is used, and uv downloads no Python.
ENVIRONMENT = {"UV_PYTHON_DOWNLOADS": "never", "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
_IMPORT = (
    "import memoryos, sys; from memoryos import *; from memoryos.types import Memory; "
    "client = memoryos.MemoryOS('mos_test_key'); client.close(); "
    "assert sys.prefix in memoryos.__file__, memoryos.__file__; print(memoryos.__version__)"
)


class Install(NamedTuple):
    """One way to install the wheel."""

    version: str
    python: str
    resolution: str
    extra: str

    def __str__(self) -> str:
        dependencies = "lowest" if self.resolution == LOWEST else "highest"
        named = f"memoryos[{self.extra}]" if self.extra else "memoryos"
        return f"Python {self.version}, {dependencies} dependencies, {named}"


def planned(found: dict[str, str]) -> list[Install]:
    """Return the installs to try, with and without the local Memory OS.

    The oldest Python gets the lowest versions, the newest the highest.

    Args:
        found: The interpreters by their versions, the oldest first.
    """
    everywhere = list(found.items())
    with_local = [item for item in everywhere if _numbers(item[0]) >= OLDEST_FOR_LOCAL]
    installs = []
    for extra, pythons in (("", everywhere), ("local", with_local)):
        if pythons:
            installs.append(Install(*pythons[0], LOWEST, extra))
            installs.append(Install(*pythons[-1], HIGHEST, extra))
    return installs


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def try_all(wheel: Path, root: Path, folder: Path) -> list[str]:
    """Try every planned install; return the failures."""
    installs = planned(find_pythons())
    pythons = {}
    failed = []
    for number, install in enumerate(installs):
        python = _install(install, wheel, folder / f"environment-{number}")
        if python is None:
            failed.append(f"{install}: it can't be installed or imported (see above).")
        else:
            pythons[install] = python
    if not any(install.extra == "local" for install in pythons):
        return [*failed, "No Python 3.10 or newer was found, so the quick start was not run."]
    return [*failed, *_use(pythons, root, folder)]


def _install(install: Install, wheel: Path, environment: Path) -> Path | None:
    """Create the environment and return its Python, or None if that failed."""
    python = environment / "bin/python"
    named = f"{wheel}[{install.extra}]" if install.extra else str(wheel)
    uv = [sys.executable, "-m", "uv"]
    options = ["--quiet", "--python", str(python)]
    commands: dict[str, list[str]] = {
        "an empty environment": [
            *uv,
            "venv",
            "--quiet",
            "--no-project",
            "--python",
            install.python,
            str(environment),
        ],
        "installing": [*uv, "pip", "install", *options, "--resolution", install.resolution, named],
        "are the versions at one": [*uv, "pip", "check", *options],
        "import": [str(python), "-W", "error", "-c", _IMPORT],
    }
    passed = all(_run(f"{install}: {what}", command) for what, command in commands.items())
    return python if passed else None


def _run(label: str, command: Sequence[str]) -> bool:
    outcome = step.run(label, command, ENVIRONMENT)
    if not outcome.passed:
        print(outcome.output)
    return outcome.passed


def _shows(label: str, command: Sequence[str], address: dict[str, str]) -> bool:
    """Run a program, and return whether it succeeds and prints something."""
    outcome = step.run(label, command, {**ENVIRONMENT, **address})
    if outcome.passed and outcome.output.strip():
        return True
    print(outcome.output.strip() or "It printed nothing.")
    return False


def _use(pythons: dict[Install, Path], root: Path, folder: Path) -> list[str]:
    """Serve a Memory OS from each install with the extra, and run the quick start against it."""
    programs = Path(shutil.copytree(root / "examples", folder / "examples"))
    quick_start = _quick_start(root, folder)
    failed = []
    for install, python in pythons.items():
        if install.extra != "local":
            continue
        data = folder / f"{python.parent.parent.name}.db"
        with demo.local_server(data, str(python)) as server:
            address = {"MEMORY_OS_BASE_URL": server.base_url, "MEMORY_OS_API_KEY": server.api_key}
            runs = [(install, python, programs / "quickstart.py")]
            runs += [(each, path, quick_start) for each, path in pythons.items() if not each.extra]
            for each, path, program in runs:
                label = f"{each}: the quick start, served from {install.version}"
                if not _shows(label, [str(path), str(program)], address):
                    failed.append(f"{label} failed (see above).")
    return failed


def _quick_start(root: Path, folder: Path) -> Path:
    """Write the README's program for the hosted service to a file."""
    text = (root / "README.md").read_text(encoding="utf-8")
    # The first program needs the extra `local`.
    first, *_ = code_blocks(text.partition("\n### With the hosted service\n")[2])
    program = folder / "quick_start.py"
    program.write_text(first.lexemes["source"], encoding="utf-8")
    return program
