"""What is installed on this machine: versions and extras."""

from __future__ import annotations

import platform
from importlib import metadata
from importlib.util import find_spec
from typing import Iterator

from memoryos._version import __version__

from .findings import Finding, ok, warning

__all__ = ["check_installation"]

# The package by which each extra is known.
_EXTRAS = {
    "local": "jsonschema_rs",
    "postgres": "psycopg",
    "testing": "respx",
    "cli": "shtab",
    "mcp": "mcp",
    "contract": "schemathesis",
    "otel": "opentelemetry.trace",
    "speed": "orjson",
}


def check_installation() -> Iterator[Finding]:
    """Yield what is installed."""
    yield _versions()
    yield _extras()


def _versions() -> Finding:
    python = platform.python_version()
    fact = f"memoryos {__version__}, httpx {metadata.version('httpx')}, Python {python}"
    installed = metadata.version("memoryos")
    if installed != __version__:
        return warning(
            "versions",
            f"{fact}; but pip knows of memoryos {installed}",
            "install it anew, in an environment without the other product of this name",
        )
    return ok("versions", f"{fact}, {platform.system()}")


def _extras() -> Finding:
    present = [extra for extra, package in _EXTRAS.items() if _is_installed(package)]
    absent = [extra for extra in _EXTRAS if extra not in present]
    here = ", ".join(present) or "none"
    return ok("extras", f"{here}; not installed: {', '.join(absent)}" if absent else here)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
