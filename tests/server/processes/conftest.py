"""What the tests of server processes share: no server stays, and what they count is told."""

from __future__ import annotations

import pytest

from .served import STARTED, TRIED


@pytest.fixture(autouse=True)
def _no_server_outlives_its_test():
    yield
    while STARTED:
        STARTED.pop().kill()


def pytest_terminal_summary(terminalreporter):
    """Tell how much was tried."""
    for what, number in sorted(TRIED.items()):
        terminalreporter.write_line(f"tests/server/processes: {number} {what}")
