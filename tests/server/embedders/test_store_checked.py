"""What an embedder of a service has beside vectors is there behind the check of the store too."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.embedders.store_checked import StoreCheckedEmbedder
from memoryos_server.search.embedder_languages import languages_of


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
