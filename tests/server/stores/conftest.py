"""Fixtures of the tests of transfers between stores."""

from __future__ import annotations

import pytest

from memoryos_server.stores import transfer_tables
from memoryos_server.stores.factory import open_transfer_source, open_transfer_target
from memoryos_server.stores.transfer import transfer

from .transferring import DIRECTIONS, fill


@pytest.fixture
def new_place(tmp_path, request):
    """Return a function that returns a new file, or the URL of an empty database."""

    def new(kind, name):
        if kind == "sqlite":
            return str(tmp_path / name)
        return request.getfixturevalue("new_database")()

    return new


@pytest.fixture(params=DIRECTIONS, ids="-".join)
def places(request, new_place):
    """A source and a target of each kind."""
    source, target = request.param
    return new_place(source, "source.db"), new_place(target, "target.db")


@pytest.fixture
def small_batches(monkeypatch):
    """Make each batch three rows, so that a few memories are several batches."""
    monkeypatch.setattr(transfer_tables, "BATCH_SIZE", 3)


@pytest.fixture
def run(clock):
    """Return a function that transfers one place to another."""

    def transferred(source, target):
        with open_transfer_source(source, clock.now) as one, open_transfer_target(target) as other:
            return transfer(one, other, lambda _: None)

    return transferred


@pytest.fixture
def filled(start, user_of, clock, places):
    """The records of `fill` in the source, whose service is closed."""
    service = start(places[0])
    fill(service, user_of, clock)
    service.close()
    return places


@pytest.fixture
def interrupt(monkeypatch, run):
    """Return a function that begins a transfer, and breaks it off after some writes."""

    def begin(source, target, writes):
        with open_transfer_target(target) as opened:
            kind = type(opened)
        replace = kind.replace
        remaining = iter(range(writes))

        def fail_in_the_end(self, *arguments):
            replace(self, *arguments)
            if next(remaining, None) is None:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(kind, "replace", fail_in_the_end)
            with pytest.raises(KeyboardInterrupt):
                run(source, target)

    return begin
