"""Testing code that uses Memory OS: a Memory OS for each test, and a network that fails on purpose.

With pytest, ask for the fixtures of `memoryos.testing.plugin`, which are there wherever memoryos is
installed: `memoryos_local`, `async_memoryos_local`, `memoryos_server`, `memoryos_api`,
`memoryos_clock` and `memoryos_waits`. The classes that they hand out stand here, and can be used
without pytest:

    from memoryos.testing import MemoryServer

    with MemoryServer() as server, server.client() as memory:
        server.drop_after_commit()
        memory.memories.create("Ada drinks her coffee black")  # tried again, stored once
        assert memory.memories.list()["meta"]["total"] == 1

`FaultProxy` stands between a client and any Memory OS, or answers by itself, and does what networks
and services do on bad days. What can go wrong are values in `faults`.

A `Sandbox` or a `MemoryServer` needs the extra `local`, a `MemoryApi` the extra `testing`; the rest
needs nothing beyond the base install.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, List

if TYPE_CHECKING:
    from . import faults as faults
    from ._api import MemoryApi as MemoryApi
    from ._clock import Clock as Clock
    from ._messages import Received as Received
    from ._messages import Reply as Reply
    from ._proxy import Counts as Counts
    from ._proxy import FaultProxy as FaultProxy
    from ._sandbox import Sandbox as Sandbox
    from ._server import MemoryServer as MemoryServer
    from ._waits import Waits as Waits
    from .faults import Fault as Fault

__all__ = [
    "Clock",
    "Counts",
    "Fault",
    "FaultProxy",
    "MemoryApi",
    "MemoryServer",
    "Received",
    "Reply",
    "Sandbox",
    "Waits",
    "faults",
]

# pytest imports this package in every run, for its plugin: each name is imported when it is used.
_MODULES = {
    "Clock": "._clock",
    "Counts": "._proxy",
    "Fault": ".faults",
    "FaultProxy": "._proxy",
    "MemoryApi": "._api",
    "MemoryServer": "._server",
    "Received": "._messages",
    "Reply": "._messages",
    "Sandbox": "._sandbox",
    "Waits": "._waits",
}


if not TYPE_CHECKING:  # to a type checker it would mean that every misspelt name is there

    def __getattr__(name: str) -> object:
        if name == "faults":
            return import_module(".faults", __name__)
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_MODULES[name], __name__), name)
        globals()[name] = value
        return value


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
