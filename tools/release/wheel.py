"""Build the wheel and the sdist, and check their contents."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING, NamedTuple

import step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LARGEST_WHEEL = 2_000_000
"""In bytes."""
PACKAGES = ("memoryos", "memoryos_api", "memoryos_server")
CONTRACTS = ("openapi.yaml", "openapi-admin.yaml")
NEEDED = (
    "memoryos/py.typed",
    "memoryos_api/py.typed",
    "memoryos_api/contract.json",
    "memoryos_server/contract/contract.json",
    "memoryos_server/contract/admin.json",
    "memoryos_server/http/pages/docs.html",
    "memoryos_server/embedders/bert_uncased_vocab.txt.gz",
)


class Built(NamedTuple):
    """The built files."""

    wheel: Path
    sdist: Path


class BuildError(Exception):
    """The build failed, or built other files than expected."""


def build(root: Path, folder: Path) -> Built:
    """Build the sdist, and the wheel out of the sdist.

    Raises:
        BuildError: The build failed; the message is its output.
    """
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(root)]
    outcome = step.run("Building the sdist, and the wheel from it", command)
    wheels, sdists = sorted(folder.glob("*.whl")), sorted(folder.glob("*.tar.gz"))
    if not outcome.passed or len(wheels) != 1 or len(sdists) != 1:
        raise BuildError(outcome.output)
    return Built(wheels[0], sdists[0])


def problems(built: Built, version: str) -> list[str]:
    """Return the problems of the wheel and the sdist."""
    with zipfile.ZipFile(built.wheel) as archive:
        names = archive.namelist()
    with tarfile.open(built.sdist) as archive:
        sources = archive.getnames()
    size = built.wheel.stat().st_size
    found = [f"The wheel lacks {name}." for name in NEEDED if name not in names]
    found += [f"The wheel has {name}, which is no part of it." for name in _strays(names)]
    found += [
        f"The sdist lacks {name}."
        for name in CONTRACTS
        if f"memoryos-{version}/{name}" not in sources
    ]
    if f"-{version}-" not in built.wheel.name:
        found.append(f"{built.wheel.name} is not of version {version}.")
    if size > LARGEST_WHEEL:
        found.append(f"The wheel has {size} bytes; {LARGEST_WHEEL} are allowed.")
    return found


def _strays(names: Iterable[str]) -> list[str]:
    allowed = (*(f"{package}/" for package in PACKAGES), "memoryos-")
    return [name for name in names if not name.startswith(allowed)]
