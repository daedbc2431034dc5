"""`memoryos serve` as an operator watches it: its metrics, and its log as JSON."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families

from memoryos_server.service.api_keys import key_id

from .served import PATIENCE_SECONDS, refusal, serving

TOKEN = "0123456789abcdef"
SECRET = "the alarm code is 4711"


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    return path


def get_metrics(server, token=None):
    connection = http.client.HTTPConnection(server.address, timeout=PATIENCE_SECONDS)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with contextlib.closing(connection):
        connection.request("GET", "/metrics", headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def send(server, data):
    host, _, port = server.address.rpartition(":")
    with socket.create_connection((host, int(port)), PATIENCE_SECONDS) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while connection.recv(65536):
                pass


def test_the_metrics_need_the_token_of_the_file(tmp_path, token_file):
    with serving(tmp_path / "m.db", "--metrics-token-file", str(token_file)) as server:
        with contextlib.closing(server.client()) as client:
            client.done("POST", "/memories", {"content": SECRET})
            client.done("POST", "/search", {"query": SECRET})
        assert get_metrics(server)[0] == 401
        assert get_metrics(server, server.api_key)[0] == 401
        status, text = get_metrics(server, TOKEN)
    assert status == 200
    values = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert values["memoryos_requests_total", "200", "POST", "create_memory"] == 1
    assert values["memoryos_requests_rejected_total", "authentication"] == 2
    assert values["memoryos_phase_duration_seconds_count", "candidates", "search_memories"] == 1
    assert values["memoryos_store_file_bytes",] > 0
    assert values["process_resident_memory_bytes",] > 0
    assert values["memoryos_embedder_texts_total",] >= 2
    for secret in ("4711", server.api_key, "default", str(tmp_path)):
        assert secret not in text


def test_a_server_does_not_start_with_a_token_that_others_can_read(tmp_path, token_file):
    token_file.chmod(0o644)
    error = refusal(tmp_path / "m.db", "--metrics-token-file", str(token_file))
    assert "can be read by every user; run: chmod 600" in error


def test_every_line_of_the_log_is_an_object(tmp_path):
    """Whatever is sent, and without content, queries and keys."""
    options = ("--log", "info", "--log-format", "json")
    with serving(tmp_path / "m.db", *options) as server:
        with contextlib.closing(server.client()) as client:
            client.done("POST", "/memories", {"content": SECRET})
            client.call("GET", f"/memories?{SECRET.replace(' ', '+')}")
            client.call("GET", f"/tags/{server.api_key}")
        send(server, b'GET /a\x01\xff" HTTP/1.1\r\nHost: x\r\n\r\n')
        send(server, b"not HTTP\r\n\r\n")
        send(server, b"G{}T /%0A%22 HTTP/1.1\r\nHost: x\r\n\r\n")
        send(server, b"POST /v1/memories HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{")
        errors = server.stop()
    lines = [json.loads(line) for line in errors.splitlines()]
    requests = [line for line in lines if line["logger"] == "memoryos_server.access"]
    assert all(line["ts"].endswith("Z") and line["level"] == "info" for line in requests)
    assert [line["operation"] for line in requests][:3] == [
        "create_memory",
        "list_memories",
        "unknown",
    ]
    assert [line["status"] for line in requests] == [200, 200, 404, 400, 400, 400, 499]
    owned = {(line["owner"], line["key_id"]) for line in requests if line["status"] == 200}
    assert owned == {("default", key_id(server.api_key))}
    for secret in ("4711", server.api_key):
        assert secret not in errors
