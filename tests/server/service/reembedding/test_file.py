"""What `memoryos reembed` leaves behind in a file."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.stores.sqlite import reembedding
from memoryos_server.stores.sqlite.reembedding import SQLiteReembeddingStore

from .parts import Turned


def test_a_file_has_no_other_tables_after_it_than_before(filled, reembed, rows_of, monkeypatch):
    """The old vectors are given back a few at a time; a run that was killed there, by the next."""
    tables = "SELECT type, name FROM sqlite_master ORDER BY name"
    before = rows_of(filled, tables)
    with monkeypatch.context() as patch:
        patch.setattr(SQLiteReembeddingStore, "clean_up", lambda store: None)
        reembed(Turned(5))
    assert ("table", "replaced_vectors") in rows_of(filled, tables)
    monkeypatch.setattr(reembedding, "_DELETE_BATCH_SIZE", 7)
    assert reembed(Turned(5)) == 0
    assert rows_of(filled, tables) == before
    reembed(None)
    reembed(Turned(9))
    assert rows_of(filled, tables) == before
