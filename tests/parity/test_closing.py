"""After `close()` nothing is left: no thread, no open file, no file that nobody asked for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from memoryos import APIConnectionError

from .implementations import IMPLEMENTATIONS, empty_memory
from .transcripts import differences

pytestmark = pytest.mark.usefixtures("_by_words")


def use(memory):
    made = memory.memories.create("red", tier="long")
    memory.memories.get(made["id"])
    memory.search("red")
    memory.get_context("red")


def left_over():
    """Return the threads of this process and, where the system tells, what it has open."""
    descriptors = Path("/proc/self/fd")
    open_files = sorted(file.name for file in descriptors.iterdir()) if descriptors.is_dir() else []
    return sorted(thread.name for thread in threading.enumerate()), open_files


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=str)
def test_nothing_is_left_after_close(implementation, server, tmp_path):
    """Neither after the first client, nor after the tenth."""
    with empty_memory(implementation, server, tmp_path / "first") as memory:
        use(memory)  # what is loaded once for the whole process
    before = left_over()
    for number in range(9):
        with empty_memory(implementation, server, tmp_path / str(number)) as memory:
            use(memory)
    assert left_over() == before
    if not implementation.over_http:
        files = [path.name for path in tmp_path.rglob("*") if path.is_file()]
        assert files == [f"{implementation}.db"] * 10


def test_a_call_after_close_is_refused_alike(server, tmp_path):
    """And closing again is nothing."""
    transcripts = []
    for implementation in IMPLEMENTATIONS:
        with empty_memory(implementation, server, tmp_path) as memory:
            memory.memories.create("red")
            memory.close()
            memory.close()
            with pytest.raises(APIConnectionError, match="closed") as caught:
                memory.memories.list()
            assert (caught.value.code, caught.value.attempts) == ("CLIENT_CLOSED", 0)
            transcripts.append(memory.transcript.entries)
    assert [differences(transcripts[0], other) for other in transcripts[1:]] == [[], [], []]


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, ids=str)
def test_nothing_begins_before_the_first_call(implementation, server, tmp_path):
    """Making a client opens nothing, and closing it unused neither."""
    key = server.api_key
    before = left_over()
    if implementation.over_http:
        clients = [implementation.client(api_key=key, base_url=server.base_url)]
    else:
        clients = [implementation.client.local(tmp_path / "folder" / "memories.db")]
    assert left_over() == before
    assert list(tmp_path.iterdir()) == []
    assert len(clients) == 1
