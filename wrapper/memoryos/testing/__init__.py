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
    from ._clock import Clock as Clock
    from ._fault_proxy import Counts as Counts
    from ._fault_proxy import FaultProxy as FaultProxy
    from ._http_messages import Received as Received
    from ._http_messages import Reply as Reply
    from ._mock_api import MemoryApi as MemoryApi
    from ._retry_waits import Waits as Waits
    from ._sandbox import Sandbox as Sandbox
    from ._test_server import MemoryServer as MemoryServer
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
    "Counts": "._fault_proxy",
    "Fault": ".faults",
    "FaultProxy": "._fault_proxy",
    "MemoryApi": "._mock_api",
    "MemoryServer": "._test_server",
    "Received": "._http_messages",
    "Reply": "._http_messages",
    "Sandbox": "._sandbox",
    "Waits": "._retry_waits",
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
