"""The peers that are compared."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BASE",
    "C_PARSER",
    "FAST",
    "IN_PROCESS",
    "LINEUP",
    "LOCAL",
    "OWN",
    "QUICK",
    "Peer",
    "earlier",
]


@dataclass(frozen=True)
class Peer:
    """An HTTP client or an SDK."""

    name: str
    """Its name in the tables, and for pip unless `requirement` is given."""
    module: str
    """The module in `peers/` that uses it."""
    statement: str
    """The statement that imports it."""
    requirement: str | None = None
    """The requirement that pip installs; none if empty."""
    blocking: bool = True
    concurrent: bool = True
    """Whether it has an asynchronous client."""
    vectors: bool = False
    """Whether it searches by an embedding, which needs numpy as well."""
    tls: bool = False
    """Whether it is also measured over TLS."""

    @property
    def distribution(self) -> str:
        """The name of its distribution."""
        return self.name.partition("[")[0]


def earlier(name: str) -> str:
    """Return the name of this SDK with the sources of `before.py`."""
    return f"{name}, before"


BASE, OWN, FAST = "httpx", "memoryos", "memoryos[speed]"
C_PARSER = "aiohttp"
LOCAL = "memoryos, in process"
QUICK = (BASE, OWN, FAST, C_PARSER)

LINEUP = {
    peer.name: peer
    for peer in (
        Peer(BASE, "bare_httpx", "import httpx", vectors=True, tls=True),
        Peer(OWN, "memoryos_sdk", "import memoryos", ".", vectors=True, tls=True),
        Peer(FAST, "memoryos_sdk", "import memoryos", ".[speed]", vectors=True, tls=True),
        Peer(C_PARSER, "bare_aiohttp", "import aiohttp", blocking=False, tls=True),
        Peer("requests", "bare_requests", "import requests", concurrent=False, tls=True),
        Peer("mem0ai", "mem0_sdk", "import mem0"),
        Peer("zep-cloud", "zep_sdk", "import zep_cloud"),
        Peer("supermemory", "supermemory_sdk", "import supermemory"),
        Peer("openai", "openai_sdk", "import openai"),
        Peer("raw socket", "raw_socket", "import json, socket", "", concurrent=False, tls=True),
    )
}

# `MemoryOS.local()`, in the environment of this program, which has its packages.
IN_PROCESS = Peer(LOCAL, "memoryos_sdk", "import memoryos", concurrent=False)
