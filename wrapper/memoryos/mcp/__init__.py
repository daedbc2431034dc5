"""Memory OS for AI applications that speak MCP, the Model Context Protocol.

`memoryos mcp` serves it over stdio. It needs the extra `mcp`, and Python 3.10 or newer.
"""

from __future__ import annotations

from ._server import create_server

__all__ = ["create_server"]
