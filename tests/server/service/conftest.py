"""What the tests of the service's operations share."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["semantic", "text"])
def either(request, start, user_of, embedder):
    """A user of a service with an embedder, and of one without."""
    return user_of(start(embedder=embedder if request.param == "semantic" else None))
