"""Interface of what runs statements, so that a function serves alone and within a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

__all__ = ["Statements"]


class Statements(Protocol):
    """What runs statements: a connection in a transaction, or a `Database`, which reads."""

    def execute(
        self,
        query: str,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
        *,
        binary: bool = False,
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement."""
        ...
