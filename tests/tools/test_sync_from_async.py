"""The synchronous client is written by a tool from the asynchronous one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "sync_from_async.py"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the tools need Python 3.11")
@pytest.mark.skipif(importlib.util.find_spec("ruff") is None, reason="ruff is not installed")
def test_the_synchronous_client_is_up_to_date():
    """Whoever edits one of them runs the tool; an edit of the other fails here."""
    outcome = subprocess.run(
        [sys.executable, str(TOOL), "--check"], stderr=subprocess.PIPE, check=False, timeout=60
    )
    assert (outcome.returncode, outcome.stderr) == (0, b"")
