"""What is due after a write: deleting what has expired, indexing vectors, collecting statistics.

The write has succeeded by then, so an error is only logged, and a later write tries it again.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from psycopg import Error

from memoryos_server.model.errors import ServiceError
from memoryos_server.per_process import PerProcess
from memoryos_server.stores.limits import PURGE_BATCH_SIZE
from memoryos_server.stores.purge_schedule import PurgeSchedule

from . import idempotency, memories, owners
from .statistics import FirstWrites, collect
from .vector_index import VectorIndexing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from psycopg import Connection

    from .database import Database

__all__ = ["Maintenance"]

_logger = logging.getLogger("memoryos_server")


class Maintenance:
    """The maintenance that the writes of this process bring about.

    Everything runs in transactions of its own, which concern one owner each.

    Args:
        database: the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._purges = PerProcess(PurgeSchedule)
        self._vector_indexing = PerProcess(VectorIndexing)
        self._first_writes = FirstWrites()

    def is_indexed(self, owner: str) -> bool:
        """Return whether new vectors of an owner belong to the index, as far as is known."""
        return self._vector_indexing.get().includes(owner)

    def purge(self, owner: str, now: datetime) -> None:
        """Delete what has expired of this owner and of another one, if that is due."""
        schedule = self._purges.get()
        with _errors_logged("delete what has expired"):
            for each in schedule.due(owner, now, lambda: owners.with_keys(self._database)):
                if self._database.write(partial(_purge, owner=each, now=now)):
                    schedule.unfinished(each)

    def index_vectors(self, owner: str, now: datetime) -> None:
        """Add vectors of an owner to the index, if that is due; the table of vectors exists."""
        with _errors_logged("add vectors to the index"):
            self._vector_indexing.get().continue_for(owner, now, self._database)

    def collect_statistics(self) -> None:
        """Count a new memory, and collect the planner's statistics if that is due."""
        written = self._first_writes.next_is_due()
        if written is not None:
            with _errors_logged("collect statistics"):
                self._database.write(partial(collect, written=written), is_pipelined=False)


@contextmanager
def _errors_logged(what: str) -> Iterator[None]:
    """Log an error, without the message of psycopg, which may contain values."""
    try:
        yield
    except (ServiceError, Error) as error:
        reason = error.message if isinstance(error, ServiceError) else type(error).__name__
        _logger.warning("Could not %s; will retry: %s", what, reason)


def _purge(connection: Connection[tuple[Any, ...]], owner: str, now: datetime) -> bool:
    """Purge some of what has expired of an owner; return whether there may be more."""
    records = idempotency.purge(connection, owner, now)
    are_memories_left = memories.purge_expired(connection, owner, now)
    # The answer about the memories came after that about the records.
    return are_memories_left or records.rowcount == PURGE_BATCH_SIZE
