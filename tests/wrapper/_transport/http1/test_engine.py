"""Which engine a process uses."""

from __future__ import annotations

import sys

import pytest

from memoryos._transport import http1
from memoryos._transport.http1 import engine, h11_engine

from .conftest import engine_named


def test_httptools_is_used_where_it_is_installed():
    """In a version that is known to work."""
    assert engine.choose() is engine_named("httptools")


def test_h11_is_used_where_httptools_is_missing(monkeypatch):
    """The base install has no other."""
    monkeypatch.delitem(sys.modules, "memoryos._transport.http1.httptools_engine", raising=False)
    monkeypatch.delattr(http1, "httptools_engine", raising=False)
    monkeypatch.setitem(sys.modules, "httptools", None)
    assert engine.choose() is h11_engine


@pytest.mark.parametrize("version", ["0.8.9", "0.1", "0"])
def test_an_old_httptools_is_left_alone(monkeypatch, version):
    """Another package may have brought it."""
    monkeypatch.setattr(engine_named("httptools"), "VERSION", version)
    assert engine.choose() is h11_engine


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_of_a_callback_is_no_malformed_head(interruption):
    """httptools turns whatever a callback raises into an error of its own."""
    httptools_engine = engine_named("httptools")

    class Headers(dict):
        """Is interrupted."""

        def setdefault(self, _name, _value):
            raise interruption

    with pytest.raises(interruption):
        httptools_engine._parser_of(b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n", Headers().setdefault)
