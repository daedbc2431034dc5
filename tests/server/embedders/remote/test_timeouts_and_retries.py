"""The decision which failures are temporary."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.remote.timeouts_and_retries import is_temporary


@pytest.mark.parametrize(
    ("status", "code", "temporary"),
    [(None, "", True), (429, "insufficient_quota", False), (500, "insufficient_quota", False)]
    + [(status, "", True) for status in (408, 409, 425, 429, 500, 503, 529)]
    + [(status, "", False) for status in (301, 400, 401, 403, 404, 413, 422)],
)
def test_statuses_and_codes_decide_whether_a_failure_is_temporary(status, code, temporary):
    assert is_temporary(status, code) is temporary
