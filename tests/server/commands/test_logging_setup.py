"""The log of `memoryos serve`: levels, other loggers, and what is left afterwards."""

from __future__ import annotations

import logging

import pytest

from memoryos_server.commands.errors import UsageError
from memoryos_server.commands.logging_setup import log_to_standard_error, read_level


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (None, logging.INFO),
        (" ", logging.INFO),
        (" Warning\n", logging.WARNING),
        ("error", logging.ERROR),
        ("debug", logging.DEBUG),
    ],
)
def test_the_level_is_info_unless_set(value, level):
    assert read_level({} if value is None else {"MEMORY_OS_LOG": value}) == level


def test_another_level_is_refused():
    with pytest.raises(UsageError, match="one of debug, info, warning, error, not '20'"):
        read_level({"MEMORY_OS_LOG": "20"})


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
