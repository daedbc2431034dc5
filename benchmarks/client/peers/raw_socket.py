"""A socket and prepared bytes, as a lower bound for HTTP clients. It checks only the status."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

import workload


class Blocking:
    def __init__(self, address: str, roots: str | None) -> None:
        parts = urlsplit(address)
        self._host = parts.hostname or ""
        self._socket = socket.create_connection((self._host, parts.port or 80), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if roots is not None:
            context = ssl.create_default_context(cafile=roots)
            self._socket = context.wrap_socket(self._socket, server_hostname=self._host)

    def create(self) -> Any:
        return self._exchange("POST", "/memories", workload.MEMORY)

    def list(self, count: int) -> Any:
        return self._exchange("GET", f"/memories?limit={count}&offset=0")

    def search(self) -> Any:
        return self._exchange("POST", "/search", workload.SEARCH)["results"]

    def search_by_vector(self, embedding: Any) -> Any:
        return self._exchange("POST", "/search", workload.by_vector(embedding))["results"]

    def _exchange(self, method: str, target: str, body: Any = None) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} /v1{target} HTTP/1.1\r\nhost: {self._host}\r\n"
            f"authorization: Bearer {workload.KEY}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + content)
        return json.loads(self._read())["data"]

    def _read(self) -> bytes:
        received = b""
        while True:
            part = self._socket.recv(65536)
            received += part
            end = received.find(b"\r\n\r\n") + 4
            start = received.find(b"content-length: ", 0, end) + 16
            if end > 3 and len(received) - end >= int(
                received[start : received.index(b"\r", start)]
            ):
                assert received.startswith(b"HTTP/1.1 200 ")
                return received[end:]
            if not part:
                raise ConnectionError("the server has hung up")

    def close(self) -> None:
        self._socket.close()
