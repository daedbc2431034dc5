"""Running code of the documentation, exactly as it stands there."""

from __future__ import annotations

import os
import subprocess
import sys

from memoryos import MemoryOS

# The documentation's programs end without closing their clients. Python says so where it is asked
# to; every other warning is an error.
WARNINGS = ("-W", "error", "-W", "ignore:unclosed client:ResourceWarning")


class Runner:
    """Runs blocks in this process, and closes in the end what they leave open."""

    def __init__(self):
        self._clients = []

    def __call__(self, code, **context):
        """Run a block with the names that the document gave it before; return all names after."""
        namespace = {"__name__": "__main__", **context}
        exec(compile(code.text, f"<line {code.line} of the documentation>", "exec"), namespace)
        made = [value for name, value in namespace.items() if name not in context]
        self._clients += [value for value in made if isinstance(value, MemoryOS)]
        return namespace

    def close(self):
        """Close every client that a block has made."""
        for client in self._clients:
            client.close()


def run_as_program(code, folder, environment):
    """Run a block as a program of its own, where every warning is an error.

    Returns:
        What it printed.
    """
    program = folder / "program.py"
    program.write_text(code.text, encoding="utf-8")
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
