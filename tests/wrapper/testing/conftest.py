"""What the tests of the testing kit share: pytest as a user runs it, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

# Every warning is an error: a client, a thread or a loop that is left open would be one.
OPTIONS = ["-W", "error", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis"]


class Finished(NamedTuple):
    """What a run of pytest came to.

    Attributes:
        outcomes: by the test's name, `passed` or why not.
        output: what it printed.
    """

    outcomes: dict
    output: str


@pytest.fixture
def run_tests(tmp_path):
    """A function that runs a file of tests as its user would, and tells what came of it."""

    def run(code, *options, conftest="", with_asyncio=False):
        tmp_path.joinpath("test_theirs.py").write_text(textwrap.dedent(code), encoding="utf-8")
        tmp_path.joinpath("conftest.py").write_text(textwrap.dedent(conftest), encoding="utf-8")
        report = tmp_path / "report.xml"
        command = [sys.executable, "-B", "-m", "pytest", *OPTIONS, *options]
        command += [] if with_asyncio else ["-p", "no:asyncio"]
        finished = subprocess.run(
            [*command, f"--junitxml={report}", f"--rootdir={tmp_path}", str(tmp_path)],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        assert report.exists(), finished.stdout
        cases = ET.parse(report).iter("testcase")
        return Finished({case.get("name"): _outcome(case) for case in cases}, finished.stdout)

    return run


def _outcome(case):
    told = [child for child in case if child.tag in ("failure", "error", "skipped")]
    return " / ".join(f"{child.get('message')}\n{child.text}" for child in told) or "passed"
