"""MCP over HTTP: memories as tools for AI applications, at `/mcp`.

The tools are the SDK's, which this package finds by an entry point and doesn't import.
"""

from __future__ import annotations

from .endpoint import McpEndpoint
from .tools import has_tools

__all__ = ["McpEndpoint", "has_tools"]
