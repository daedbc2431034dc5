"""A model that Ollama runs, on this machine or another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .http_service import HttpService, SettingError, checked_url, environment
from .remote import RemoteEmbedder, Reply
from .retries import REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from .http_service import Clock
    from .retries import Policy

__all__ = ["OllamaEmbedder"]

BALANCE = 0.55
"""The cosine that is taken for the similarity 0.7 where nothing else is said: assumed, not fitted.
Models differ; most of those that Ollama offers put unrelated texts far above 0.
"""

HOST_VARIABLE = "OLLAMA_HOST"
_HOST = "http://127.0.0.1:11434"
_PORT = 11434
_LATEST = ":latest"

# What Ollama does not read of a window it leaves out without a word, so windows are short.
_WINDOW_BYTES = 2_000


class _OllamaWire:
    path = "/api/embed"

    def __init__(self, model: str) -> None:
        self._model = model

    def body(self, texts: Sequence[str]) -> Mapping[str, Any]:
        return {"model": self._model, "input": list(texts)}

    def read(self, answer: Any) -> Reply:
        return Reply(answer["embeddings"], int(answer.get("prompt_eval_count") or 0))


class OllamaEmbedder(RemoteEmbedder):
    """Has Ollama embed the texts: memories and queries are sent to OLLAMA_HOST.

    Args:
        model: its name in Ollama, such as `nomic-embed-text`; it must have been pulled.
        balance: the cosine that is to be the similarity 0.7, 0.1 to 0.95.
        policy: how long and how often to try.
        transport: what sends the requests; by default httpx's own.
        clock: time and chance, for tests.

    Raises:
        SettingError: the model has no name, or OLLAMA_HOST is no address.
        ValueError: `balance` is out of its range.
    """

    def __init__(
        self,
        model: str,
        *,
        balance: float = BALANCE,
        policy: Policy = REQUEST,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        model = model.strip().removesuffix(_LATEST)
        if not model or not model.isprintable():
            raise SettingError("the model is missing: write ollama:MODEL, as in ollama:bge-m3")
        service = HttpService(
            f"ollama:{model}",
            _host(environment(HOST_VARIABLE) or _HOST),
            advice={404: f"run: ollama pull {model}"},
            policy=policy,
            transport=transport,
            clock=clock,
        )
        super().__init__(
            f"ollama:{model}", service, _OllamaWire(model), balance=balance, window=_WINDOW_BYTES
        )


def _host(given: str) -> str:
    """Return the address that OLLAMA_HOST means, which may lack the scheme and the port."""
    url = checked_url(given if "://" in given else f"http://{given}", HOST_VARIABLE)
    host = url.partition("://")[2].partition("/")[0]
    has_port = ":" in host.rpartition("]")[2]
    needs_port = url.startswith("http://") and not has_port and host == url.partition("://")[2]
    url = f"{url}:{_PORT}" if needs_port else url
    # What Ollama listens on to be reached from everywhere is no address to reach it by.
    return url.replace("://0.0.0.0", "://127.0.0.1", 1)
