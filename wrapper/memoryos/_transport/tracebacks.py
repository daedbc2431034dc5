"""Emptying the frames of an exception that comes from below the transport.

httpcore, h11 and httpx hold a request's headers, and so the key, as local variables; others hold
the whole environment. Some renderers of tracebacks show the locals of every frame: rich, debuggers,
error reporters. So the frames are emptied. They stay in the traceback, with their files and lines,
and so do the messages.
"""

from __future__ import annotations

import sys
import traceback
from typing import List, Optional, Set, TypeVar

E = TypeVar("E", bound=BaseException)


def current_exception() -> Optional[BaseException]:
    """Return the exception that is being handled here, such as one of the caller's own."""
    return sys.exc_info()[1]


def clear_frames(raised: E, outer: Optional[BaseException]) -> E:
    """Return an exception after emptying its frames, and those of its causes and contexts.

    Args:
        raised: What came from below. The frame of the caller of this function is not emptied: it
            still runs, and so do those above it.
        outer: What was handled before anything below was called: it is not touched.
    """
    seen: Set[int] = {id(outer)}
    pending: List[Optional[BaseException]] = [raised]
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if one.__traceback__ is not None:
            traceback.clear_frames(one.__traceback__)
        pending += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return raised
