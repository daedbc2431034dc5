"""The units of systemd in deploy/: what they run, with which environment, and in which sandbox."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROGRAM = "/opt/memoryos/bin/memoryos"
BACKUPS = "/var/backups/memoryos"

# As the unit's ProtectSystem, PrivateTmp and CapabilityBoundingSet; with the state as $1.
_SANDBOX = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
for place in $(awk '{ print $2 }' /proc/self/mounts); do
    [ "$place" = "$1" ] || mount -o remount,bind,ro "$place" 2>/dev/null || true
done
shift
exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
"""
# As MemoryDenyWriteExecute: PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN.
_NO_NEW_CODE = "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); "
_NO_NEW_CODE += "os.execv(sys.argv[1], sys.argv[1:])"


class Unit:
    """A unit that starts `memoryos`, with its state in a folder of the test.

    Args:
        name: Its file in deploy/.
        state: The folder in the place of /var/lib.
    """

    def __init__(self, name, state):
        self._state = state
        self.settings = settings(DEPLOY / name)
        (state / "memoryos").mkdir(exist_ok=True)

    @property
    def command(self):
        (line,) = self.values("ExecStart")
        program, *arguments = shlex.split(line.replace(BACKUPS, str(self._state / "backups")))
        assert program == PROGRAM
        return [sys.executable, "-W", "error", "-m", "memoryos", *arguments]

    @property
    def environment(self):
        """The variables that systemd sets, and those that lead to the sources of the tests."""
        given = dict(value.split("=", 1) for value in self.values("Environment"))
        tests = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        return {**tests, **given}

    def values(self, key):
        """Return the values of a setting, with the state's folder in them."""
        found = [value for name, value in self.settings if name == key]
        return [value.replace("%S", str(self._state)) for value in found]


def settings(file):
    """Return the names and values of a unit's settings."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("=", 1)) for line in lines if "=" in line and line[0] != "#"]


def sandboxed(command, state):
    """Return the command so that it can write to `state` only; skip where that is not allowed."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a read-only file system")
    prefix = ["unshare", "--mount", "sh", "-c", _SANDBOX, "sh", str(state)]
    prefix += [sys.executable, "-c", _NO_NEW_CODE]
    tried = subprocess.run(
        [*prefix, "/bin/sh", "-c", f"! touch {shlex.quote(str(state.parent))}/x 2>/dev/null"],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        pytest.skip(f"this machine lets nobody mount: {tried.stderr.strip()}")
    return [*prefix, *command]
