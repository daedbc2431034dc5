"""`/readyz` of a server process: from its start, and while its file is taken away."""

from __future__ import annotations

import contextlib
import os

import httpx
import pytest

from .served import PATIENCE_SECONDS, serving

TRIES = 10_000


def readiness(server):
    """Return the status and the body."""
    answer = httpx.get(f"http://{server.address}/readyz", timeout=PATIENCE_SECONDS)
    return answer.status_code, answer.json()


def await_status(server, status):
    """Ask until the status is this one; return the checks."""
    for _ in range(TRIES):
        found, body = readiness(server)
        if found == status:
            return body["checks"]
    return pytest.fail(f"no answer with the status {status}; the last: {found} {body}")


def test_a_server_becomes_ready_and_counts_no_request_for_it(tmp_path):
    """Before its embedder is loaded it is not; a rate limit is for keys."""
    with serving(tmp_path / "m.db", "--rate-limit", "1/h") as server:
        checks = await_status(server, 200)
        assert checks == {"store": "ok", "schema": "ok", "embedder": "ok"}
        with contextlib.closing(server.client()) as client:
            assert client.done("GET", "/tags") == []


def test_an_embedder_that_cannot_load_is_seen(tmp_path, monkeypatch):
    """The server runs, and answers what needs no vectors."""
    (tmp_path / "broken.py").write_text(
        "def embed(texts):\n    raise RuntimeError('a private reason')\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    with serving(tmp_path / "m.db", embedder="python:broken:embed") as server:
        for _ in range(TRIES):
            status, body = readiness(server)
            if body["checks"]["embedder"] != "loading":
                break
        assert (status, body["checks"]["embedder"]) == (503, "failed")
        assert "private" not in str(body)


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no file that is open")
def test_a_server_whose_file_was_deleted_is_not_ready_and_says_why_in_its_log(tmp_path):
    with serving(tmp_path / "m.db") as server:
        await_status(server, 200)
        (tmp_path / "m.db").unlink()
        checks = await_status(server, 503)
        assert checks == {"store": "failed", "schema": "unknown", "embedder": "ok"}
        assert httpx.get(f"http://{server.address}/healthz").json() == {"status": "ok"}
        errors = server.stop()
    assert "m.db was deleted or replaced by another file" in errors
    assert str(tmp_path) not in errors
