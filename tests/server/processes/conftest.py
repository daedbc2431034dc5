"""What the tests of server processes count, told at the end."""

from __future__ import annotations

from .served import TRIED


def pytest_terminal_summary(terminalreporter):
    """Tell how much was tried."""
    for what, number in sorted(TRIED.items()):
        terminalreporter.write_line(f"tests/server/processes: {number} {what}")
