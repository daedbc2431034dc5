"""The options of `memoryos serve`: what is rejected, and which hosts count as loopback."""

from __future__ import annotations

import argparse

import pytest

from memoryos_server.commands.listening import is_loopback
from memoryos_server.commands.serve_options import add_arguments


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("--port", "99999", "must be a number from 0 to 65535, not 99999"),
        ("--port", "http", "must be a number from 0 to 65535, not http"),
        ("--port", "9" * 5000, "must be a number from 0 to 65535"),
        ("--rate-limit", "0/min", "'0/min' is not a rate; write it like 50/s, 600/min or 10000/h"),
        ("--workers", "65", "must be a number from 1 to 64, not 65"),
        ("--max-requests", "0", "must be a whole number, 1 or more, not 0"),
        ("--max-body-bytes", "-1", "must be a whole number, 1 or more, not -1"),
        ("--data", "", "must not be empty"),
        ("--key-file", " ", "must not be empty"),
        ("--backup-dir", "", "must not be empty"),
    ],
)
def test_a_wrong_option_is_refused_with_its_rule_and_its_value(option, value, rule, capsys):
    """In words for people, without the names of our functions."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit) as exited:
        parser.parse_args([f"{option}={value}"])
    said = capsys.readouterr().err
    assert exited.value.code == 2
    assert f"argument {option}: {rule}" in said
    assert "invalid" not in said


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_what_counts_as_loopback(host, loopback):
    """Names other than localhost might lead anywhere."""
    assert is_loopback(host) is loopback
