"""The metrics of a server, and the file of their token."""

from __future__ import annotations

import os

import pytest

from memoryos_server.commands.errors import UsageError
from memoryos_server.commands.monitoring import create_metrics, observed, read_metrics_token
from memoryos_server.commands.serve_options import ServeOptions

TOKEN = "0123456789abcdef"


@pytest.fixture
def token_file(tmp_path):
    def write(content, mode=0o600):
        path = tmp_path / "token"
        path.write_bytes(content)
        path.chmod(mode)
        return str(path)

    return write


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640])
@pytest.mark.parametrize("content", [b"%s", b"%s\n", b" %s\r\n"])
def test_a_token_is_the_word_in_the_file(token_file, content, mode):
    assert read_metrics_token(token_file(content % TOKEN.encode(), mode)) == TOKEN


def test_without_a_file_there_is_none():
    assert read_metrics_token(None) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"short",
        b"x" * 15,
        b"two words of a token",
        b"two\nlines of a token",
        b"a token\x00with a zero",
        "clé0123456789abcdef".encode(),
        b"x" * 5000,
    ],
)
def test_a_file_without_a_good_token_is_an_error_that_does_not_repeat_it(token_file, content):
    with pytest.raises(UsageError, match="must hold one word of 16 or more ASCII") as caught:
        read_metrics_token(token_file(content))
    assert "openssl rand -hex 32" in str(caught.value)
    assert "two" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o666])
def test_a_file_that_others_can_read_or_write_is_an_error(token_file, mode):
    path = token_file(TOKEN.encode(), mode)
    with pytest.raises(UsageError, match=f"every user; run: chmod 600 {path}"):
        read_metrics_token(path)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(UsageError, match=r"can't read --metrics-token-file .+: \w+"):
            read_metrics_token(str(path))


def test_a_home_folder_is_found(token_file, tmp_path, monkeypatch):
    token_file(TOKEN.encode())
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_metrics_token("~/token") == TOKEN


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ({}, 'store="sqlite"'),
        ({"store": "postgresql://ada:secret@db.example/x"}, 'store="postgresql"'),
    ],
)
def test_the_facts_of_the_server_name_no_place(options, labels):
    text = create_metrics(ServeOptions(**options), None).render().decode()
    line = next(line for line in text.splitlines() if line.startswith("memoryos_build_info{"))
    assert labels in line
    assert 'embedder="none"' in line
    assert "secret" not in text
    assert "example" not in text


def test_the_calls_and_the_tokens_of_an_embedder_are_counted(openai_service):
    from memoryos_server.embedders.registry import named_embedder

    embedder = named_embedder("openai")
    metrics = create_metrics(ServeOptions(), embedder)
    observed(embedder, metrics).embed(["some text", "another one"])
    text = metrics.render().decode()
    assert "\nmemoryos_embedder_texts_total 2.0\n" in text
    assert "\nmemoryos_embedder_service_requests_total 1.0\n" in text
    assert f"\nmemoryos_embedder_service_tokens_total {float(embedder.usage.tokens)}\n" in text


def test_a_server_without_an_embedder_observes_none():
    assert observed(None, create_metrics(ServeOptions(), None)) is None
