"""Rows of the table `memories` in PostgreSQL."""

from __future__ import annotations

from memoryos_server.model.records import Memory
from memoryos_server.stores.columns import MEMORY_COLUMNS
from memoryos_server.stores.row_mapper import RowMapper

from .column_types import CODECS

__all__ = ["MEMORY_ROWS"]

MEMORY_ROWS = RowMapper(Memory, MEMORY_COLUMNS, CODECS)
