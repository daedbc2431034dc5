"""A stand-in for the part of OpenAI's HTTP API that the documentation's examples call.

It answers a chat with a fixed sentence and remembers what it was asked. Embeddings are those of the
local embedder, with zeros up to the length that OpenAI's model has.
"""

from __future__ import annotations

import base64
import contextlib
import json
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from memoryos_server.embedders import default_embedder

DIMENSIONS = 1536
REPLY = "Write something small that you need yourself."


class OpenAIStandIn:
    """What was asked, and where to ask it."""

    def __init__(self, base_url):
        self.environment = {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "sk-stand-in"}
        self.asked = []

    def answer(self, path, body):
        """Return the answer to one request."""
        self.asked.append((path, body))
        return {"/v1/chat/completions": _completion, "/v1/embeddings": _embeddings}[path](body)


def _completion(body):
    message = {"role": "assistant", "content": REPLY, "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def _embeddings(body):
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    rows = default_embedder().embed(texts).tolist()
    vectors = [_encoded(row + [0.0] * (DIMENSIONS - len(row)), body) for row in rows]
    return {
        "object": "list",
        "model": body["model"],
        "data": [
            {"object": "embedding", "index": index, "embedding": vector}
            for index, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }


def _encoded(vector, body):
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


@contextlib.contextmanager
def openai_stand_in():
    """Serve it on a free port of this machine, for a while."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps(stand_in.answer(self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stand_in = OpenAIStandIn(f"http://127.0.0.1:{server.server_port}/v1")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield stand_in
        finally:
            server.shutdown()
            thread.join()
