"""Keep a protocol's standard streams for itself.

Whatever prints while the protocol is spoken would break it: an imported module, a native library, a
child process. So the protocol gets duplicates of the descriptors, standard output leads to standard
error, and standard input is empty.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NamedTuple, Optional

__all__ = ["ClaimedStreams"]

_INPUT, _OUTPUT, _ERRORS = 0, 1, 2


class ClaimedStreams(NamedTuple):
    """Duplicates of the descriptors of standard input and standard output."""

    input: int
    output: int

    @classmethod
    def claim(cls) -> ClaimedStreams:
        """Take standard input and standard output.

        Text that Python has not yet written to standard output goes to standard error.

        Raises:
            OSError: One of them is closed.
        """
        claimed = cls(os.dup(_INPUT), os.dup(_OUTPUT))
        _redirect(_OUTPUT, os.O_WRONLY, to=_ERRORS)
        _redirect(_INPUT, os.O_RDONLY)
        return claimed

    def restore(self) -> None:
        """Give the streams back."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stdout.flush()
        for saved, descriptor in ((self.input, _INPUT), (self.output, _OUTPUT)):
            os.dup2(saved, descriptor)
            os.close(saved)


def _redirect(descriptor: int, mode: int, *, to: Optional[int] = None) -> None:
    """Point a descriptor at another one, or at the null device where that is closed."""
    if to is not None:
        with contextlib.suppress(OSError):
            os.dup2(to, descriptor)
            return
    null = os.open(os.devnull, mode)
    os.dup2(null, descriptor)
    os.close(null)
