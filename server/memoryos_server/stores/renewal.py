"""Renewing what is derived from the texts of an older store, while the store is in use.

A migration only marks the memories whose words and search terms an older program derived, and notes
in the settings that there are some. They are derived anew in small transactions, by a thread of any
process that has the store open; whatever ends it, the next process goes on. A search by words first
derives those of its owner.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["RENEWAL_BATCH_CHARACTERS", "RENEWAL_BATCH_SIZE", "TO_RENEW", "BackgroundRenewal"]

TO_RENEW = "to_renew"
"""The setting of a store that is not yet renewed."""

RENEWAL_BATCH_SIZE = 200
"""How many memories one transaction renews at most."""

RENEWAL_BATCH_CHARACTERS = 1_000_000
"""After how many characters of contents a transaction renews no more memories."""

_RETRY_SECONDS = 1.0
_MAX_FAILURES = 60

_logger = logging.getLogger("memoryos_server")


class BackgroundRenewal:
    """A thread of this process that renews a store, and ends with it.

    Args:
        renewals: renews all memories of a store, and yields the size of each batch.
        name: the name of the store for the log.

    Attributes:
        is_pending: whether memories may be left.
        lock: held while a batch is renewed, so that no other thread renews the same one.
    """

    def __init__(self, renewals: Callable[[], Iterator[int]], name: str) -> None:
        self._renewals = renewals
        self._name = name
        self.is_pending = False
        self.lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, unless it has been started or stopped before."""
        if self._thread is None and not self._stopped.is_set():
            self.is_pending = True
            self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop after the transaction that is running, and wait for it."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        _logger.info(
            "Indexing the words of the database %s anew; meanwhile it answers as usual, but more "
            "slowly",
            self._name,
        )
        renewed = 0
        for _ in range(_MAX_FAILURES):
            try:
                for count in self._renewals():
                    renewed += count
                    if self._stopped.is_set():
                        return
            except ServiceError as error:  # noqa: PERF203 - such as while another process writes
                reason = error.message
                if self._stopped.wait(_RETRY_SECONDS):
                    return
            else:
                self.is_pending = False
                _logger.info("Indexed %d memories of the database %s anew", renewed, self._name)
                return
        _logger.warning(
            "Could not index all memories of the database %s anew; the next start goes on: %s",
            self._name,
            reason,
        )
