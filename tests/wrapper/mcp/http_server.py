"""A server with `/mcp` in a thread of this process, and its API keys."""

from __future__ import annotations

import contextlib
import socket
import threading

from memoryos.mcp._http import create_endpoint
from memoryos_server.embedders.registry import named_embedder
from memoryos_server.http.app import new_threads
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.server import create_server
from memoryos_server.mcp_http import McpEndpoint
from memoryos_server.service.operations import open_service

PATIENCE_SECONDS = 30


class HTTPServer:
    """A server on a place for memories.

    Attributes:
        new_key: Makes an API key; takes what `Service.create_key` takes.
    """

    def __init__(self, place, *, rate_limiter=None, **settings):
        self.service = open_service(place, embedder=named_embedder("hashing"))
        self.new_key = self.service.create_key
        dispatcher = Dispatcher(self.service, rate_limiter=rate_limiter)
        threads = new_threads()
        endpoint = McpEndpoint(dispatcher, threads, load=create_endpoint, **settings)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "{}:{}".format(*self._listener.getsockname())
        self.url = f"http://{self.address}/mcp"
        self._server = create_server(
            dispatcher, endpoints=[endpoint], threads=threads, log_requests=True
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],))
        self._thread.start()

    def stop(self):
        """Stop it; it closes the service."""
        self._server.should_exit = True
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()
        self._listener.close()


@contextlib.contextmanager
def serving(place=":memory:", **settings):
    """Serve during the block."""
    server = HTTPServer(place, **settings)
    try:
        yield server
    finally:
        server.stop()
