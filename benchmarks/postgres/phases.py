"""CPU time by part of the server, of requests that one thread handles without a network.

    python -m benchmarks.postgres.phases PLACE COUNT

Run in a process of its own; the server comes from PYTHONPATH, so that an older checkout can be
measured. Prints JSON: for each operation, milliseconds per request by part. The profiler slows
functions down, so the shares are more reliable than the times.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from memoryos_server.embedders.registry import named_embedder
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.service.operations import open_service

from . import workload

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PARTS", "handle"]

# The first whose sign occurs in a function's file or name.
PARTS = {
    "psycopg": ("psycopg",),
    "SQLite": ("sqlite3",),
    "stores": ("memoryos_server/stores/",),
    "text analysis": ("memoryos_server/text/", "memoryos_server/pii/", "text_analysis", "snowball"),
    "search": ("memoryos_server/search/",),
    "embedder": ("memoryos_server/embedders/",),
    "service": ("memoryos_server/service/", "memoryos_server/model/"),
    "validation": ("memoryos_server/contract/", "jsonschema_rs"),
    "HTTP": ("memoryos_server/http/",),
}


def main(place: str, count: str) -> None:
    """Profile creates, gets and searches."""
    dispatcher = Dispatcher(open_service(place, embedder=named_embedder("hashing")))
    key = dispatcher._service.create_key()  # noqa: SLF001 - as `memoryos keys create` does
    number = int(count)
    ids: list[str] = []

    def created(body: bytes) -> None:
        ids.append(json.loads(body)["data"]["id"])

    handle(dispatcher, workload.creates(key, workload.sentences(200, 1)), created)
    handle(dispatcher, workload.searches(key, workload.sentences(5, 2)))
    operations = {
        "create": workload.creates(key, workload.sentences(number, 3)),
        "get": workload.gets(key, ids, number),
        "search": workload.searches(key, workload.sentences(number // 4, 4)),
    }
    print(json.dumps({name: _profile(dispatcher, sent) for name, sent in operations.items()}))
    dispatcher.close()


def handle(
    dispatcher: Dispatcher, sent: list[bytes], receive: Callable[[bytes], None] = len
) -> None:
    for request in sent:
        head, _, body = request.partition(b"\r\n\r\n")
        start, *lines = head.split(b"\r\n")
        method, target, _ = start.decode().split(" ")
        headers = [tuple(line.split(b": ", 1)) for line in lines]
        url = urlsplit(target)
        response = dispatcher.handle(method, url.path, url.query.encode(), headers, body)
        if response.status != 200:
            raise RuntimeError(response)
        receive(response.body)


def _profile(dispatcher: Dispatcher, sent: list[bytes]) -> dict[str, float]:
    profile = cProfile.Profile(time.thread_time)  # waiting for PostgreSQL doesn't count
    profile.enable()
    handle(dispatcher, sent)
    profile.disable()
    milliseconds: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in pstats.Stats(profile).stats.items():
        part = _part(function)
        if part is not None:
            milliseconds[part] += own
        else:  # a built-in function or the standard library: it counts for its callers
            for caller, (_, _, own_of_caller, _) in callers.items():
                milliseconds[_part(caller) or "other"] += own_of_caller
    return {name: 1000 * seconds / len(sent) for name, seconds in milliseconds.most_common()}


def _part(function: tuple[str, int, str]) -> str | None:
    where = f"{Path(function[0]).as_posix()} {function[2]}"
    return next(
        (name for name, signs in PARTS.items() if any(sign in where for sign in signs)), None
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
