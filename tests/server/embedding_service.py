"""A stand-in for OpenAI's embeddings, on a port of this machine."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from memoryos_server.embedders.hashing_embedder import HashingEmbedder

TOKENS_OF_A_TEXT = 100


class EmbeddingService:
    """What it was asked for, and how it answers.

    Attributes:
        environment: leads the embedder to it.
        texts: all that it was asked to embed.
        fails_after: after so many answers it fails; None for never.
        refuses: whether it refuses the key.
    """

    def __init__(self, base_url):
        self.environment = {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "sk-stand-in"}
        self.texts = []
        self.fails_after = None
        self.refuses = False

    def answer(self, body):
        """Return the status and the answer to one request."""
        if self.refuses:
            return 401, {"error": {"message": "wrong", "code": "invalid_api_key"}}
        if self.fails_after is not None:
            self.fails_after -= 1
            if self.fails_after < 0:
                return 500, {"error": {"message": "away", "code": None}}
        self.texts += body["input"]
        rows = HashingEmbedder(1536).embed(body["input"]).tolist()
        data = [{"index": number, "embedding": row} for number, row in enumerate(rows)]
        return 200, {"data": data, "usage": {"total_tokens": TOKENS_OF_A_TEXT * len(rows)}}


@contextlib.contextmanager
def embedding_service():
    """Serve it for a while."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = service.answer(body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service = EmbeddingService(f"http://127.0.0.1:{server.server_port}/v1")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
