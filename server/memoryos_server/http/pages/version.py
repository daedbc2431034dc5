"""`/version`: which program this is."""

from __future__ import annotations

from memoryos_server.contract.features import FEATURES
from memoryos_server.contract.strict_json import encode

from .fixed_content import FixedContent

__all__ = ["program_version", "version_endpoint"]


def program_version() -> str:
    """Return the version of the installed distribution, or `unknown` without one."""
    from importlib.metadata import PackageNotFoundError, version  # slow, and rarely needed

    try:
        return version("memoryos") or "unknown"  # None if the distribution is half removed
    except PackageNotFoundError:
        return "unknown"


def version_endpoint() -> FixedContent:
    """Return the endpoint."""
    return FixedContent("/version", "application/json", _version)


def _version() -> bytes:
    return encode({"name": "memoryos", "version": program_version(), "features": list(FEATURES)})
