"""Check that an asynchronous call runs on asyncio."""

from __future__ import annotations

import asyncio
import sys
from typing import Optional

from memoryos.exceptions import APIConnectionError

# Each library's module, and its function that says whether one of its tasks runs in this thread.
_OTHER_LIBRARIES = (
    ("trio", "trio.lowlevel", "in_trio_task"),
    ("curio", "curio.meta", "curio_running"),
)


def check_event_loop(method: Optional[str] = None, target: str = "") -> None:
    """Check that this code runs in a task of asyncio.

    Args:
        method: The method of the request, for the error; None if there is none yet.
        target: Its path and query.

    Raises:
        APIConnectionError: It doesn't; nothing was sent.
    """
    try:
        if asyncio.current_task() is not None:
            return
        library = _other_library()
        if library is None:
            return
    except RuntimeError:
        library = _other_library()
    where = "no event loop of asyncio is running" if library is None else f"this runs on {library}"
    raise APIConnectionError(
        "UNSUPPORTED_EVENT_LOOP",
        f"AsyncMemoryOS needs asyncio, but {where}, so nothing was sent. Use asyncio.run(…), or "
        'anyio.run(…, backend="asyncio"); or call MemoryOS in a worker thread',
        503,
        method=method,
        path=target.partition("?")[0] or None,
    )


def _other_library() -> Optional[str]:
    for name, module, function in _OTHER_LIBRARIES:
        is_running = getattr(sys.modules.get(module), function, None)
        if is_running is not None and is_running():
            return name
    return None
