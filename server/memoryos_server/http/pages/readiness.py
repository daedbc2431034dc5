"""`/readyz`: whether the server can do its work now."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.http.responses import json_response
from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.store_state import SchemaAge

from .background_result import BackgroundResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from memoryos_server.http.requests import Request
    from memoryos_server.http.responses import Response
    from memoryos_server.model.caller import Caller
    from memoryos_server.service.warm_up import WarmUp
    from memoryos_server.stores.store_state import StoreState

__all__ = ["Readiness"]

PATIENCE_SECONDS = 2.0
"""How long a request waits for the store."""

VALID_SECONDS = 1.0
"""How long a look at the store counts as the current state."""

_USABLE = frozenset({"ok", "read-only", "none", "not checked"})
_EXPECTED = _USABLE | {"loading", "stopping"}

_logger = logging.getLogger("memoryos_server")


class _Found(NamedTuple):
    """What a look at the store has found: a word for each check, and the reason for the log."""

    store: str
    schema: str
    has_other_embedder: bool = False
    reason: str = ""


_NO_ANSWER = _Found("no answer", "unknown")


class Readiness:
    """Answers 200 if the store can be read, its schema is current and the embedder is loaded.

    The answer has a word for each of these, and nothing about where they are; the log has the
    reason. The store is looked at in a thread of its own, once a second at most, so a store that
    hangs keeps no request waiting.

    Args:
        look: Returns the state of the store, and may take any time.
        warm_up: Knows whether the embedder is loaded.
        is_stopping: Whether the server is about to stop.
        patience_seconds: How long a request waits for the store.
        valid_seconds: How long a look at the store counts as the current state.
    """

    path = "/readyz"
    methods = ("GET",)
    needs_key = False

    def __init__(
        self,
        look: Callable[[], StoreState],
        warm_up: WarmUp,
        *,
        is_stopping: Callable[[], bool] = lambda: False,
        patience_seconds: float = PATIENCE_SECONDS,
        valid_seconds: float = VALID_SECONDS,
    ) -> None:
        self._look = look
        self._warm_up = warm_up
        self._is_stopping = is_stopping
        self._found = BackgroundResult(
            self._find, patience_seconds=patience_seconds, valid_seconds=valid_seconds
        )
        self._logged: dict[str, str] = {}

    async def respond(
        self,
        request: Request,  # noqa: ARG002 - all get the same response
        caller: Caller | None,  # noqa: ARG002
        request_id: str,
    ) -> Response:
        """Return 200 or 503, with a word for the store, its schema and the embedder."""
        found = await self._found.get() or _NO_ANSWER
        state = self._warm_up.state
        embedder = "other" if found.has_other_embedder and state in _USABLE else state
        checks = {"store": found.store, "schema": found.schema, "embedder": embedder}
        if self._is_stopping():
            checks["server"] = "stopping"
        is_ready = _USABLE.issuperset(checks.values())
        self._log(checks, found.reason)
        content = {"status": "ready" if is_ready else "not ready", "checks": checks}
        return json_response(200 if is_ready else 503, content, request_id)

    def _find(self) -> _Found:
        try:
            self._warm_up.retry()
        except Exception as error:  # noqa: BLE001 - the state of the warm-up tells it
            _logger.debug("The embedder failed again: %s", type(error).__name__)
        try:
            state = self._look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the store can't be used
            reason = error.message if isinstance(error, ServiceError) else type(error).__name__
            return _Found("failed", "unknown", reason=reason)
        store = "ok" if state.accepts_writes else "read-only"
        return _Found(store, state.schema.value, state.has_other_embedder, _reason(state))

    def _log(self, checks: dict[str, str], reason: str) -> None:
        """Log the checks when they change."""
        if checks == self._logged:
            return
        self._logged = checks
        level = logging.INFO if _EXPECTED.issuperset(checks.values()) else logging.WARNING
        words = ", ".join(f"{name}: {word}" for name, word in checks.items())
        _logger.log(level, "Readiness is now %s%s", words, f". {reason}" if reason else "")


def _reason(state: StoreState) -> str:
    if state.schema is SchemaAge.NEWER:
        return "A newer Memory OS has changed the tables; update this program"
    if state.schema is SchemaAge.OLDER:
        return "The tables are those of an older Memory OS; restart this program to migrate them"
    if state.has_other_embedder:
        return "`memoryos reembed` has changed the embedder; restart this program with that one"
    return ""
