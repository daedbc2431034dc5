"""Who is compared."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BASE", "FAST", "LINEUP", "OWN", "QUICK", "Peer"]


@dataclass(frozen=True)
class Peer:
    """An HTTP client or an SDK."""

    name: str
    """What the tables call it, and pip, unless `requirement` says otherwise."""
    module: str
    """The module in `peers/` that speaks to it."""
    statement: str
    """How it is imported."""
    requirement: str | None = None
    """What pip installs; nothing where it is empty."""
    blocking: bool = True
    concurrent: bool = True
    """Whether it has an asynchronous client."""
    vectors: bool = False
    """Whether it is asked to search by an embedding, which needs numpy beside it."""
    tls: bool = False
    """Whether it is measured over TLS, too."""

    @property
    def distribution(self) -> str:
        """The name of its distribution."""
        return self.name.partition("[")[0]


BASE, OWN, FAST = "httpx", "memoryos", "memoryos[speed]"
QUICK = (BASE, OWN, FAST)

LINEUP = {
    peer.name: peer
    for peer in (
        Peer(BASE, "bare_httpx", "import httpx", vectors=True, tls=True),
        Peer(OWN, "memoryos_sdk", "import memoryos", ".", vectors=True, tls=True),
        Peer(FAST, "memoryos_sdk", "import memoryos", ".[speed]", vectors=True, tls=True),
        Peer("aiohttp", "bare_aiohttp", "import aiohttp", blocking=False, tls=True),
        Peer("requests", "bare_requests", "import requests", concurrent=False, tls=True),
        Peer("mem0ai", "mem0_sdk", "import mem0"),
        Peer("zep-cloud", "zep_sdk", "import zep_cloud"),
        Peer("supermemory", "supermemory_sdk", "import supermemory"),
        Peer("openai", "openai_sdk", "import openai"),
        Peer("raw socket", "raw_socket", "import json, socket", "", concurrent=False, tls=True),
    )
}
