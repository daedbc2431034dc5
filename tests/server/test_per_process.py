"""Imports inside functions, in a process that forks meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

# A thread imports a module that takes a while; meanwhile the process forks, and the child imports
# the same module. The module tells when its import has begun, and waits until the fork begins.
PROGRAM = """
import os, sys, threading
from memoryos_server.per_process import importing

sys.begun, sys.forking = threading.Event(), threading.Event()

def load():
    with importing():
        import slow

thread = threading.Thread(target=load)
thread.start()
sys.begun.wait()
threading.Timer(0.2, sys.forking.set).start()
child = os.fork()
if child == 0:
    load()
    os._exit(7)
thread.join()
load()
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), "slow" in sys.modules)
"""
SLOW = """
import sys
sys.begun.set()
sys.forking.wait()
"""


def test_a_fork_waits_for_an_import_of_another_thread(tmp_path):
    """The child would otherwise wait forever for the lock of an import that nobody completes."""
    (tmp_path / "slow.py").write_text(SLOW)
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (finished.stdout, finished.stderr) == ("7 True\n", "")
