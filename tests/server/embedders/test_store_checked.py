"""The check of the store before texts are sent to a service."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.operations import open_service


class SendingEmbedder(HashingEmbedder):
    """Has an address, and records the texts instead of sending them."""

    sends_to = "https://embeddings.test"

    def __init__(self):
        super().__init__(32)
        self.sent = []

    def embed(self, texts):
        self.sent += texts
        return super().embed(texts)


def test_nothing_is_sent_for_a_store_that_another_embedder_filled(tmp_path, start, user_of):
    path = tmp_path / "m.db"
    user_of(start(path)).create("Ada")
    sending = SendingEmbedder()
    user = user_of(open_service(path, embedder=sending))
    for call in (lambda: user.create("Bo"), lambda: user.search("Ada")):
        with pytest.raises(ServiceError, match="was filled by the embedder hashing-384"):
            call()
    assert sending.sent == []
    user.service.close()
