"""The socket of `memoryos serve`."""

from __future__ import annotations

import socket

import pytest

from memoryos._cli.main import main
from memoryos_server.commands.listening import listen


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_answers_are_not_held_back_on_the_way(host):
    """Asyncio turns Nagle's algorithm off only on what says that it is TCP."""
    with listen(host, 0) as listener, socket.create_connection(listener.getsockname()[:2]):
        connection, _ = listener.accept()
        with connection:
            assert connection.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--host", "--host must not be empty; to listen on all addresses, use 0.0.0.0"),
        ("--data", "--data must not be empty"),
    ],
)
def test_an_empty_option_is_refused(capsys, option, message):
    """Instead of all addresses, or the current folder."""
    assert main(["serve", option, "", "--embedder", "none"]) == 1
    assert capsys.readouterr().err == f"memoryos serve: {message}\n"
