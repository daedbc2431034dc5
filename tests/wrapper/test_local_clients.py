"""What clients of a local Memory OS show of themselves: where the memories are, and no address."""

from __future__ import annotations

import inspect
import logging
import os
import pickle
import re
import threading

import httpx
import pytest

pytest.importorskip("memoryos_server", reason="needs the extra [local]")

from memoryos import (
    APIConnectionError,
    APITimeoutError,
    AsyncMemoryOS,
    MemoryOS,
    NotFoundError,
)

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


async def done(value):
    """Return what a call of either client returns."""
    return await value if inspect.isawaitable(value) else value


@pytest.mark.anyio
@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
async def test_a_local_client_sends_without_httpx(client_class, monkeypatch):
    for sending in (httpx.Client, httpx.AsyncClient):
        monkeypatch.setattr(sending, "send", None)
    client = client_class.local(":memory:", embedder="none")
    created = await done(client.memories.create("Ada drinks té", metadata={"at": "ñ"}))
    assert (await done(client.memories.get(created["id"])))["content"] == "Ada drinks té"
    page = await done(client.with_raw_response.memories.list(metadata={"at": "ñ"}))
    assert (page.status, page.request_id[:4]) == (200, "req_")
    assert [memory["id"] for memory in page.data["data"]] == [created["id"]]
    with pytest.raises(NotFoundError):
        await done(client.memories.delete("550e8400-e29b-41d4-a716-446655440000"))
    await done(client.close())


@pytest.mark.anyio
@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
async def test_a_local_call_that_takes_too_long_times_out(client_class):
    client = client_class.local(":memory:", embedder="none")
    with pytest.raises(APITimeoutError, match="the local Memory OS in :memory:"):
        await done(client.with_options(timeout=1e-9, max_retries=0).memories.list())
    await done(client.close())


def embed(texts):
    return [[1.0, 0.0] for _ in texts]


@pytest.mark.parametrize(("embedder", "most"), [("none", 2), ("hashing", 2), (embed, None)])
def test_many_memories_are_created_in_as_many_threads_as_are_useful(embedder, most):
    """Where nothing waits, more threads only take Python's lock from one another."""
    with MemoryOS.local(":memory:", embedder=embedder) as memory:
        assert memory.scoped(user="ada").memories._session.useful_threads == most
        results = memory.memories.create_many(map(str, range(20)), concurrency=4)
        next(results)
        names = [thread.name for thread in threading.enumerate()]
        assert sum(name.startswith("memoryos-bulk-") for name in names) == (most or 4)
        assert [created.ok for created in results] == [True] * 19
