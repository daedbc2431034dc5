"""The requests of the benchmark, as the SDK sends them, and complete as bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["creates", "gets", "searches", "sentences"]

_SUBJECTS = ("Ada", "Grace", "Linus", "Barbara", "Donald", "Edsger", "Margaret", "Tony", "Niklaus")
_VERBS = ("prefers", "remembers", "avoids", "plans", "enjoys", "studies", "repairs", "collects")
_PLACES = ("Berlin", "Lisbon", "Kyoto", "Quito", "Oslo", "Nairobi", "Toronto", "Hanoi", "Malta")
_SYLLABLES = ("ba", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu")


def sentences(count: int, seed: int) -> list[str]:
    """Return different sentences of about 12 words, always the same ones for the same seed."""
    random = np.random.default_rng(seed)

    def word() -> str:
        return "".join(random.choice(_SYLLABLES, size=3))

    return [
        f"{random.choice(_SUBJECTS)} {random.choice(_VERBS)} {word()} and {word()} "
        f"with {word()} in {random.choice(_PLACES)}, as noted on page {number} of book {seed}"
        for number in range(count)
    ]


def creates(key: str, texts: Sequence[str]) -> list[bytes]:
    """Return one `POST /v1/memories` per text, each with an idempotency key."""
    return [
        _request("POST", "/v1/memories", key, {"content": text, "tier": "long"}, idempotent=True)
        for text in texts
    ]


def gets(key: str, ids: Sequence[str], count: int) -> list[bytes]:
    """Return `count` gets of memories chosen at random."""
    random = np.random.default_rng(7)
    return [
        _request("GET", f"/v1/memories/{ids[n]}", key)
        for n in random.integers(len(ids), size=count)
    ]


def searches(key: str, queries: Sequence[str]) -> list[bytes]:
    """Return one `POST /v1/search` per query."""
    return [_request("POST", "/v1/search", key, {"query": query, "limit": 10}) for query in queries]


def _request(
    method: str, path: str, key: str, body: object = None, *, idempotent: bool = False
) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    return (
        "".join(f"{line}\r\n" for line in _head(method, path, key, content, idempotent)).encode()
        + b"\r\n"
        + content
    )


def _head(method: str, path: str, key: str, content: bytes, idempotent: bool) -> Iterator[str]:
    yield f"{method} {path} HTTP/1.1"
    yield "host: 127.0.0.1"
    yield f"authorization: Bearer {key}"
    yield "accept: application/json"
    yield "user-agent: memoryos-benchmark"
    if content:
        yield "content-type: application/json"
        yield f"content-length: {len(content)}"
    if idempotent:
        yield f"idempotency-key: {uuid4()}"
