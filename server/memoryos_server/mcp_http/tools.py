"""Find the tools, which another package has: the SDK, by an entry point."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from memoryos_server.requirements import require_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .caller_memory import CallerMemory

__all__ = ["Tools", "has_tools", "load_tools"]

_FEATURE = "/mcp"
_DISTRIBUTION, _GROUP = "memoryos", "memoryos_server.mcp"


class Tools(Protocol):
    """Answers messages of MCP, each for one caller."""

    async def respond(
        self,
        local: CallerMemory,
        permits: Callable[[str], bool],
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
    ) -> tuple[int, Sequence[tuple[bytes, bytes]], bytes]:
        """Return the status, the headers and the body of the response to a POST request.

        Args:
            local: The Memory OS as the caller has it.
            permits: Whether the caller has a permission.
            headers: Headers of the request, with names in lower case.
            body: Body of the request.
        """
        ...


def has_tools() -> bool:
    """Return whether the packages are installed that MCP needs. Imports none of them."""
    return find_spec("mcp") is not None


def load_tools() -> Tools:
    """Import the tools. The first import takes about a second.

    Raises:
        ImportError: A package is missing or can't be used. The message says which, and what to do.
    """
    from importlib.metadata import PackageNotFoundError, distribution  # slow

    require_packages(_FEATURE, "mcp", ["mcp"])
    try:
        (entry_point,) = distribution(_DISTRIBUTION).entry_points.select(group=_GROUP)
    except (PackageNotFoundError, ValueError):
        raise ImportError(
            f"{_FEATURE} needs the installed package {_DISTRIBUTION}; its files alone don't do"
        ) from None
    try:
        tools: Tools = entry_point.load()()
    except ImportError as error:
        raise ImportError(f"{_FEATURE} needs another release of a package: {error}") from error
    return tools
