"""The log of `memoryos serve`: levels, other loggers, and what is left afterwards."""

from __future__ import annotations

import json
import logging

import pytest

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


@pytest.mark.parametrize("as_json", [False, True])
def test_a_record_that_cannot_be_formatted_is_one_line_without_its_arguments(capfd, as_json):
    """logging itself would print a traceback, the arguments included."""
    with log_to_standard_error(logging.INFO, as_json=as_json):
        record = logging.makeLogRecord(
            {"name": "another", "msg": "too few: %s %s", "args": ("a memory",)}
        )
        logging.getLogger().handlers[-1].handle(record)  # those of pytest would raise
    (line,) = capfd.readouterr().err.splitlines()
    assert "a record of another can't be written: TypeError" in line
    assert "a memory" not in line
    assert not as_json or json.loads(line)["level"] == "warning"
