"""Keys and addresses of embedding services; no error repeats a secret."""

from __future__ import annotations

import pickle
import traceback

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders import OpenAIEmbedder
from memoryos_server.embedders.remote.settings import BearerAuth, EmbedderSettingError

from .fake_service import KEY, MARKER


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (None, "no key: set the environment variable OPENAI_API_KEY"),
        ("  ", "no key"),
        (f"{KEY}\nx", "OPENAI_API_KEY is malformed"),
        (f"{KEY}é", "OPENAI_API_KEY is malformed"),
    ],
)
def test_an_unusable_key_is_rejected_and_not_repeated(monkeypatch, key, message):
    if key is not None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(EmbedderSettingError, match=message) as error:
        OpenAIEmbedder()
    beyond_this_test = error.value.__traceback__.tb_next
    shown = traceback.TracebackException(
        error.type, error.value, beyond_this_test, capture_locals=True
    )
    assert MARKER not in "".join(shown.format())


@pytest.mark.parametrize(
    "url", ["ftp://x", f"https://u:{MARKER}@host/v1", "https://h?k=1", "x y", "http://h:0"]
)
def test_a_malformed_address_is_rejected_and_not_repeated(monkeypatch, url):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(EmbedderSettingError, match="OPENAI_BASE_URL must be an address") as error:
        OpenAIEmbedder()
    assert MARKER not in str(error.value)


def test_a_key_is_in_no_repr_and_no_pickle(openai_embedder):
    assert MARKER not in repr(BearerAuth(KEY))
    for secretive in (BearerAuth(KEY), openai_embedder):
        with pytest.raises(TypeError):
            pickle.dumps(secretive)
