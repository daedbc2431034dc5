"""Lines of the access log: what they contain, and what no request can put into them."""

from __future__ import annotations

import logging

import pytest

from memoryos_server.http.access_log import (
    MAX_PATH_CHARACTERS,
    Entry,
    format_client,
    log_request,
)


def logged(caplog, level=logging.INFO, **fields):
    entry = {"method": "GET", "path": "/v1/tags", "status": 200, "seconds": 0.01234}
    with caplog.at_level(level, logger="memoryos_server"):
        log_request(Entry(**{**entry, "request_id": "req_1", **fields}))
    return [record.getMessage() for record in caplog.records]


def test_a_line_has_all_facts(caplog):
    assert logged(caplog, owner="ada") == ["GET /v1/tags 200 12.3 ms request_id=req_1 owner=ada"]


def test_at_debug_it_has_the_client_and_the_sizes(caplog):
    facts = {"client": "127.0.0.1:5", "received_bytes": 3, "sent_bytes": 4}
    (line,) = logged(caplog, logging.DEBUG, **facts)
    assert line.endswith(" owner=- client=127.0.0.1:5 received=3 sent=4")


def test_above_info_there_is_none(caplog):
    assert logged(caplog, logging.WARNING) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/a\r\nGET /forged 200", "/a%0D%0AGET%20/forged%20200"),
        ("/a\x1b[31m\x00\x7f\x85\u2028", "/a%1B[31m%00%7F%C2%85%E2%80%A8"),
        ("/é/日本", "/%C3%A9/%E6%97%A5%E6%9C%AC"),
        ("/\udc80", "/%3F"),
        ("/a%0d%0Ab%20c", "/a%0d%0Ab%20c"),
        ("", "-"),
    ],
)
def test_no_path_forges_a_line_or_a_field(caplog, text, shown):
    """Control characters, spaces and everything beyond ASCII are escaped; escapes are kept."""
    (line,) = logged(caplog, path=text)
    assert line == f"GET {shown} 200 12.3 ms request_id=req_1 owner=-"


@pytest.mark.parametrize("owner", ["a b", "a\nb", "a status=1", "é"])
def test_no_owner_forges_a_field(caplog, owner):
    (line,) = logged(caplog, owner=owner)
    assert line.isascii()
    assert line.isprintable()
    assert len(line.split(" ")) == 7


@pytest.mark.parametrize(
    "path",
    [
        "/v1/mos_test_0123456789abcdef",
        "/v1/memories/MOS_live_0123456789abcdef/x",
        "/v1/Bearer%20mos_test_0123456789abcdef",
        "/v1/%6d%6fs_test_0123456789abcdef",
        "/v1/%256dos%255Ftest_0123456789abcdef",
        "/" + "x" * (MAX_PATH_CHARACTERS - 10) + "mos_test_0123456789abcdef",
    ],
)
def test_a_key_in_the_path_is_left_out(caplog, path):
    (line,) = logged(caplog, path=path)
    assert "0123456789" not in line
    assert "mos_..." in line or len(line) > MAX_PATH_CHARACTERS


def test_a_key_as_the_method_is_left_out(caplog):
    (line,) = logged(caplog, method="mos_test_0123456789abcdef")
    assert line.startswith("mos_... /v1/tags ")


def test_long_paths_and_methods_are_cut(caplog):
    (line,) = logged(caplog, path="/" + "%25" * 30_000, method="M" * 9999)
    assert len(line) < MAX_PATH_CHARACTERS + 150


@pytest.mark.parametrize(
    ("client", "shown"),
    [
        (("192.0.2.7", 50000), "192.0.2.7:50000"),
        (("2001:db8::7", 50000), "[2001:db8::7]:50000"),
        (("2001:db8::7", 0), "[2001:db8::7]"),  # forwarded by a proxy
        (None, ""),
    ],
)
def test_a_client_is_shown_as_in_a_url(client, shown):
    assert format_client(client) == shown
