"""Parsing of Retry-After and retry-after-ms."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.remote.retry_after import retry_after_seconds

NOON = 784_123_200  # Sunday, 6 November 1994, 12:00 UTC


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7),
        ({"retry-after": "Sun, 06 Nov 1994 12:00:20 GMT"}, 20),
        ({"retry-after": "Sun Nov  6 12:00:20 1994"}, 20),
        ({"retry-after": "Sun, 06 Nov 1994 11:00:00 GMT"}, 0),
        (
            {
                "retry-after": "Sun, 06 Nov 1994 13:00:20 GMT",
                "date": "Sun, 06 Nov 1994 13:00:00 GMT",
            },
            20,
        ),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "Sun, 99 Nov 1994 12:00:20 GMT"}, None),
    ],
    ids=str,
)
def test_seconds_milliseconds_and_dates_are_understood(headers, seconds):
    assert retry_after_seconds(headers, NOON) == seconds
