"""The official client of the installed generation, seen as what is on the wire."""

from __future__ import annotations

import contextlib

import mcp
from mcp import types
from mcp.client import streamable_http
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared import exceptions

# 1.19 has another one, which 1.30 warns of.
streamable_http_client = getattr(streamable_http, "streamable_http_client", None)
httpx_of_sdk = getattr(streamable_http, "httpx2", None) or getattr(streamable_http, "httpx", None)

IS_FIRST_GENERATION = not hasattr(mcp, "Client")


ProtocolError = exceptions.McpError if IS_FIRST_GENERATION else exceptions.MCPError
"""What a client raises for an error response."""


class Session:
    """A connection of the official client to a server."""

    def __init__(self, client, opened):
        self._client = client
        self.initialized = opened

    async def tools(self):
        """Return the definitions of the tools by name."""
        return {tool["name"]: tool for tool in wire(await self._client.list_tools())["tools"]}

    async def call(self, tool, arguments):
        """Call a tool, and return its result."""
        return wire(await self._client.call_tool(tool, arguments))

    async def resources(self):
        """Return the definitions of the resources, and those of the templates."""
        resources = wire(await self._client.list_resources())["resources"]
        templates = wire(await self._client.list_resource_templates())["resourceTemplates"]
        return resources, templates

    async def read(self, uri):
        """Return the contents of a resource."""
        return wire(await self._client.read_resource(uri))["contents"]

    async def prompts(self):
        """Return the definitions of the prompts by name."""
        prompts = wire(await self._client.list_prompts())["prompts"]
        return {prompt["name"]: prompt for prompt in prompts}

    async def prompt(self, name, **arguments):
        """Return the text of a prompt's message."""
        (message,) = wire(await self._client.get_prompt(name, arguments))["messages"]
        assert message["role"] == "user"
        return message["content"]["text"]

    async def complete(self, reference, argument, typed):
        """Return the values that complete an argument of a template or of a prompt."""
        kind = "ref/resource" if "://" in reference else "ref/prompt"
        name = "uri" if "://" in reference else "name"
        model = types.ResourceTemplateReference if name == "uri" else types.PromptReference
        reference = model(**{"type": kind, name: reference})
        result = await self._client.complete(reference, {"name": argument, "value": typed})
        return wire(result)["completion"]["values"]


def wire(model):
    """Return a model as it is on the wire."""
    return model.model_dump(by_alias=True, mode="json", exclude_none=True)


@contextlib.asynccontextmanager
async def in_process(server):
    """Connect to a server of this process."""
    if IS_FIRST_GENERATION:
        from mcp.shared.memory import create_connected_server_and_client_session

        async with create_connected_server_and_client_session(server) as client:
            yield Session(client, wire(await client.initialize()))
    else:
        async with mcp.Client(server) as client:
            yield Session(client, _opened(client))


@contextlib.asynccontextmanager
async def over_stdio(command, arguments, environment, errors):
    """Start a server as a host does, and connect to it."""
    server = StdioServerParameters(command=command, args=arguments, env=environment)
    if IS_FIRST_GENERATION:
        connected = stdio_client(server, errlog=errors)
        async with connected as streams, mcp.ClientSession(*streams) as client:
            yield Session(client, wire(await client.initialize()))
    else:
        async with mcp.Client(stdio_client(server, errlog=errors)) as client:
            yield Session(client, _opened(client))


@contextlib.asynccontextmanager
async def over_http(url, key, **settings):
    """Connect to the URL of a server, with an API key.

    Args:
        url: The URL of `/mcp`.
        key: The key.
        settings: Arguments of the client of 2.x, such as `mode`.
    """
    streams = _http_streams(url, {"Authorization": f"Bearer {key}"})
    if IS_FIRST_GENERATION:
        async with streams as (*both, session_id), mcp.ClientSession(*both) as client:
            opened = wire(await client.initialize())
            assert session_id() is None
            yield Session(client, opened)
    else:
        async with mcp.Client(streams, **settings) as client:
            yield Session(client, _opened(client))


@contextlib.asynccontextmanager
async def _http_streams(url, headers):
    if streamable_http_client is None:
        async with streamable_http.streamablehttp_client(url, headers=headers) as streams:
            yield streams
        return
    http = httpx_of_sdk.AsyncClient(headers=headers)
    async with http, streamable_http_client(url, http_client=http) as streams:
        yield streams


def _opened(client):
    return {
        "instructions": client.instructions,
        "protocolVersion": client.protocol_version,
        "serverInfo": wire(client.server_info),
    }
