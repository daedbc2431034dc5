"""MCP server: memories for AI applications, over the Model Context Protocol.

It offers tools for models, and resources and prompts for users. `memoryos mcp` serves them over
stdio. To embed them in a program of your own, use `create_server`. Needs the extra `mcp` and Python
3.10 or newer. Works with the official SDK, the package `mcp`, from 1.19 to 2.x.

Example:
    >>> from memoryos import AsyncMemoryOS
    >>> from memoryos.mcp import create_server, run_stdio
    >>> server = create_server(AsyncMemoryOS(), read_only=True)

Then `run_stdio(server)` serves until standard input is closed.
"""

from __future__ import annotations

from ._server import create_server
from ._stdio import run_stdio

__all__ = ["create_server", "run_stdio"]
