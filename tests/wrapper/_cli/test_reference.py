"""docs/cli.md keeps its word: what argparse knows, and what is written by hand around it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from memoryos._cli import exit_statuses
from memoryos._cli.main import full_parser

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tools/ needs Python 3.11")
def test_the_reference_is_what_the_commands_say():
    """Where this fails: python tools/cli_reference.py."""
    import cli_reference

    assert cli_reference.with_reference(PAGE, full_parser()) == PAGE


def test_every_exit_status_is_told():
    """Those that the commands end with."""
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    statuses = [exit_statuses.FAILED, exit_statuses.USAGE_ERROR, exit_statuses.NOT_FOUND]
    statuses += [exit_statuses.INTERRUPTED, exit_statuses.BROKEN_PIPE]
    assert told == {0, *statuses}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
def test_the_doctor_knows_every_extra():
    """Those that pyproject.toml has."""
    import tomllib

    from memoryos._cli.doctor import installation

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(installation._EXTRAS) == set(project["optional-dependencies"])
