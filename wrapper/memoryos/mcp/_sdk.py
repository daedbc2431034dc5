"""Adapter for the official SDK of MCP. No other module imports the package `mcp`.

The low-level server of 1.x takes its handlers from decorators, that of 2.x as arguments of its
constructor, and the models of 2.x have other attribute names. So everything beyond this module
passes tools, results and messages in the form that the protocol has on the wire.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from mcp import types as _types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    Wire = Mapping[str, Any]
    CallTool = Callable[[str, Mapping[str, Any]], Awaitable[Wire]]
    Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]

__all__ = [
    "Lifespan",
    "Server",
    "answer_http",
    "check_message",
    "make_server",
    "serve_streams",
    "silence_log",
]

# The names differ between the two generations, so a type checker knows only half of them.
_sdk: Any = _types
_server: Any = Server
_transport: Any = stdio_server
_TAKES_DECORATORS = hasattr(Server, "call_tool")
_SDK_FOLDER = PurePath(_types.__file__).parent


def make_server(
    *,
    tools: Sequence[Wire],
    call: CallTool,
    lifespan: Lifespan,
    version: str,
    instructions: str,
    title: str,
) -> Server[Any]:
    """Create a low-level server of the installed generation.

    Args:
        tools: Definitions of the tools, as on the wire.
        call: Calls a tool with its arguments and returns the result as on the wire. Never raises.
        lifespan: Context manager of the server's lifetime.
        version: Version of the server.
        instructions: Instructions for models.
        title: Name for people. 1.x has no place for it.
    """
    listed = [_sdk.Tool.model_validate(tool) for tool in tools]

    async def result_of(name: str, arguments: Mapping[str, Any] | None) -> Any:
        return _sdk.CallToolResult.model_validate(await call(name, arguments or {}))

    settings = {"version": version, "instructions": instructions, "lifespan": lifespan}
    if not _TAKES_DECORATORS:

        async def on_list_tools(_context: Any, _params: Any) -> Any:
            return _sdk.ListToolsResult(tools=listed)

        async def on_call_tool(_context: Any, params: Any) -> Any:
            return await result_of(params.name, params.arguments)

        handlers = {"on_list_tools": on_list_tools, "on_call_tool": on_call_tool}
        return cast("Server[Any]", _server("memoryos", title=title, **settings, **handlers))

    server = _server("memoryos", **settings)

    async def list_tools() -> Any:
        return listed

    server.list_tools()(list_tools)
    # The SDK would validate arguments in other words, and accept those of an unknown tool.
    server.call_tool(validate_input=False)(result_of)
    return cast("Server[Any]", server)


async def serve_streams(server: Server[Any], lines: Any, output: Any) -> None:
    """Serve one client over the stdio transport until `lines` ends.

    Args:
        server: A server of `make_server`.
        lines: Asynchronous iterator over the messages, each a text without line break.
        output: Has the asynchronous methods `write(text)` and `flush()`.
    """
    async with _transport(lines, output) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


async def answer_http(
    server: Server[Any], headers: Sequence[tuple[bytes, bytes]], body: bytes
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Answer one POST request of the streamable HTTP transport, without a session.

    Args:
        server: A server of `make_server`, for this request only.
        headers: Headers of the request, with names in lower case.
        body: Body of the request.

    Returns:
        The status, the headers and the body of the response, which is one JSON message.
    """
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    settings: dict[str, Any] = {"json_response": True, "stateless": True}
    if "max_request_body_size" in inspect.signature(StreamableHTTPSessionManager).parameters:
        settings["max_request_body_size"] = len(body) + 1  # whoever calls this has its own limit
    manager: Any = StreamableHTTPSessionManager(server, **settings)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/mcp",
        "query_string": b"",
        "headers": headers,
    }
    incoming = [{"type": "http.request", "body": body}]
    outgoing: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop()
        return await asyncio.Future()  # the client stays

    async def send(message: dict[str, Any]) -> None:
        outgoing.append(message)

    # A manager may run once, and ends whatever is left of the request.
    async with manager.run():
        await manager.handle_request(scope, receive, send)
    start, *parts = outgoing
    return start["status"], start["headers"], b"".join(part.get("body", b"") for part in parts)


def silence_log() -> None:
    """Drop what the SDK logs: it quotes messages, and so memories."""
    logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)
    logging.getLogger().addFilter(_is_of_others)  # 1.x uses the root logger as well


def _is_of_others(record: logging.LogRecord) -> bool:
    return _SDK_FOLDER not in PurePath(record.pathname).parents


def check_message(text: str) -> None:
    """Check that the SDK accepts a text as a message. It answers no message that it can't read.

    Raises:
        ValueError: It does not. The SDK's error quotes the message.
    """
    if _TAKES_DECORATORS:
        _sdk.JSONRPCMessage.model_validate_json(text)
    else:
        _sdk.jsonrpc_message_adapter.validate_json(text, by_name=False)
