"""The plain output of the server's own command line."""

from __future__ import annotations

import io
import json
import sys

import pytest

from memoryos._cli.confirmation import is_confirmed
from memoryos_server.commands.output import PlainOutput


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A function that puts standard input and error on a terminal, with this answer."""

    def start(answer=""):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        monkeypatch.setattr(sys, "stderr", Terminal())
        return sys.stderr

    return start


def test_results_go_to_standard_output_and_the_rest_to_standard_error(capsys):
    """A pipe gets the results only."""
    output = PlainOutput()
    output.line("a line", "good")
    output.json({"name": "Zoë"})
    output.message("a message")
    output.error("an error")
    output.note("a hint that nobody sees")
    with output.progress("Counting", 2) as progress:
        progress.update(1)
    out, err = capsys.readouterr()
    first, second = out.splitlines()
    assert (first, json.loads(second)) == ("a line", {"name": "Zoë"})
    assert err == "a message\nan error\n"


def test_a_terminal_gets_hints(terminal):
    """A person reads them."""
    shown = terminal()
    PlainOutput().note("a hint")
    assert shown.getvalue() == "a hint\n"


@pytest.mark.parametrize(
    ("answer", "yes"), [("y\n", True), ("YES\n", True), ("\n", False), ("no\n", False)]
)
def test_a_terminal_is_asked(terminal, answer, yes):
    """Anything but yes is no."""
    shown = terminal(answer)
    assert PlainOutput().confirm("Go on?") is yes
    assert shown.getvalue() == "Go on? [y/N] "


def test_without_a_terminal_the_answer_is_yes():
    """A script can't answer."""
    assert PlainOutput().confirm("Go on?") is True


@pytest.mark.parametrize("confirm", [PlainOutput().confirm, is_confirmed])
def test_a_closed_standard_input_is_no_terminal(monkeypatch, confirm):
    """Python sets it to None."""
    monkeypatch.setattr(sys, "stdin", None)
    assert confirm("Go on?") is True
