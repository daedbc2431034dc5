"""The embedders that ask OpenAI or Ollama: what they send, and what they make of every answer."""

from __future__ import annotations

import json
import logging
import traceback

import httpx
import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.chunking import requests, windows  # noqa: E402
from memoryos_server.embedders.hashing_embedder import HashingEmbedder  # noqa: E402
from memoryos_server.embedders.http_service import Clock, SettingError  # noqa: E402
from memoryos_server.embedders.ollama import OllamaEmbedder  # noqa: E402
from memoryos_server.embedders.openai import OpenAIEmbedder  # noqa: E402
from memoryos_server.embedders.retry_policy import (  # noqa: E402
    REQUEST,
    Policy,
    delay_before_retry,
    is_retried,
)
from memoryos_server.errors import ServiceError  # noqa: E402

TELLTALE = "TELLTALE0123456789"
KEY = f"sk-{TELLTALE}"
MEMORY = "Ada's secret"


class Service:
    """A stand-in for a service, which answers as planned, and then as it should."""

    def __init__(self):
        self.plan = []
        self.requests = []
        self.slept = []
        self.now = 0.0
        self.dimension = 1536
        self.clock = Clock(
            monotonic=lambda: self.now, wall=lambda: 0, random=lambda: 0.5, sleep=self._sleep
        )
        self.transport = httpx.MockTransport(self._answer)

    def _sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def _answer(self, request):
        self.requests.append(request)
        planned = self.plan.pop(0) if self.plan else None
        if isinstance(planned, Exception):
            raise planned
        return planned or self.embeddings(request)

    def embeddings(self, request, change=lambda rows: rows):
        """Return what the service that was asked would answer, or what `change` makes of it."""
        texts = json.loads(request.content)["input"]
        rows = change(HashingEmbedder(self.dimension).embed(texts).tolist())
        if request.url.path.endswith("/api/embed"):
            return httpx.Response(200, json={"embeddings": rows, "prompt_eval_count": len(texts)})
        data = [{"index": number, "embedding": row} for number, row in enumerate(rows)]
        return httpx.Response(
            200, json={"data": data[::-1], "usage": {"total_tokens": 3 * len(texts)}}
        )

    def bodies(self):
        return [json.loads(request.content) for request in self.requests]


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def openai(service, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\r\n")
    return OpenAIEmbedder(transport=service.transport, clock=service.clock)


@pytest.fixture
def ollama(service):
    service.dimension = 768
    return OllamaEmbedder("nomic-embed-text", transport=service.transport, clock=service.clock)


@pytest.fixture(params=["openai", "ollama"])
def embedder(request):
    return request.getfixturevalue(request.param)


def failing(status, code=None, **headers):
    said = {"message": f"{TELLTALE} {MEMORY}", "code": code}
    return httpx.Response(status, json={"error": said}, headers=headers)


def error_of(embedder):
    with pytest.raises(ServiceError) as raised:
        embedder.embed([MEMORY])
    assert (raised.value.status, raised.value.code) == (503, "UNAVAILABLE")
    return raised.value


# What is sent, and what comes of it


def test_openai_is_asked_as_its_documentation_says(openai, service):
    openai.embed(["tea", "coffee"])
    (request,) = service.requests
    assert str(request.url) == "https://api.openai.com/v1/embeddings"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {
        "model": "text-embedding-3-small",
        "input": ["tea", "coffee"],
        "encoding_format": "float",
    }


def test_ollama_is_asked_as_its_documentation_says(ollama, service):
    ollama.embed(["tea", "coffee"])
    (request,) = service.requests
    assert str(request.url) == "http://127.0.0.1:11434/api/embed"
    assert "authorization" not in request.headers
    assert json.loads(request.content) == {"model": "nomic-embed-text", "input": ["tea", "coffee"]}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("gpu.lan", "http://gpu.lan:11434"),
        ("0.0.0.0:9999", "http://127.0.0.1:9999"),
        ("https://ollama.example.com/", "https://ollama.example.com"),
        ("http://[::1]", "http://[::1]:11434"),
    ],
)
def test_the_host_of_ollama_is_read_as_ollama_reads_it(monkeypatch, host, url):
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert OllamaEmbedder("m").sends_to == url


def test_openai_can_be_another_address(monkeypatch, service):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://proxy.test/openai/v1/")
    OpenAIEmbedder(transport=service.transport).embed(["tea"])
    assert str(service.requests[0].url) == "http://proxy.test/openai/v1/embeddings"


def test_rows_come_in_the_order_of_the_texts_and_have_length_one(embedder, service):
    """OpenAI's answer names the order, and the stand-in turns it round."""
    texts = ["tea", "coffee", "milk"]
    rows = embedder.embed(texts)
    expected = HashingEmbedder(service.dimension).embed(texts)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, expected, atol=1e-6)
    assert embedder.embed([]).shape[0] == 0


def test_many_texts_are_sent_in_batches_and_each_once(embedder, service):
    texts = [f"text {number % 250}" for number in range(300)]
    rows = embedder.embed(texts)
    assert rows.shape == (300, service.dimension)
    assert [len(body["input"]) for body in service.bodies()] == [128, 122]
    np.testing.assert_array_equal(rows[10], rows[260])


def test_what_was_just_embedded_is_not_paid_for_again(openai, service):
    openai.embed(["tea"])
    openai.embed(["tea", "milk"])
    assert [body["input"] for body in service.bodies()] == [["tea"], ["milk"]]
    assert openai.usage == (2, 6)


def test_a_long_text_is_the_mean_of_its_windows(openai, service):
    """No window has more tokens than the model reads, since none has more bytes."""
    text = "wörd " * 3000
    (row,) = openai.embed([text])
    sent = [part for body in service.bodies() for part in body["input"]]
    assert "".join(sent) == text
    assert max(len(part.encode()) for part in sent) <= 8000
    assert np.linalg.norm(row) == pytest.approx(1)
    openai.embed(["x" * 1_000_000])
    assert sum(len(body["input"]) for body in service.bodies()) == len(sent) + 16


def test_windows_never_cut_a_character():
    for size in (4, 5, 7, 9):
        found = windows(3, "a😀b é " * 5, size, 1000)
        assert "".join(part.text for part in found) == "a😀b é " * 5
        assert all(part.row == 3 and part.size <= size for part in found)
    assert [part.text for part in windows(0, "", 8, 4)] == [""]


def test_requests_are_bounded_in_texts_and_in_bytes():
    parts = windows(0, "x" * 100, 10, 100)
    groups = list(requests(parts, texts=4, size=25))
    assert [len(group) for group in groups] == [2, 2, 2, 2, 2]
    assert [len(group) for group in requests(parts, texts=4, size=1000)] == [4, 4, 2]


def test_the_dimension_is_learnt_from_the_first_answer(ollama, service):
    assert ollama.dimension == 768
    ollama.embed(["tea"])
    assert len(service.requests) == 2


@pytest.mark.parametrize("balance", [0.1, 0.35, 0.55, 0.95])
def test_the_assumed_map_puts_its_balance_at_seven_tenths(balance):
    """And is monotone, from 0 to 1."""
    cosines = np.linspace(-1, 1, 101)
    similarities = OllamaEmbedder("m", balance=balance).similarity(cosines)
    assert (np.diff(similarities) >= 0).all()
    assert (similarities.min(), similarities.max()) == (0, 1)
    found = OllamaEmbedder("m", balance=balance).similarity(np.array([balance]))
    assert found[0] == pytest.approx(0.7, abs=1e-4)


# Failures


@pytest.mark.parametrize(
    "trouble",
    [
        failing(500),
        failing(503),
        failing(429, "rate_limit_exceeded"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut off"),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again(embedder, service, trouble):
    service.plan = [trouble, trouble]
    assert embedder.embed(["tea"]).shape == (1, service.dimension)
    assert len(service.requests) == 3
    assert service.slept == [0.25, 0.5]


def test_the_service_says_how_long_to_wait(openai, service):
    service.plan = [
        failing(429, **{"retry-after": "7"}),
        failing(503, **{"retry-after-ms": "1500"}),
    ]
    openai.embed(["tea"])
    assert service.slept == [7, 1.5]


def test_a_wait_that_no_client_would_sit_out_is_handed_on(openai, service):
    """At once, with what the service asked for."""
    service.plan = [failing(429, **{"retry-after": "90"})]
    error = error_of(openai)
    assert (service.slept, error.retry_after) == ([], 90)


def test_it_gives_up_after_some_attempts(embedder, service):
    service.plan = [failing(500)] * 9
    error = error_of(embedder)
    assert len(service.requests) == 1 + REQUEST.max_retries
    assert "answered 500" in error.message
    assert error.retry_after == 1


def test_it_gives_up_at_its_deadline(service, monkeypatch):
    """Whatever may be left of the attempts."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    policy = Policy(timeout=10, deadline=5, max_retries=99)
    embedder = OpenAIEmbedder(transport=service.transport, clock=service.clock, policy=policy)
    service.plan = [failing(500)] * 99
    error_of(embedder)
    assert service.now < 5
    assert len(service.requests) < 8


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (401, "invalid_api_key", "answered 401 (invalid_api_key): check OPENAI_API_KEY"),
        (429, "insufficient_quota", "answered 429 (insufficient_quota): its quota is used up"),
        (404, "model_not_found", "it must have the model text-embedding-3-small"),
        (400, f"odd {TELLTALE}", "answered 400"),
        (302, None, "answered 302"),
    ],
)
def test_what_lasts_is_not_tried_again(openai, service, status, code, sentence):
    """And clients are told to stay away until somebody has put it right."""
    service.plan = [failing(status, code)]
    error = error_of(openai)
    assert error.message.endswith(sentence)
    assert error.retry_after == 300
    assert len(service.requests) == 1


def test_ollama_without_the_model_says_what_to_do(ollama, service):
    service.plan = [httpx.Response(404, json={"error": 'model "nomic-embed-text" not found'})]
    assert error_of(ollama).message.endswith("run: ollama pull nomic-embed-text")


NONSENSE = {
    "fewer vectors than texts": (lambda rows: rows[:-1], "0 vectors for 1 texts"),
    "more vectors than texts": (lambda rows: rows * 2, "2 vectors for 1 texts"),
    "NaN": (lambda rows: [[None, *rows[0][1:]]], "(NaN or infinite)"),
    "zeros": (lambda rows: [[0.0] * len(rows[0])], "a vector of zeros"),
    "too long": (lambda rows: [[0.1] * 3072], "vectors of 3072 numbers; the API's have 1536"),
    "no vectors": (lambda rows: ["tea"], "something else than vectors"),
    "no numbers": (lambda rows: [["tea"] * 1536], "something else than vectors"),
    "empty": (lambda rows: [[]], "vectors of 0 numbers"),
}


@pytest.mark.parametrize(("change", "sentence"), NONSENSE.values(), ids=NONSENSE)
def test_vectors_that_are_none_are_refused_and_not_asked_for_again(
    embedder, service, change, sentence
):
    request = httpx.Request("POST", embedder.sends_to + "/api/embed", json={"input": [MEMORY]})
    if embedder.name.startswith("openai"):
        request.url = httpx.URL(embedder.sends_to + "/embeddings")
    service.plan = [service.embeddings(request, change)]
    assert sentence in error_of(embedder).message
    assert len(service.requests) == 1


def test_vectors_of_another_length_than_before_are_refused(ollama, service):
    ollama.embed(["tea"])
    service.dimension = 384
    assert "vectors of 384 numbers instead of 768" in error_of(ollama).message


def test_vectors_of_another_length_than_the_models_are_refused(openai, service):
    service.dimension = 512
    assert "vectors of 512 numbers instead of 1536" in error_of(openai).message


@pytest.mark.parametrize(
    "body",
    [b"<html></html>", b"[]", b'{"data": 1}', b'{"data": [{}]}', b"{}", b"[" * 100_000, b"null"],
)
def test_an_answer_of_another_form_is_refused(embedder, service, body):
    service.plan = [httpx.Response(200, content=body)]
    assert "something else than" in error_of(embedder).message
    assert len(service.requests) == 1


def test_an_answer_that_never_ends_is_cut_off(openai, service):
    """By its time: each piece comes soon, and the whole never does."""

    def drip():
        while True:
            service.now += 3
            yield b" "

    service.plan = [httpx.Response(200, content=drip()) for _ in range(5)]
    assert "took too long to answer" in error_of(openai).message
    assert service.now < 30


def test_an_answer_that_is_too_large_is_cut_off(openai, service):
    def flood():
        while True:
            yield b" " * 2**20

    service.plan = [httpx.Response(200, content=flood())]
    assert "more than fits into memory" in error_of(openai).message
    assert len(service.requests) == 1


# Secrets


def test_no_error_log_or_traceback_shows_the_key_or_a_memory(openai, service, caplog):
    """Not even where the service repeats both, as OpenAI's 401 repeats a part of the key."""
    caplog.set_level(logging.DEBUG)
    for status in (401, 400, 429, 500):
        service.plan = [failing(status, "code")] * 3
        error = error_of(openai)
        shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        shown += f"{error!r} {error} {vars(error)} {openai!r} {vars(openai)} {openai._service!r}"
        shown += f"{vars(openai._service)} {caplog.text}"
        assert TELLTALE not in shown
        assert MEMORY not in error.message


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (None, "no key: set the environment variable OPENAI_API_KEY"),
        ("  ", "no key"),
        (f"{KEY}\nx", "OPENAI_API_KEY is malformed"),
        (f"{KEY}é", "OPENAI_API_KEY is malformed"),
    ],
)
def test_a_key_that_can_not_be_sent_is_refused_and_not_repeated(monkeypatch, key, sentence):
    if key is not None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(SettingError, match=sentence) as error:
        OpenAIEmbedder()
    assert TELLTALE not in str(error.value)


@pytest.mark.parametrize(
    "url", ["ftp://x", f"https://u:{TELLTALE}@host/v1", "https://h?k=1", "x y"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(monkeypatch, url):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(SettingError, match="OPENAI_BASE_URL must be an address") as error:
        OpenAIEmbedder()
    assert TELLTALE not in str(error.value)


# The policy by itself


@pytest.mark.parametrize(
    ("status", "code", "retried"),
    [(None, "", True), (500, "", True), (429, "", True), (429, "insufficient_quota", False)]
    + [(status, "", False) for status in (301, 400, 401, 403, 404)],
)
def test_the_policy_knows_what_may_pass(status, code, retried):
    assert is_retried(status, code) is retried


def test_pauses_double_up_to_a_limit_and_end_with_the_attempts():
    policy = Policy(timeout=1, deadline=100, max_retries=6)
    delays = [delay_before_retry(n, None, 100, policy, lambda: 1.0) for n in range(1, 8)]
    assert delays == [0.5, 1, 2, 4, 8, 8, None]
    assert delay_before_retry(1, 30, 29, policy, lambda: 1.0) is None
