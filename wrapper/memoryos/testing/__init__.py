"""Test code that uses Memory OS: a Memory OS for each test, mocks, and fault injection.

pytest loads the fixtures of `memoryos.testing.plugin` automatically: `memoryos_local`,
`async_memoryos_local`, `memoryos_server`, `memoryos_api`, `memoryos_clock` and `memoryos_waits`.
Their classes are exported here, for use with other test frameworks:

    from memoryos.testing import MemoryServer

    with MemoryServer() as server, server.client() as memory:
        server.drop_after_commit()  # lose the response, so that the client retries
        memory.memories.create("Ada drinks her coffee black")
        assert memory.memories.list()["meta"]["total"] == 1  # stored once

`FaultProxy` is an HTTP proxy that injects faults between a client and any Memory OS: connection
resets, timeouts, malformed responses. It can also respond by itself. `faults` defines the faults.

Routers of respx and the fixture `httpx_mock` of pytest-httpx intercept all clients while they are
active. For other libraries that patch httpx, use `MemoryOS(http_client=httpx.Client())`.

`Sandbox` and `MemoryServer` need the extra `local`, and `MemoryApi` needs the extra `testing`. All
other classes work with the base install.
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

# pytest imports this package in every run, because of the plugin. Names are imported on first use.
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


if not TYPE_CHECKING:  # with __getattr__, a type checker would accept any misspelt name

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
