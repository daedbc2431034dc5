"""Virtual environments of the peers, under build/benchmarks, rebuilt when their pins change."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tools import step

if TYPE_CHECKING:
    from .lineup import Peer

__all__ = ["FOLDER", "OWN_SOURCES", "ROOT", "Environment", "made", "own_environment"]

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "benchmarks"
PINS = ROOT / "requirements" / "peers.txt"
OWN_SOURCES = ("wrapper", "generated", "server")


class Environment(NamedTuple):
    """A peer's environment and the size of its installation."""

    python: Path
    version: str
    distributions: int
    parts: dict[str, float]
    """Megabytes of all files, compiled ones included, by package."""
    sources: str = ""
    """The folders that the SDK is imported from instead of its installation, as PYTHONPATH."""


def made(peer: Peer, *, in_place: bool = False) -> Environment:
    """Return a peer's environment, and create it first if it is missing or outdated.

    Args:
        peer: The peer.
        in_place: Whether to import this SDK from the working tree, so that a change of its code
            needs no new environment. What is installed may then be older than what runs.

    Raises:
        SystemExit: It can't be installed.
    """
    folder = FOLDER / peer.name.replace("[", "-").strip("]").replace(" ", "-")
    record = folder / "made.json"
    is_own = peer.requirement is not None and peer.requirement.startswith(".")
    fingerprint = {"requirements": _requirements_hash(peer)}
    if is_own and not in_place:
        fingerprint["sources"] = _sources_hash()
    known = json.loads(record.read_bytes())["fingerprint"] if record.exists() else {}
    if not isinstance(known, dict) or not fingerprint.items() <= known.items():
        venv.create(folder, clear=True, symlinks=True)
        _install(peer, folder)
        fields = {"fingerprint": fingerprint, **_installed(peer, folder)}
        if peer.vectors:
            _pip(folder, "numpy", "numpy, beside what is measured")
        record.write_text(json.dumps(fields), encoding="utf-8")
    fields = json.loads(record.read_bytes())
    del fields["fingerprint"]
    environment = Environment(_python(folder), **fields)
    return environment._replace(sources=_sources()) if is_own and in_place else environment


def own_environment() -> Environment:
    """Return the environment of this program, with the SDK of the working tree."""
    return Environment(Path(sys.executable), "", 0, {}, _sources())


def _sources() -> str:
    return os.pathsep.join(str(ROOT / name) for name in OWN_SOURCES)


def _install(peer: Peer, folder: Path) -> None:
    requirement = peer.name if peer.requirement is None else peer.requirement
    if requirement:
        _pip(folder, requirement.replace(".", str(ROOT), 1), peer.name)


def _pip(folder: Path, requirement: str, label: str) -> None:
    options = ("--no-input", "--disable-pip-version-check", "--progress-bar=off")
    command = [sys.executable, "-m", "pip", "--python", str(_python(folder)), "install"]
    outcome = step.run(f"Installing {label}", [*command, *options, "-c", str(PINS), requirement])
    if not outcome.passed:
        raise SystemExit(outcome.output)


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _installed(peer: Peer, folder: Path) -> dict[str, object]:
    """Return the version, the number of distributions, and their sizes."""
    program = "import sysconfig; print(sysconfig.get_path('purelib'))"
    asked = subprocess.run(
        [_python(folder), "-c", program], check=True, capture_output=True, text=True
    )
    packages = Path(asked.stdout.strip())
    names = [path.stem for path in packages.glob("*.dist-info")]
    own = peer.distribution.replace("-", "_")
    versions = [name.partition("-")[2] for name in names if name.partition("-")[0] == own]
    return {
        "version": versions[0] if versions else "",
        "distributions": len(names),
        "parts": _parts(packages),
    }


def _parts(packages: Path) -> dict[str, float]:
    """Return the size of each package in megabytes, by the first part of its folder's name."""
    parts: dict[str, float] = {}
    for path in packages.rglob("*"):
        if path.is_file():
            name = path.relative_to(packages).parts[0].partition("-")[0].partition(".")[0]
            parts[name] = parts.get(name, 0) + path.stat().st_size / 1e6
    return parts


def _requirements_hash(peer: Peer) -> str:
    """Return a hash of everything an environment depends on, except this SDK's sources."""
    digest = hashlib.sha256(f"{peer} {sys.version} {FOLDER}".encode())
    files = [PINS, Path(__file__), *([ROOT / "pyproject.toml"] if peer.requirement else [])]
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources_hash() -> str:
    digest = hashlib.sha256()
    for name in OWN_SOURCES:
        for path in sorted((ROOT / name).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
