"""Check whether the embedder of the Memory OS on this machine knows the memories' language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator

from .findings import Finding, warning

if TYPE_CHECKING:
    from memoryos import MemoryOS

__all__ = ["check_language"]

_MEMORIES_READ = 100


def check_language(client: MemoryOS) -> Iterator[Finding]:
    """Warn if most memories are not in English, and the embedder knows English only.

    Args:
        client: A client of the Memory OS on this machine, which responds.
    """
    from memoryos_server.embedders import default_embedder, default_name, english_only

    if default_name() not in ("auto", "minilm") or default_embedder() is None:
        return
    contents = [memory["content"] for memory in client.memories.list(_MEMORIES_READ)["data"]]
    if english_only.are_mostly_foreign(contents):
        yield warning("language", english_only.FACT, english_only.ADVICE)
