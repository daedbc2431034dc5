"""Create one memory for each line of standard input. An interrupted run can be continued."""

from __future__ import annotations

import sys
import uuid
from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, Any, Deque, Dict, Iterator, Mapping, Tuple

from memoryos._bulk.create_results import is_rejection

from .exit_statuses import FAILED
from .output.console import print_id, print_json
from .output.formatting import one_line, plural
from .standard_input import count_lines, read_items

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos.exceptions import MemoryOSError

    from .output.console import Console

__all__ = ["create_many"]


class _Tally:
    """Counts processed lines, and matches results with line numbers."""

    def __init__(self) -> None:
        self.stored = 0
        self.rejected = 0
        self.is_begun = False
        self._numbers: Deque[int] = deque()

    @property
    def done(self) -> int:
        """Number of processed lines."""
        return self.stored + self.rejected

    def items(self, numbered: Iterator[Tuple[int, Dict[str, Any]]]) -> Iterator[Dict[str, Any]]:
        """Yield the items, and remember their line numbers until their results arrive."""
        for number, item in numbered:
            self.is_begun = True
            self._numbers.append(number)
            yield item

    def next_line(self) -> int:
        """Return the line number of the next result. Results arrive in order."""
        return self._numbers.popleft()


def create_many(
    client: MemoryOS, console: Console, options: argparse.Namespace, defaults: Mapping[str, Any]
) -> int:
    """Store one memory for each line of standard input.

    If the service rejects a line, the command reports it and processes the remaining lines. On
    any other error and on Ctrl-C it stops, and prints how to continue.

    Args:
        client: The client.
        console: Console for messages.
        options: Options of `memoryos create`.
        defaults: Arguments of `memories.create` for every line.

    Returns:
        The exit status: 1 if a line was rejected.
    """
    tally = _Tally()
    batch = uuid.uuid4().hex[:12] if options.batch is None else options.batch
    try:
        with console.progress("Storing", count_lines()) as progress:
            items = tally.items(read_items(defaults, as_json=options.jsonl))
            results: Any = client.memories.create_many(
                items, concurrency=options.concurrency, batch=batch
            )
            with closing(results):  # on Ctrl-C, the exception would keep them open
                for result in results:
                    line = tally.next_line()
                    if result.error is None:
                        tally.stored += 1
                        _show(result.memory, options)
                    else:
                        _report_rejected(result, line, tally, console)
                    progress.update(tally.done)
    except BaseException:
        if tally.is_begun:  # what was sent may be stored, even if no result has arrived
            console.error(_how_to_continue(tally, batch))
        raise
    return _summary(tally, console, options)


def _show(memory: Any, options: argparse.Namespace) -> None:
    if options.json:
        print_json(memory)
    elif options.quiet:
        print_id(memory)
    sys.stdout.flush()  # if the process is killed, every stored memory has been printed


def _report_rejected(result: Any, line: int, tally: _Tally, console: Console) -> None:
    error: MemoryOSError = result.error
    if not is_rejection(result.item, error):  # it would affect the remaining lines as well
        raise error
    tally.rejected += 1
    console.error(f"line {line}: {one_line(error.message)}")


def _how_to_continue(tally: _Tally, batch: str) -> str:
    return (
        f"stopped after {plural(tally.stored, 'memory', 'memories')}; to continue, run the same "
        f"command with --batch {batch} within 24 hours; stored lines are not stored again"
    )


def _summary(tally: _Tally, console: Console, options: argparse.Namespace) -> int:
    if not (options.json or options.quiet):
        rejected = f", {plural(tally.rejected, 'line')} rejected" if tally.rejected else ""
        console.line(f"{plural(tally.stored, 'memory', 'memories')} stored{rejected}")
    return FAILED if tally.rejected else 0
