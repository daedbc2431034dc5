"""`make test-all`: the Pythons it finds, their sessions, and the dependencies of each."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

pytest.importorskip("nox", reason="needs requirements/release.txt (make test-all)")

import find_pythons

ROOT = Path(__file__).resolve().parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
TEST_TOOLS = (ROOT / "requirements" / "test.txt").read_text(encoding="utf-8")
SUPPORTED = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with Python 3.11 on PATH, and 3.8 and 3.99 in pyenv."""
    for folder, name in (
        ("bin", "python3.11"),
        ("bin", "python3.8"),  # a command of pyenv, which fails
        ("pyenv/versions/3.8.18/bin", "python3.8"),
        ("pyenv/versions/3.99.0/bin", "python3.99"),
    ):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        tmp_path.joinpath(folder, name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    return tmp_path


def test_pythons_are_found_on_path_and_in_pyenv(machine):
    """The oldest first, and none beyond the newest that is looked for."""
    assert list(find_pythons.find_pythons().items()) == [
        ("3.8", str(machine / "pyenv/versions/3.8.18/bin/python3.8")),
        ("3.11", str(machine / "bin/python3.11")),
    ]


def nox(*arguments):
    """Run nox with the project's noxfile; return its exit status and everything it printed."""
    command = [sys.executable, "-m", "nox", "--noxfile", str(ROOT / "noxfile.py"), "--nocolor"]
    finished = subprocess.run(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return finished.returncode, finished.stdout


def test_every_supported_python_has_a_session_and_two_the_oldest_dependencies(machine):
    """Those that are missing too, so that they are reported."""
    status, printed = nox("--list")
    assert status == 0
    assert re.findall(r"^\* (\S+) ->", printed, re.MULTILINE) == [
        *SUPPORTED,
        "3.8-lowest",
        "3.10-lowest",
    ]
    assert re.findall(r"^- (\S+) ->", printed, re.MULTILINE) == [
        *(f"mcp({version})" for version in ("1.19.0", "1.30.0", "2.0.0")),
        "oldest",
        "newest",
    ]


def test_a_missing_python_is_reported_and_fails_only_if_it_was_named(machine):
    """As the Makefile runs it, without names and with."""
    status, printed = nox("--no-error-on-missing-interpreters", "--session", "3.9")
    assert status == 0
    assert "3.9 skipped" in printed
    status, printed = nox("--error-on-missing-interpreters", "--session", "3.9")
    assert status != 0
    assert "3.9" in printed


@pytest.fixture
def noxfile(machine, monkeypatch):
    """What the noxfile defines, without its sessions being registered twice."""
    monkeypatch.setattr("nox.registry._REGISTRY", {})
    return runpy.run_path(str(ROOT / "noxfile.py"))


@pytest.mark.parametrize(
    ("name", "resolution"), [("3.8", "highest"), ("3.8-lowest", "lowest-direct")]
)
def test_a_session_installs_the_newest_or_the_oldest_dependencies(name, resolution, noxfile):
    """And passes the words after `--` to pytest."""
    session = Mock(posargs=["-k", "search"])
    session.name = name
    noxfile["tests"](session)
    (installed,) = session.install.call_args_list
    assert installed.args[installed.args.index("--resolution") + 1] == resolution
    assert "--editable" in installed.args
    (ran,) = session.run.call_args_list
    assert ran.args[0] == "pytest"
    assert ran.args[-2:] == ("-k", "search")


def test_the_mcp_server_is_tested_on_both_ends_of_both_generations(noxfile):
    """The newest 2.x by `make test`, the others by a session that installs each."""
    versions = noxfile["MCP_VERSIONS"]
    pinned = re.search(r"^mcp==(\S+);", TEST_TOOLS, re.MULTILINE).group(1)
    generations = [version.partition(".")[0] for version in [*versions, pinned]]
    assert generations == ["1", "1", "2", "2"]
    oldest = next(iter(versions)).rpartition(".")[0]
    assert f'"mcp>={oldest},<3; ' in PROJECT
    session = Mock(posargs=[])
    noxfile["mcp"].func(session, "1.19.0")
    (installed,) = session.install.call_args_list
    assert "mcp==1.19.0" in installed.args
    assert not any(argument.startswith(f"mcp=={pinned}") for argument in installed.args)
    named = {argument.partition("==")[0] for argument in installed.args}
    assert named >= set(noxfile["MCP_TEST_TOOLS"])
    (ran,) = session.run.call_args_list
    assert "tests/wrapper/mcp" in ran.args


@pytest.mark.parametrize(("name", "version"), [("oldest", "3.8"), ("newest", "3.11")])
def test_oldest_and_newest_run_the_session_of_a_python_that_was_found(name, version, noxfile):
    """So that it uses the same environment."""
    session = Mock()
    noxfile[name].func(session)
    session.notify.assert_called_once_with(version)


def test_the_supported_pythons_have_no_gap_and_no_older_one_is_allowed():
    """From the oldest Python that is looked for."""
    minors = [int(version.partition(".")[2]) for version in SUPPORTED]
    assert minors == list(range(find_pythons.OLDEST_MINOR, minors[-1] + 1))
    assert f'requires-python = ">=3.{find_pythons.OLDEST_MINOR}"' in PROJECT
