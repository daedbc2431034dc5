"""The longest pause of an event loop, in comparison with other work beside it.

Machines differ, and other processes slow this one down, so no time is right for all.
"""

from __future__ import annotations

import gc
import json
import time

ATTEMPTS = 5


def is_shorter_than_decoding(megabytes, longest_pause):
    """Return whether a pause takes less CPU time than decoding so many megabytes of JSON at once.

    Both are measured one after the other, up to `ATTEMPTS` times. No garbage is collected
    meanwhile: that may happen at any time, and takes longer the more objects other tests have left.

    Args:
        megabytes: The length of an array of numbers.
        longest_pause: Returns the CPU time of the longest pause in seconds.
    """
    text = f"[{'0.5,' * int(250_000 * megabytes)}1]"
    gc.collect()
    gc.disable()
    try:
        return any(longest_pause() < _decoding(text) for _ in range(ATTEMPTS))
    finally:
        gc.enable()


def longest_step(steps):
    """Return the CPU time of this thread for the longest step of an iterator."""
    longest, before = 0.0, time.thread_time()
    for _ in steps:
        now = time.thread_time()
        longest, before = max(longest, now - before), now
    return max(longest, time.thread_time() - before)


def _decoding(text):
    before = time.thread_time()
    json.loads(text)
    return time.thread_time() - before
