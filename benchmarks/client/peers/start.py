"""Measures a peer from its import to its first response, in a fresh interpreter.

    python start.py PEER ADDRESS STATEMENT [CORE]

Prints, as JSON, the seconds of CPU of STATEMENT, which imports the peer, and of everything up to
the first response; and the megabytes of memory after the first client and after the first response.
"""

# Nothing that a peer imports may be imported before it.
import os
import sys
import time

if len(sys.argv) > 4:
    os.sched_setaffinity(0, {int(sys.argv[4])})


def megabytes() -> float:
    """Return this process's memory in megabytes: the current, or the peak if that is unknown."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - pathlib costs
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


begun = time.process_time()
exec(sys.argv[3])
imported = time.process_time()

peer = __import__(sys.argv[1])
client = peer.Blocking(sys.argv[2], None)
with_client = megabytes()
client.create()
answered = time.process_time()

import json  # noqa: E402 - see above

print(
    json.dumps(
        {
            "imported": imported - begun,
            "first_call": answered - begun,
            "megabytes_client": with_client,
            "megabytes_call": megabytes(),
        }
    )
)
