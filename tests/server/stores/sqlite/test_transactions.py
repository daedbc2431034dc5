"""What happens outside transactions, so that other writers don't wait for it."""

from __future__ import annotations

import pytest

from memoryos_server.pii import detection
from memoryos_server.stores import analyses


@pytest.mark.parametrize("call", ["create", "update", "delete"])
def test_texts_are_analyzed_outside_transactions(user, monkeypatch, call):
    """Other writers don't wait for the analysis of a long text."""
    during = []
    database = user.service._store._database
    known = user.create("before", tier="long")["id"]

    def watch(module, name):
        function = getattr(module, name)

        def watched(*args):
            during.append(database._connections.get().writer.in_transaction)
            return function(*args)

        monkeypatch.setattr(module, name, watched)

    watch(analyses, "words_of")
    watch(analyses, "analyze_memory")
    watch(detection, "detect")
    if call == "create":
        user.create("after", tier="long")
    elif call == "update":
        user.update(known, content="after")
    else:
        user.delete(known)
    assert during
    assert not any(during)
