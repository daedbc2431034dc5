"""Log to the terminal if `MEMORY_OS_LOG` is set."""

from __future__ import annotations

import logging
from typing import Mapping

from memoryos._protocol.argument_errors import invalid_argument

VARIABLE = "MEMORY_OS_LOG"
# `memoryos serve` reads the same variable and the same names.
_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure(environ: Mapping[str, str]) -> None:
    """Send the `memoryos` logger's records to standard error if the environment says so.

    Applications that configure logging themselves should not set the variable.

    Raises:
        ValidationError: The variable names no level.
    """
    wanted = environ.get(VARIABLE, "").strip().lower()
    del environ  # some tracebacks show local variables
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
