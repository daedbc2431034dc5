"""Which web pages may send requests."""

from __future__ import annotations

import pytest

from memoryos_server.mcp_http.origins import is_allowed_origin

NAMED = ["https://app.example", "null"]


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:6274",
        "http://127.0.0.1:8080",
        "http://[::1]:3000",
        "https://localhost",
    ],
)
def test_pages_of_this_machine_reach_a_server_for_it_only(origin):
    assert is_allowed_origin(origin, "localhost:7077", (), only_this_machine=True)
    assert not is_allowed_origin(origin, "memory.example", (), only_this_machine=False)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://192.0.2.7:7077", "192.0.2.7:7077"),
        ("http://[2001:db8::7]:7077", "[2001:DB8::7]:7077"),
        ("https://memory.example", "memory.example"),
        ("https://memory.example:8443", "Memory.Example:8443"),
    ],
)
def test_pages_of_the_server_itself_may(origin, host):
    """By an address, or by a name that its certificate proves."""
    for only_this_machine in (True, False):
        assert is_allowed_origin(origin, host, (), only_this_machine=only_this_machine)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        # The name of the page leads to this server since a moment ago: DNS rebinding.
        ("http://evil.example:7077", "evil.example:7077"),
        ("https://evil.example", "memory.example"),
        ("http://192.0.2.7:80", "192.0.2.7:7077"),
        ("http://192.0.2.7", "192.0.2.7:7077"),
        ("http://localhost.evil.example", "localhost.evil.example"),
        ("http://127.0.0.1.evil.example", "127.0.0.1.evil.example"),
        ("http://127.0.0.1@evil.example", "evil.example"),
        ("https://app.example.evil.example", "memory.example"),
        ("https://app.example:8443", "memory.example"),
        ("http://app.example", "memory.example"),
        ("vscode-file://vscode-app", "vscode-app"),
        ("file://", ""),
        ("https://", ""),
        ("http://[", "["),
        ("", ""),
        ("x", "x"),
    ],
)
def test_others_may_not(origin, host):
    for only_this_machine in (True, False):
        assert not is_allowed_origin(origin, host, NAMED, only_this_machine=only_this_machine)


@pytest.mark.parametrize("origin", NAMED)
def test_named_ones_may(origin):
    assert is_allowed_origin(origin, "192.0.2.7", NAMED, only_this_machine=False)
