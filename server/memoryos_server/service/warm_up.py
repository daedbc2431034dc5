"""Loading, when a server starts, what the first request would otherwise wait for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from memoryos_server.embedders.protocol import address_of
from memoryos_server.text.token_counts import count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from memoryos_server.embedders import Embedder

__all__ = ["WarmUp"]

_RETRY_SECONDS = 60.0
_TEXT = "warm-up"


class WarmUp:
    """Loads the embedder and the counter of tokens, and knows whether the embedder works.

    Args:
        embedder: The embedder, or None.
        clock: Returns the seconds of a clock that never goes back.

    Attributes:
        embedder: The embedder.
        state: `none` without an embedder; `loading` until it has embedded a text, `ok` after that,
            `failed` after an error; `not checked` for an embedder that calls a service, which may
            be away for a while.
    """

    state: Literal["none", "loading", "ok", "failed", "not checked"]

    def __init__(
        self, embedder: Embedder | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.embedder = embedder
        self._clock = clock
        self._failed_at = 0.0
        if embedder is None:
            self.state = "none"
        else:
            self.state = "loading" if address_of(embedder) is None else "not checked"

    def run(self) -> None:
        """Load everything.

        Raises:
            Exception: Any that the embedder raises; it is tried again by the request that needs it.
        """
        if self.embedder is not None:
            self._load(self.embedder)
        count_tokens(_TEXT)

    def retry(self) -> None:
        """Try again an embedder that has failed, once a minute: somebody may have repaired it.

        Raises:
            Exception: As `run`.
        """
        is_due = self._clock() - self._failed_at >= _RETRY_SECONDS
        if self.state == "failed" and is_due and self.embedder is not None:
            self._load(self.embedder)

    def _load(self, embedder: Embedder) -> None:
        is_checked = self.state != "not checked"
        try:
            embedder.embed([_TEXT])
        except BaseException:
            if is_checked:
                self._failed_at = self._clock()
                self.state = "failed"
            raise
        if is_checked:
            self.state = "ok"
