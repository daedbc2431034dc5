"""Handlers of the requests for resources, prompts and completions."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from memoryos.exceptions import MemoryOSError, PermissionDeniedError

from . import _completions, _prompts, _resources
from ._protocol_errors import (
    ProtocolError,
    invalid_parameter,
    service_error,
    unexpected_error,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from memoryos import AsyncMemoryOS, AsyncScopedMemoryOS

    from ._log_notes import Notes

    Client = AsyncMemoryOS | AsyncScopedMemoryOS
    Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

__all__ = ["context_handlers", "listing"]

_COMPLETIONS = {**_resources.COMPLETIONS, **_prompts.COMPLETIONS}

_logger = logging.getLogger(__name__)


def context_handlers(
    client: Client, *, permits: Callable[[str], bool], notes: Notes
) -> dict[str, Handler]:
    """Return the handlers by method. Each takes and returns what is on the wire.

    Args:
        client: What they call.
        permits: Whether its API key has a permission; the lists leave out what needs another.
        notes: Context manager of a call; the notes for the model that were made meanwhile.
    """
    can_read, can_search = permits("memories:read"), permits("search:read")

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
        try:
            found = await values(client, argument["value"])
        except PermissionDeniedError:  # the prompt may still be used
            found = []
        return _completions.completion(found)

    return {
        "resources/list": listing("resources", _resources.RESOURCES if can_read else ()),
        "resources/templates/list": listing(
            "resourceTemplates", _resources.TEMPLATES if can_read else ()
        ),
        "resources/read": _reporting(read_resource),
        "prompts/list": listing("prompts", _prompts.PROMPTS if can_search else ()),
        "prompts/get": _reporting(get_prompt),
        "completion/complete": _reporting(complete),
    }


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
