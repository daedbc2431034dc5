"""Testing code that uses Memory OS: a network that fails on purpose.

`FaultProxy` stands between a client and a Memory OS, or answers by itself, and does what networks
and services do on bad days. What can go wrong are values in `faults`:

    from memoryos import MemoryOS
    from memoryos.testing import FaultProxy, faults

    with FaultProxy() as proxy, MemoryOS("mos_test_key", proxy.base_url) as memory:
        proxy.fail_next(faults.LOST_ANSWER)
        memory.memories.create("Ada drinks her coffee black")  # tried again, stored once
        assert proxy.counts.requests == 2

It needs nothing beyond the base install.
"""

from __future__ import annotations

from . import faults
from ._messages import Received, Reply
from ._proxy import Counts, FaultProxy
from .faults import Fault

__all__ = ["Counts", "Fault", "FaultProxy", "Received", "Reply", "faults"]
