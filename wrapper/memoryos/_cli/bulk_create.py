"""Creating many memories from the lines of standard input, and going on after an interruption."""

from __future__ import annotations

import sys
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any, Deque, Dict, Iterator, Mapping, Tuple

from memoryos.exceptions import ConflictError, MemoryOSError, ValidationError

from .error_messages import FAILED
from .output.console import print_json
from .output.formatting import one_line, plural
from .standard_input import count_lines, read_items

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS

    from .output.console import Console

__all__ = ["create_many"]


class _Tally:
    """How far the lines are dealt with."""

    def __init__(self) -> None:
        self.stored = 0
        self.refused = 0
        self._numbers: Deque[int] = deque()

    @property
    def done(self) -> int:
        """How many lines are dealt with, stored or not."""
        return self.stored + self.refused

    def items(self, numbered: Iterator[Tuple[int, Dict[str, Any]]]) -> Iterator[Dict[str, Any]]:
        """Yield the items, and keep the numbers of their lines until their results come."""
        for number, item in numbered:
            self._numbers.append(number)
            yield item

    def next_line(self) -> int:
        """Return the number of the line whose result has come: they come in order."""
        return self._numbers.popleft()


def create_many(
    client: MemoryOS, console: Console, options: argparse.Namespace, defaults: Mapping[str, Any]
) -> int:
    """Store a memory for each line of standard input, and return the exit status.

    A line that is refused is told, and the rest goes on. Where the service can't be used at all,
    or at Ctrl-C, it stops, and says how to go on.
    """
    tally = _Tally()
    batch = options.batch or uuid.uuid4().hex[:12]
    try:
        with console.progress("Storing", count_lines()) as progress:
            items = tally.items(read_items(defaults, as_json=options.jsonl))
            results = client.memories.create_many(
                items, concurrency=options.concurrency, batch=batch
            )
            for result in results:
                line = tally.next_line()
                if result.error is None:
                    tally.stored += 1
                    _show(result.memory, options)
                else:
                    _refuse(result.error, line, tally, console)
                progress.update(tally.done)
    except BaseException:
        if tally.done:
            console.error(_how_to_go_on(tally, batch))
        raise
    return _summary(tally, console, options)


def _show(memory: Any, options: argparse.Namespace) -> None:
    if options.json:
        print_json(memory)
    elif options.quiet:
        print(memory["id"])
    sys.stdout.flush()  # what is told to be stored is stored, also where this is ended abruptly


def _refuse(error: MemoryOSError, line: int, tally: _Tally, console: Console) -> None:
    # Anything else is no fault of this line: the next ones would end the same way.
    if not isinstance(error, (ValidationError, ConflictError)):
        raise error
    tally.refused += 1
    console.error(f"line {line}: {one_line(error.message)}")


def _how_to_go_on(tally: _Tally, batch: str) -> str:
    return (
        f"stopped after {plural(tally.stored, 'memory', 'memories')}; the same command with "
        f"--batch {batch} goes on, and stores nothing twice (for 24 hours)"
    )


def _summary(tally: _Tally, console: Console, options: argparse.Namespace) -> int:
    if not (options.json or options.quiet):
        refused = f", {plural(tally.refused, 'line')} refused" if tally.refused else ""
        console.line(f"{plural(tally.stored, 'memory', 'memories')} stored{refused}")
    return FAILED if tally.refused else 0
