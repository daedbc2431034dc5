"""The server's commands end like those of the SDK, which runs them."""

from __future__ import annotations

import pytest

from memoryos._cli import exit_statuses as of_the_sdk
from memoryos_server.commands import exit_statuses


@pytest.mark.parametrize("name", exit_statuses.__all__)
def test_a_status_is_that_of_the_sdk(name):
    assert getattr(exit_statuses, name) == getattr(of_the_sdk, name)
