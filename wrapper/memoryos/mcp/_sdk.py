"""Adapter for the official SDK of MCP. No other module imports the package `mcp`.

The low-level server of 1.x has a dict of handlers, that of 2.x takes them as arguments of its
constructor, and the models of 2.x have other attribute names. So everything beyond this module
passes parameters, results and messages in the form that the protocol has on the wire.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from mcp import types as _types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared import exceptions as _exceptions

from ._protocol_errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    Wire = Mapping[str, Any]
    Handler = Callable[[dict[str, Any]], Awaitable[Wire]]
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
_SDK_FOLDER = PurePath(_types.__file__).parent
_is_first_generation = hasattr(Server, "call_tool")
_error: Any = getattr(_exceptions, "McpError" if _is_first_generation else "MCPError")

# Method, request of 1.x, argument of the constructor of 2.x, result.
_METHODS = (
    ("tools/list", "ListToolsRequest", "on_list_tools", "ListToolsResult"),
    ("tools/call", "CallToolRequest", "on_call_tool", "CallToolResult"),
    ("resources/list", "ListResourcesRequest", "on_list_resources", "ListResourcesResult"),
    (
        "resources/templates/list",
        "ListResourceTemplatesRequest",
        "on_list_resource_templates",
        "ListResourceTemplatesResult",
    ),
    ("resources/read", "ReadResourceRequest", "on_read_resource", "ReadResourceResult"),
    ("prompts/list", "ListPromptsRequest", "on_list_prompts", "ListPromptsResult"),
    ("prompts/get", "GetPromptRequest", "on_get_prompt", "GetPromptResult"),
    ("completion/complete", "CompleteRequest", "on_completion", "CompleteResult"),
)

# From this revision of the protocol on, an unknown resource is an invalid parameter.
_INVALID_PARAMETER_REVISION = "2026-07-28"
_UNKNOWN_RESOURCE = -32002
_FIRST_GENERATION_REVISION = "2025-11-25"


def make_server(
    *,
    handlers: Mapping[str, Handler],
    lifespan: Lifespan,
    version: str,
    instructions: str,
    title: str,
) -> Server[Any]:
    """Create a low-level server of the installed generation.

    Args:
        handlers: By method, such as `tools/call`, a function that takes the parameters of a request
            and returns its result, both as on the wire. It raises only `ProtocolError`.
        lifespan: Context manager of the server's lifetime.
        version: Version of the server.
        instructions: Instructions for models.
        title: Name for people. 1.x has no place for it.
    """
    settings = {"version": version, "instructions": instructions, "lifespan": lifespan}
    if not _is_first_generation:
        adapted = {
            argument: _second_generation(handlers[method], getattr(_sdk, result))
            for method, _, argument, result in _METHODS
        }
        return cast("Server[Any]", _server("memoryos", title=title, **settings, **adapted))
    server = _server("memoryos", **settings)
    # Not by the decorators: that of `tools/call` would validate arguments in other words, and that
    # of `resources/read` drops what it doesn't know.
    for method, request, _, result in _METHODS:
        adapted_handler = _first_generation(handlers[method], getattr(_sdk, result))
        server.request_handlers[getattr(_sdk, request)] = adapted_handler
    return cast("Server[Any]", server)


def _first_generation(handler: Handler, result: Any) -> Callable[[Any], Awaitable[Any]]:
    async def handle(request: Any) -> Any:
        with _protocol_errors(_FIRST_GENERATION_REVISION):
            value = await handler(_parameters(request.params))
        return _sdk.ServerResult(result.model_validate(value))

    return handle


def _second_generation(handler: Handler, result: Any) -> Callable[[Any, Any], Awaitable[Any]]:
    async def handle(context: Any, params: Any) -> Any:
        with _protocol_errors(context.protocol_version):
            value = await handler(_parameters(params))
        return result.model_validate(value)

    return handle


def _parameters(params: Any) -> dict[str, Any]:
    if params is None:
        return {}
    found: dict[str, Any] = params.model_dump(by_alias=True, mode="json", exclude_none=True)
    return found


@contextmanager
def _protocol_errors(revision: str) -> Iterator[None]:
    """Raise a `ProtocolError` as the SDK's exception, with the code of a revision."""
    try:
        yield
    except ProtocolError as error:
        is_old = error.is_unknown_resource and revision < _INVALID_PARAMETER_REVISION
        code = _UNKNOWN_RESOURCE if is_old else error.code
        data = {"uri": error.uri} if error.uri is not None else None
        if _is_first_generation:
            failure = _sdk.ErrorData(code=code, message=error.message, data=data)
            raise _error(failure) from None
        raise _error(code, error.message, data) from None


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
    if _is_first_generation:
        _sdk.JSONRPCMessage.model_validate_json(text)
    else:
        _sdk.jsonrpc_message_adapter.validate_json(text, by_name=False)
