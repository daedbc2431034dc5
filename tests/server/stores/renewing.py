"""Waiting until what an older program derived from texts is renewed."""

from __future__ import annotations


def wait_until_renewed(service):
    """Open the store of a service, and wait for the thread that renews it."""
    service.list_keys()
    renewal = service._store._renewal.get()
    if renewal._thread is not None:
        renewal._thread.join()
    assert not renewal.is_pending
