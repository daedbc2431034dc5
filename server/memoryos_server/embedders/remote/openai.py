"""Embedder for OpenAI's text-embedding-3-small, or a service with the same API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .http_service import HttpService
from .remote_embedder import EmbeddingResponse, RemoteEmbedder
from .settings import bearer_auth, environment, validate_url
from .timeouts_and_retries import REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from .timeouts_and_retries import RetryPolicy

__all__ = ["DOLLARS_PER_MILLION_TOKENS", "MODEL", "OpenAIEmbedder"]

MODEL = "text-embedding-3-small"
DIMENSION = 1536

DOLLARS_PER_MILLION_TOKENS = 0.02
"""OpenAI's price for the model as published in July 2026; it may have changed since."""

BALANCE = 0.35
"""The cosine mapped to similarity 0.7: assumed, not fitted."""

MAX_WINDOW_BYTES = 8_000
"""The model reads 8,191 tokens, and no token is shorter than a byte."""

KEY_VARIABLE = "OPENAI_API_KEY"
BASE_URL_VARIABLE = "OPENAI_BASE_URL"
DEFAULT_BASE_URL = "https://api.openai.com/v1"

_ADVICE = {
    401: f"check {KEY_VARIABLE}",
    403: f"the key in {KEY_VARIABLE} may not use the model {MODEL}",
    404: f"check {BASE_URL_VARIABLE}; it must have the model {MODEL}",
    429: "its quota is used up",
}


class _OpenAIApi:
    path = "/embeddings"

    def request_body(self, texts: Sequence[str]) -> Mapping[str, Any]:
        return {"model": MODEL, "input": list(texts), "encoding_format": "float"}

    def parse_response(self, body: Any) -> EmbeddingResponse:
        items = sorted(body["data"], key=lambda item: item["index"])
        if [item["index"] for item in items] != list(range(len(items))):
            raise ValueError("the indexes of the vectors have gaps")
        tokens = (body.get("usage") or {}).get("total_tokens", 0)
        return EmbeddingResponse([item["embedding"] for item in items], int(tokens))


class OpenAIEmbedder(RemoteEmbedder):
    """Sends memories and queries to OpenAI, which charges for them.

    The key comes from the environment variable OPENAI_API_KEY, and another address from
    OPENAI_BASE_URL.

    Args:
        policy: Timeouts and retries.
        transport: Sends the requests; by default httpx's own, with the environment's proxies.

    Raises:
        EmbedderSettingError: The key or the address is missing or malformed.
    """

    def __init__(
        self, *, policy: RetryPolicy = REQUEST, transport: httpx.BaseTransport | None = None
    ) -> None:
        name = f"openai:{MODEL}"
        base_url = environment(BASE_URL_VARIABLE) or DEFAULT_BASE_URL
        service = HttpService(
            name,
            validate_url(base_url, BASE_URL_VARIABLE),
            auth=bearer_auth(KEY_VARIABLE),
            advice=_ADVICE,
            policy=policy,
            transport=transport,
        )
        super().__init__(
            name,
            service,
            _OpenAIApi(),
            balance=BALANCE,
            max_window_bytes=MAX_WINDOW_BYTES,
            dimension=DIMENSION,
            dollars_per_million=DOLLARS_PER_MILLION_TOKENS,
        )
