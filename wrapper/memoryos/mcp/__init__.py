"""MCP server: memories as tools for AI applications, over the Model Context Protocol.

`memoryos mcp` serves the tools over stdio. To embed them in a program of your own, use
`create_server`. Needs the extra `mcp` and Python 3.10 or newer.

Example:
    >>> from memoryos import AsyncMemoryOS
    >>> from memoryos.mcp import create_server
    >>> create_server(AsyncMemoryOS(), read_only=True).run("stdio")
"""

from __future__ import annotations

from ._server import create_server

__all__ = ["create_server"]
