"""What clients of a local Memory OS show of themselves: where the memories are, and no address."""

from __future__ import annotations

import logging
import os
import pickle
import re

import pytest

pytest.importorskip("memoryos_server", reason="needs the extra [local]")

from memoryos import APIConnectionError, AsyncMemoryOS, MemoryOS

pytestmark = pytest.mark.local_server

# Nothing that looks like the address of a server.
ADDRESS = re.compile(r"https?://|\.invalid\b|localhost|127\.0\.0\.1")


@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
def test_a_local_client_shows_its_file(client_class, tmp_path):
    file = str(tmp_path / "memories.db")
    for client in (
        client_class.local(file, embedder="none"),
        client_class.local(file, embedder="none").with_options(timeout=2),
    ):
        assert repr(client) == str(client) == f"{client_class.__name__}.local({file!r})"
        assert not ADDRESS.search(client.base_url)


def test_a_local_client_shows_the_default_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    shown = repr(MemoryOS.local(embedder="none"))
    assert shown.startswith("MemoryOS.local(")
    assert "memories.db" in shown


def test_a_local_client_on_a_database_shows_no_password():
    pytest.importorskip("psycopg", reason="needs the extra [postgres]")
    url = "postgresql://ada:hush@db.test/memories?password=hush"
    client = MemoryOS.local(url, embedder="none")
    settings = client._session.settings
    assert "db.test" in repr(client)
    assert "hush" not in f"{client!r} {settings!r} {settings.location} {client.base_url}"


def test_no_error_log_or_repr_of_a_local_client_shows_an_address(caplog):
    """Not even httpx's own log."""
    caplog.set_level(logging.DEBUG)
    client = MemoryOS.local(":memory:", embedder="none")
    memory = client.memories.create("Ada drinks tea")
    shown = [client, client.memories, client._session, client.low_level]
    shown += [client.with_raw_response.memories.list(), client.memories.get(memory["id"])]
    with pytest.raises(Exception, match="not found") as missing:
        client.memories.get("550e8400-e29b-41d4-a716-446655440000")
    client._session.transport._local.close()
    with pytest.raises(APIConnectionError) as closed:
        client.with_options(max_retries=0).search("tea")
    assert "the local Memory OS in :memory:" in str(closed.value)
    client.close()
    shown += [missing.value, closed.value, *(record.getMessage() for record in caplog.records)]
    assert len(shown) > 8
    for each in shown:
        assert not ADDRESS.search(f"{each!r} {each!s}")


def test_a_local_client_is_no_client_of_an_address_after_a_pickle():
    with pytest.raises(TypeError, match="is local"):
        pickle.dumps(MemoryOS.local(":memory:", embedder="none"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
@pytest.mark.parametrize("name", ["file:notes.db", "file::memory:", "notes.db"])
def test_memories_are_in_the_named_file(name, tmp_path, monkeypatch):
    """SQLite would read a relative name that begins with `file:` as a URI."""
    monkeypatch.chdir(tmp_path)
    with MemoryOS.local(name, embedder="none") as memory:
        memory.memories.create("Ada likes tea")
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert memory.memories.list()["data"][0]["content"] == "Ada likes tea"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", name]
    with MemoryOS.local(str(tmp_path / name), embedder="none") as memory:
        assert len(memory.memories.list()["data"]) == 1
