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
