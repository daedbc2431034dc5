"""Handlers of the requests for resources, prompts and completions."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from memoryos.exceptions import MemoryOSError

from . import _completions, _prompts, _resources
from ._protocol_errors import (
    ProtocolError,
    invalid_parameter,
    service_error,
    unexpected_error,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from memoryos import AsyncMemoryOS, AsyncScopedMemoryOS

    Client = AsyncMemoryOS | AsyncScopedMemoryOS
    Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
    Handlers = dict[str, Handler]
    Notes = Callable[[], AbstractContextManager[list[str]]]

__all__ = ["context_handlers", "listing"]

_COMPLETIONS = {**_resources.COMPLETIONS, **_prompts.COMPLETIONS}

_logger = logging.getLogger(__name__)


def context_handlers(client: Client, notes: Notes, *, reads: bool, searches: bool) -> Handlers:
    """Return the handlers by method. Each takes and returns what is on the wire.

    Args:
        client: What they call.
        notes: Context manager of a call; the notes for the model that were made meanwhile.
        reads: Whether memories can be read, and so resources.
        searches: Whether memories can be searched, and so put into prompts.
    """

    async def read_resource(params: dict[str, Any]) -> dict[str, Any]:
        return await _resources.read(client, params["uri"])

    async def get_prompt(params: dict[str, Any]) -> dict[str, Any]:
        return await _prompts.get(client, params["name"], params.get("arguments", {}), notes)

    async def complete(params: dict[str, Any]) -> dict[str, Any]:
        reference, argument = params["ref"], params["argument"]
        name = reference.get("uri") or reference.get("name")
        values = _COMPLETIONS.get((name, argument["name"]))
        if values is None:
            raise invalid_parameter("There is no such argument of a prompt or of a template.")
        return _completions.completion(await values(client, argument["value"]))

    of_resources = {
        "resources/list": listing("resources", _resources.RESOURCES),
        "resources/templates/list": listing("resourceTemplates", _resources.TEMPLATES),
        "resources/read": _reporting(read_resource),
        "completion/complete": _reporting(complete),
    }
    of_prompts = {
        "prompts/list": listing("prompts", _prompts.PROMPTS),
        "prompts/get": _reporting(get_prompt),
    }
    return {**(of_resources if reads else {}), **(of_prompts if searches else {})}


def listing(name: str, definitions: Sequence[Mapping[str, Any]]) -> Handler:
    """Return the handler of a list that never changes."""

    async def handle(_: dict[str, Any]) -> dict[str, Any]:
        return {name: definitions}

    return handle


def _reporting(handler: Handler) -> Handler:
    """Return a handler that raises only errors of the protocol, without the text of others."""

    async def handle(params: dict[str, Any]) -> dict[str, Any]:
        try:
            return await handler(params)
        except MemoryOSError as error:
            raise service_error(error) from None
        except ProtocolError:
            raise
        except Exception as error:  # noqa: BLE001 - the SDK would show its text to the host
            # The text of the exception may quote a memory.
            _logger.error("%s failed: %s", handler.__name__, type(error).__name__)  # noqa: TRY400
            raise unexpected_error(error) from None

    return handle
