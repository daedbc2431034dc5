"""What a store checks before it uses vectors: which embedder they are from, and their table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import unavailable

from . import vector_setup
from .unfinished_copy import check_finished

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from psycopg import Cursor

    from .database import Database

__all__ = ["StoredEmbedder"]


class StoredEmbedder:
    """The embedder of a store, compared with the one whose vectors the database has.

    Args:
        database: the database.
        name: the name of the store's embedder, or None.
    """

    def __init__(self, database: Database, name: str | None) -> None:
        self._database = database
        self._name = name
        self.is_prepared = False
        """Whether the table of vectors exists, as far as is known."""

    def prepare_for(self, vector: NDArray[np.float32] | None) -> None:
        """Create the table of vectors, in a separate transaction, before the first is stored."""
        if vector is None or self._name is None or self.is_prepared:
            return
        prepare = partial(
            vector_setup.prepare,
            embedder=self._name,
            dimension=len(vector),
            name=self._database.name,
        )
        self._database.write(prepare, is_pipelined=False)
        self.is_prepared = True

    def check_installable(self) -> None:
        """Check the stored vectors, and that there can be vectors if there are none yet.

        Raises:
            ServiceError: with status 500, they are from another embedder, or pgvector is missing.
        """
        if self._name is None:
            return
        if self.dimension(vector_setup.select_settings(self._database)) is None:
            install = partial(vector_setup.install, name=self._database.name)
            self._database.write(install, is_pipelined=False)

    def check_write(
        self, settings: Cursor[tuple[Any, ...]], vector: NDArray[np.float32] | None = None
    ) -> None:
        """Check that something can be stored.

        Args:
            settings: the answer to `vector_setup.select_settings`.
            vector: the vector to store, or None.
        """
        stored = dict(settings.fetchall())
        check_finished(stored, self._database.name)
        if vector is None or self._name is None:
            return
        if vector_setup.check_embedder(stored, self._name, self._database.name) is None:
            self.is_prepared = False  # `memoryos reembed` has deleted all vectors
            raise unavailable("The database has just been changed")

    def differs_from(self, settings: Mapping[str, str]) -> bool:
        """Return whether the stored vectors are from another embedder, by the settings' values."""
        return self._name is not None and settings.get("embedder", self._name) != self._name

    def dimension(self, settings: Cursor[tuple[Any, ...]]) -> int | None:
        """Return the dimension of the stored vectors, or None if there are none to compare with.

        Args:
            settings: the answer to `vector_setup.select_settings`.

        Raises:
            ServiceError: with status 500, they are from another embedder.
        """
        if self._name is None:
            return None
        stored = dict(settings.fetchall())
        return vector_setup.check_embedder(stored, self._name, self._database.name)
