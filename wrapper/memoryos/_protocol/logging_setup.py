"""Logging to the terminal, for whoever asks for it by `MEMORY_OS_LOG`."""

from __future__ import annotations

import logging
from typing import Mapping

from memoryos._protocol.argument_errors import invalid_argument

VARIABLE = "MEMORY_OS_LOG"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO}


def configure(environ: Mapping[str, str]) -> None:
    """Write the `memoryos` logger's lines to the standard error, where the environment says so.

    An application that sets logging up itself leaves the variable alone.

    Raises:
        ValidationError: The variable names no level.
    """
    wanted = environ.get(VARIABLE, "").strip().lower()
    del environ  # some tracebacks show the locals of their frames
    if not wanted:
        return
    if wanted not in _LEVELS:
        raise invalid_argument(VARIABLE, repr(wanted), f"must be one of {', '.join(_LEVELS)}")
    logger = logging.getLogger("memoryos")
    logger.setLevel(_LEVELS[wanted])
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
        logger.addHandler(handler)
