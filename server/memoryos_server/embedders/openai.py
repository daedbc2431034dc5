"""OpenAI's text-embedding-3-small, or a service that speaks like OpenAI's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .http_service import HttpService, checked_key, checked_url, environment
from .remote import RemoteEmbedder, Reply
from .retries import REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from .http_service import Clock
    from .retries import Policy

__all__ = ["DOLLARS_PER_MILLION_TOKENS", "MODEL", "OpenAIEmbedder"]

MODEL = "text-embedding-3-small"
DIMENSION = 1536

DOLLARS_PER_MILLION_TOKENS = 0.02
"""OpenAI's price for the model as published in July 2026; it may be another one when you read it.
"""

BALANCE = 0.35
"""The cosine that is taken for the similarity 0.7: assumed, not fitted, since nothing here can ask
the model.
"""

KEY_VARIABLE = "OPENAI_API_KEY"
BASE_URL_VARIABLE = "OPENAI_BASE_URL"
_BASE_URL = "https://api.openai.com/v1"

# The model reads 8,191 tokens, and no token is shorter than a byte.
_WINDOW_BYTES = 8_000
_ADVICE = {
    401: f"check {KEY_VARIABLE}",
    403: f"the key in {KEY_VARIABLE} may not use the model {MODEL}",
    404: f"check {BASE_URL_VARIABLE}; it must have the model {MODEL}",
    429: "its quota is used up",
}


class _OpenAIWire:
    path = "/embeddings"

    def body(self, texts: Sequence[str]) -> Mapping[str, Any]:
        return {"model": MODEL, "input": list(texts), "encoding_format": "float"}

    def read(self, answer: Any) -> Reply:
        found = sorted(answer["data"], key=lambda item: item["index"])
        if [item["index"] for item in found] != list(range(len(found))):
            raise ValueError("the numbers of the vectors have gaps")
        tokens = (answer.get("usage") or {}).get("total_tokens", 0)
        return Reply([item["embedding"] for item in found], int(tokens))


class OpenAIEmbedder(RemoteEmbedder):
    """Has OpenAI embed the texts: memories and queries are sent there, and paid for.

    The key comes from OPENAI_API_KEY, and another address from OPENAI_BASE_URL.

    Args:
        policy: how long and how often to try.
        transport: what sends the requests; by default httpx's own.
        clock: time and chance, for tests.

    Raises:
        SettingError: there is no usable key or address.
    """

    def __init__(
        self,
        *,
        policy: Policy = REQUEST,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        name = f"openai:{MODEL}"
        service = HttpService(
            name,
            checked_url(environment(BASE_URL_VARIABLE) or _BASE_URL, BASE_URL_VARIABLE),
            key=checked_key(environment(KEY_VARIABLE), KEY_VARIABLE),
            advice=_ADVICE,
            policy=policy,
            transport=transport,
            clock=clock,
        )
        super().__init__(
            name,
            service,
            _OpenAIWire(),
            balance=BALANCE,
            window=_WINDOW_BYTES,
            dimension=DIMENSION,
            dollars_per_million=DOLLARS_PER_MILLION_TOKENS,
        )
