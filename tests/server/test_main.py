"""`python -m memoryos_server`: the server's commands without the SDK."""

from __future__ import annotations

import json
import sys

import pytest

from memoryos_server.__main__ import main


@pytest.fixture
def run(monkeypatch, capsys):
    """A function that runs the command line in this process."""

    def run_main(*arguments):
        monkeypatch.setattr(sys, "argv", ["memoryos_server", *map(str, arguments)])
        try:
            status = main()
        except SystemExit as stop:
            status = stop.code
        return (status, *capsys.readouterr())

    return run_main


def test_every_command_runs(run, tmp_path):
    """On the same file, with plain output."""
    file = ("--data", tmp_path / "m.db")
    status, out, err = run("keys", "create", "--name", "laptop", "--json", *file)
    assert (status, err) == (0, "")
    assert json.loads(out)["name"] == "laptop"
    assert "laptop" in run("keys", "list", *file)[1]
    assert run("reembed", "--embedder", "none", *file)[0] == 0
    status, out, _ = run("backup", tmp_path / "copy.db", *file)
    assert (status, "1 key," in out) == (0, True)


def test_an_error_is_one_line(run, tmp_path):
    """With the exit status of the command."""
    status, out, err = run("keys", "list", "--data", tmp_path / "m.db")
    assert (status, out) == (1, "")
    assert err == f"memoryos keys: there is no file {tmp_path / 'm.db'}\n"
    assert run("reembed", "--embedder", "none", "--data", tmp_path / "m.db")[0] == 2


def test_the_help_shows_the_options_of_serve_and_names_the_others(run):
    """`serve` is what it does by default."""
    status, out, _ = run("--help")
    assert status == 0
    assert "--allow-remote" in out
    assert "Commands: serve, keys, reembed, migrate, backup" in out
    assert "--expires" in run("keys", "create", "--help")[1]


def test_an_interruption_is_one_line(run, monkeypatch, tmp_path):
    """With the status that shells expect."""
    from memoryos_server.stores.sqlite import backup

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    data = ("--data", tmp_path / "m.db")
    assert run("keys", "create", *data)[0] == 0
    monkeypatch.setattr(backup, "back_up", interrupted)
    interruption = (130, "", "memoryos backup: interrupted\n")
    assert run("backup", tmp_path / "copy.db", *data) == interruption
