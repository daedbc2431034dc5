"""Runs a command as a step of a longer task, in one line; shows its output if it fails.

usage: python tools/step.py "Installing the test tools" -- python -m pip install …
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REDRAW_SECONDS = 0.2
_SIGN_OF_LIFE_SECONDS = 20


class Outcome(NamedTuple):
    """The result of a command."""

    passed: bool
    output: str
    seconds: float


def run(
    label: str, command: Sequence[str], environment: Mapping[str, str] | None = None
) -> Outcome:
    """Run a command, and show its label, its progress and its result in one line.

    Args:
        label: A description of the step for the user.
        command: The program and its arguments.
        environment: Additional environment variables.

    Returns:
        Whether its exit status was 0, its output, and its duration.
    """
    started = time.monotonic()
    show = _TerminalLine(label) if sys.stdout.isatty() else _LogLine(label)
    printed: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
    ) as process:
        reader = threading.Thread(target=_collect, args=(process.stdout, printed), daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                reader.join(_REDRAW_SECONDS)
                show.progress(time.monotonic() - started, printed[-1].strip() if printed else "")
        finally:  # after Ctrl-C, stop the command before its pipe is closed
            if reader.is_alive():
                process.terminate()
            reader.join()
    outcome = Outcome(process.returncode == 0, "".join(printed), time.monotonic() - started)
    show.end(outcome)
    return outcome


def _collect(stream: IO[str], lines: list[str]) -> None:
    lines.extend(stream)


class _LogLine:
    """A line in a file or a CI log, which can only grow."""

    def __init__(self, label: str) -> None:
        self._next_sign_of_life = _SIGN_OF_LIFE_SECONDS
        print(f"{label} …", end="", flush=True)

    def progress(self, seconds: float, _doing: str) -> None:
        if seconds >= self._next_sign_of_life:
            print(f" {seconds:.0f} s …", end="", flush=True)
            self._next_sign_of_life += _SIGN_OF_LIFE_SECONDS

    def end(self, outcome: Outcome) -> None:
        print(f" {_verdict(outcome)}", flush=True)


class _TerminalLine:
    """A line on a terminal, redrawn with the command's last line of output."""

    def __init__(self, label: str) -> None:
        self._label = label
        self.progress(0, "")

    def progress(self, seconds: float, doing: str) -> None:
        text = f"{self._label} … {seconds:.0f} s  {doing}"
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{text[:width]}", end="", flush=True)

    def end(self, outcome: Outcome) -> None:
        print(f"\r\x1b[K{self._label} … {_verdict(outcome)}", flush=True)


def _verdict(outcome: Outcome) -> str:
    return f"{'done' if outcome.passed else 'FAILED'} ({outcome.seconds:.1f} s)"


def main(arguments: Sequence[str]) -> int:
    """Run the command after `--` under the label before it."""
    label, dashes, *command = arguments
    if dashes != "--" or not command:
        print(__doc__, file=sys.stderr)
        return 2
    outcome = run(label, command)
    if not outcome.passed:
        print(outcome.output, end="", file=sys.stderr)
    return 0 if outcome.passed else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
