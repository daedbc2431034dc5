"""Embedder for a model that Ollama runs, on this machine or on another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .http_service import HttpService
from .remote_embedder import EmbeddingResponse, RemoteEmbedder
from .settings import EmbedderSettingError, environment, validate_url
from .timeouts_and_retries import REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from .timeouts_and_retries import RetryPolicy

__all__ = ["OllamaEmbedder"]

BALANCE = 0.55
"""The cosine mapped to similarity 0.7 by default: assumed, not fitted. Models differ; with most
that Ollama offers, the cosine of unrelated texts is far above 0.
"""

MAX_WINDOW_BYTES = 2_000
"""Short, because Ollama silently drops what exceeds a model's context."""

HOST_VARIABLE = "OLLAMA_HOST"
DEFAULT_PORT = 11434
DEFAULT_HOST = f"http://127.0.0.1:{DEFAULT_PORT}"

_LATEST = ":latest"


class _OllamaApi:
    path = "/api/embed"

    def __init__(self, model: str) -> None:
        self._model = model

    def request_body(self, texts: Sequence[str]) -> Mapping[str, Any]:
        return {"model": self._model, "input": list(texts)}

    def parse_response(self, body: Any) -> EmbeddingResponse:
        return EmbeddingResponse(body["embeddings"], int(body.get("prompt_eval_count") or 0))


class OllamaEmbedder(RemoteEmbedder):
    """Sends memories and queries to Ollama at OLLAMA_HOST, by default on this machine.

    Args:
        model: The model's name in Ollama, such as `nomic-embed-text`; it must have been pulled.
        balance: The cosine mapped to similarity 0.7, 0.1 to 0.95.
        policy: Timeouts and retries.
        transport: Sends the requests; by default httpx's own, with the environment's proxies.

    Raises:
        EmbedderSettingError: The model's name is empty, or OLLAMA_HOST is malformed.
        ValueError: `balance` is out of its range.
    """

    def __init__(
        self,
        model: str,
        *,
        balance: float = BALANCE,
        policy: RetryPolicy = REQUEST,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        model = model.strip().removesuffix(_LATEST)
        if not model or not model.isprintable():
            raise EmbedderSettingError(
                "the model is missing: write ollama:MODEL, as in ollama:bge-m3"
            )
        name = f"ollama:{model}"
        service = HttpService(
            name,
            _base_url(environment(HOST_VARIABLE) or DEFAULT_HOST),
            advice={404: f"run: ollama pull {model}"},
            policy=policy,
            transport=transport,
        )
        super().__init__(
            name, service, _OllamaApi(model), balance=balance, max_window_bytes=MAX_WINDOW_BYTES
        )


def _base_url(host: str) -> str:
    """Return the URL for a value of OLLAMA_HOST, which may lack the scheme and the port."""
    url = validate_url(host if "://" in host else f"http://{host}", HOST_VARIABLE)
    location = url.partition("://")[2]
    authority = location.partition("/")[0]
    has_port = ":" in authority.rpartition("]")[2]
    if url.startswith("http://") and not has_port and authority == location:
        url = f"{url}:{DEFAULT_PORT}"
    # Ollama takes 0.0.0.0 to listen on all interfaces; clients can't connect to that address.
    return url.replace("://0.0.0.0", "://127.0.0.1", 1)
