"""The check of the store before texts are sent to a service, and what stays of the embedder."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.embedders.store_checked import StoreCheckedEmbedder
from memoryos_server.model.errors import ServiceError
from memoryos_server.search.embedder_languages import languages_of
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


class GermanService(HashingEmbedder):
    sends_to = "https://example.com"
    languages = frozenset({"de"})

    def cosine_correction(self, mean, *, is_request):
        return mean + is_request


def check():
    """Allow everything."""


def test_the_languages_and_the_calibration_are_those_of_the_service():
    checked = StoreCheckedEmbedder(GermanService(), check)
    assert languages_of(checked) == {"de"}
    assert checked.cosine_correction(0.5, is_request=True) == 1.5


def test_what_the_service_lacks_is_missing():
    checked = StoreCheckedEmbedder(HashingEmbedder(), check)
    assert languages_of(checked) is None
    assert not hasattr(checked, "cosine_correction")
