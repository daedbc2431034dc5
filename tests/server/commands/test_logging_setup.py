"""The log of `memoryos serve`: levels, other loggers, and what is left afterwards."""

from __future__ import annotations

import logging

from memoryos_server.commands.logging_setup import log_to_standard_error


def test_warnings_of_other_loggers_are_written_and_nothing_is_left(capfd):
    """Libraries' lines are not, whatever the level; and afterwards all is as before."""
    root, own = logging.getLogger(), logging.getLogger("memoryos_server")
    before = list(root.handlers), own.level
    with log_to_standard_error(logging.DEBUG):
        logging.getLogger("memoryos_server.x").debug("own %s", "detail")
        logging.getLogger("asyncio").warning("a warning")
        logging.getLogger("asyncio").debug("a detail of a library")
    lines = capfd.readouterr().err.splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == [
        "memoryos_server.x DEBUG own detail",
        "asyncio WARNING a warning",
    ]
    assert (list(root.handlers), own.level) == before
