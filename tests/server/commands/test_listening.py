"""The socket of `memoryos serve`."""

from __future__ import annotations

import socket

import pytest

from memoryos._cli.main import main
from memoryos_server.commands import http_server, listening
from memoryos_server.commands.listening import base_url, describe_address, listen
from memoryos_server.model.errors import unavailable


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_answers_are_not_held_back_on_the_way(host):
    """Asyncio turns Nagle's algorithm off only on what says that it is TCP."""
    with listen(host, 0) as listener, socket.create_connection(listener.getsockname()[:2]):
        connection, _ = listener.accept()
        with connection:
            assert connection.proto == socket.IPPROTO_TCP


def test_an_empty_host_is_refused(capsys):
    assert main(["serve", "--host", "", "--embedder", "none"]) == 1
    message = "--host must not be empty; to listen on all addresses, use 0.0.0.0"
    assert capsys.readouterr().err == f"memoryos serve: {message}\n"


def test_a_database_that_goes_while_the_server_starts_is_told_in_one_line(monkeypatch, capsys):
    def away(*_):
        raise unavailable("The database m can't be reached")

    monkeypatch.setattr(http_server, "build_server", away)
    assert main(["serve", "--data", ":memory:", "--port", "0", "--embedder", "none"]) == 1
    assert capsys.readouterr().err == "memoryos serve: The database m can't be reached\n"


def test_without_a_network_the_url_of_all_interfaces_is_for_this_machine(monkeypatch):
    with listen("0.0.0.0", 0) as listener:
        monkeypatch.setattr(listening, "_outward_address", lambda _listener: None)
        port = listener.getsockname()[1]
        assert base_url(listener, "0.0.0.0") == f"http://127.0.0.1:{port}/v1"
        assert f"port {port}" in describe_address(listener)
    with listen("127.0.0.1", 0) as listener:
        assert describe_address(listener) is None


def test_the_zone_of_a_link_local_address_is_encoded():
    """RFC 6874: a bare percent sign would begin an escape."""

    class Listener:
        family = socket.AF_INET6

        def getsockname(self):
            return ("fe80::1%eth0", 8765, 0, 2)

    assert base_url(Listener(), "fe80::1%eth0") == "http://[fe80::1%25eth0]:8765/v1"
