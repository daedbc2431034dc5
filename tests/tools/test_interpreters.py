"""Which Pythons `make test-all` runs the tests on, and with which dependencies."""

from __future__ import annotations

from pathlib import Path

import pytest

import interpreters

FOUND = {"3.8": "/a/python3.8", "3.11": "/a/python3.11", "3.13": "/a/python3.13"}


@pytest.mark.parametrize(
    ("given", "named"), [("oldest", "3.8"), ("newest", "3.13"), ("3.11", "3.11"), ("3.9", "3.9")]
)
def test_oldest_and_newest_stand_for_what_is_found(given, named):
    """Every other name stands for itself, found or not."""
    assert interpreters._named(given, FOUND) == named


def test_none_named_means_all_and_the_claimed_ones_that_are_missing():
    """So that a missing interpreter is reported, and the oldest dependencies are tried."""
    everything = interpreters._all({**FOUND, "3.14": "/a/python3.14"})
    assert everything[:-1] == [*interpreters.claimed_versions(), "3.14"]
    assert everything[-1] == "3.8-lowest"


def test_the_oldest_dependencies_are_resolved_as_the_lowest():
    """And the newest by pip, as users get them."""
    newest = interpreters.installing("3.8", Path("/e"))
    lowest = interpreters.installing("3.8-lowest", Path("/e"))
    assert newest[1:4] == ["-m", "pip", "install"]
    assert "lowest-direct" in lowest
    assert "--editable" in newest
    assert "--editable" in lowest


@pytest.fixture
def run(monkeypatch, capsys):
    """Run with made-up interpreters and outcomes; give the exit status and what was printed."""

    def main(*wanted, failing=()):
        monkeypatch.setattr(interpreters, "find_interpreters", lambda: FOUND)
        monkeypatch.setattr(
            interpreters, "_try", lambda name, _: "" if name in failing else "9 passed"
        )
        return interpreters.main(wanted), capsys.readouterr().out

    return main


def test_all_that_are_here_are_run_and_a_claimed_one_that_is_missing_is_reported(run):
    """Not silently skipped; what is here decides."""
    status, said = run()
    assert status == 0
    for name in (*FOUND, "3.8-lowest"):
        assert f"Python {name:<11} 9 passed" in said
    missing = set(interpreters.claimed_versions()) - set(FOUND)
    assert missing
    for name in missing:
        assert f"Python {name:<11} not found on this machine, so not tested" in said


def test_one_that_fails_fails_the_whole(run):
    status, said = run(failing=("3.13",))
    assert status == 1
    assert "Python 3.13        FAILED" in said
    assert "Python 3.8         9 passed" in said


def test_one_that_was_asked_for_and_is_missing_fails(run):
    """Nobody shall take it for tested."""
    status, said = run("3.8", "3.9")
    assert status == 1
    assert "Python 3.9         not found on this machine" in said
    assert run("3.8")[0] == 0


def test_the_package_claims_the_pythons_that_it_allows_and_is_tested_on():
    """From the oldest that is run to the newest, without a gap; and no older one installs it."""
    minors = [int(name.partition(".")[2]) for name in interpreters.claimed_versions()]
    assert minors == list(range(interpreters.OLDEST_MINOR, minors[-1] + 1))
    project = (interpreters.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">=3.{interpreters.OLDEST_MINOR}"' in project
