"""Run code blocks of the vendor's documentation and of the README unchanged."""

from __future__ import annotations

import os
import subprocess
import sys

from memoryos import MemoryOS

# The documentation's programs end without closing their clients, of which Python warns. Every other
# warning is an error.
WARNINGS = ("-W", "error", "-W", "ignore:unclosed client:ResourceWarning")


class Runner:
    """Runs blocks in this process, and closes the clients that they leave open."""

    def __init__(self):
        self._clients = []

    def __call__(self, code, **context):
        """Run a block with the names that earlier blocks defined; return all its names."""
        code.namespace = {"__name__": "__main__", **context}
        code.evaluate()
        made = [value for name, value in code.namespace.items() if name not in context]
        self._clients += [value for value in made if isinstance(value, MemoryOS)]
        return code.namespace

    def close(self):
        """Close every client that a block has made."""
        for client in self._clients:
            client.close()


def run_as_program(code, folder, environment):
    """Run code as a program of its own, which must succeed without a word on standard error.

    Returns:
        What it printed.
    """
    program = folder / "program.py"
    program.write_text(code, encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, *WARNINGS, "-X", "utf8", str(program)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stderr
    return finished.stdout
