"""Calls of an embedding service: retries, limits, errors, and that no secret appears."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback

import httpx
import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")
stamina = pytest.importorskip("stamina", reason="needs the extra [local]: stamina not installed")

from memoryos_server.embedders import OpenAIEmbedder
from memoryos_server.embedders.remote.timeouts_and_retries import REQUEST, RetryPolicy
from memoryos_server.model.errors import ServiceError

from .fake_service import KEY, MARKER, MEMORY, error_of, failing


@pytest.fixture
def embedder_with(service, monkeypatch):
    """Return a function that makes an embedder with a policy."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return lambda policy: OpenAIEmbedder(transport=service.transport, policy=policy)


# Retries


@pytest.mark.parametrize(
    "failure",
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
def test_a_temporary_failure_is_retried_after_growing_pauses(remote_embedder, service, failure):
    service.plan = [failure, failure]
    assert remote_embedder.embed(["tea"]).shape == (1, service.dimension)
    assert len(service.requests) == 3
    first, second = service.pauses
    assert 0.25 <= first <= 0.5 <= second <= 0.75


def test_pauses_double_up_to_a_limit(embedder_with, service):
    service.plan = [failing(500)] * 9
    error_of(embedder_with(RetryPolicy(1, 100, 7, max_jitter_seconds=0)))
    assert service.pauses == [0.25, 0.5, 1, 2, 4, 8, 8]
    assert len(service.requests) == 8


def test_the_service_can_ask_for_a_pause(openai_embedder, service):
    service.plan = [
        failing(429, **{"retry-after": "7"}),
        failing(503, **{"retry-after-ms": "1500"}),
    ]
    openai_embedder.embed(["tea"])
    assert service.pauses == [7, 1.5]


def test_a_requested_pause_beyond_the_deadline_fails_at_once_and_is_passed_on(
    openai_embedder, service
):
    service.plan = [failing(429, **{"retry-after": "90"})]
    error = error_of(openai_embedder)
    assert (service.pauses, error.retry_after) == ([], 90)


def test_requested_pauses_together_do_not_exceed_the_deadline(openai_embedder, service):
    service.plan = [failing(429, **{"retry-after": "12"})] * 3
    error = error_of(openai_embedder)
    assert (service.pauses, error.retry_after) == ([12], 12)


def test_attempts_are_limited(remote_embedder, service):
    service.plan = [failing(500)] * 9
    error = error_of(remote_embedder)
    assert len(service.requests) == 1 + REQUEST.max_retries
    assert "returned HTTP 500" in error.message
    assert error.retry_after == 1


def test_all_attempts_together_are_limited_by_a_deadline(embedder_with, service):
    policy = RetryPolicy(10, 5, 99, max_pause_seconds=1)
    service.plan = [failing(500)] * 99
    error_of(embedder_with(policy))
    assert 3 < service.now < 5
    assert 4 <= len(service.requests) <= 8


def test_an_attempt_has_no_more_time_than_the_deadline_leaves(embedder_with, service):
    timeouts = []

    def respond(request):
        timeouts.append(request.extensions["timeout"]["read"])
        service.now += 3
        raise httpx.ReadTimeout("slow")

    service.transport = httpx.MockTransport(respond)
    error_of(embedder_with(RetryPolicy(4, 8, 1, max_jitter_seconds=0, max_pause_seconds=1)))
    error_of(embedder_with(RetryPolicy(7, 8, 1, max_jitter_seconds=0, max_pause_seconds=1)))
    assert timeouts == [4, 4, 7, 4.75]


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (401, "invalid_api_key", "returned HTTP 401 (invalid_api_key): check OPENAI_API_KEY"),
        (429, "insufficient_quota", "HTTP 429 (insufficient_quota): its quota is used up"),
        (404, "model_not_found", "it must have the model text-embedding-3-small"),
        (400, f"odd {MARKER}", "returned HTTP 400"),
        (302, None, "returned HTTP 302"),
    ],
)
def test_a_permanent_failure_is_not_retried(openai_embedder, service, status, code, message):
    """Its Retry-After keeps clients away until somebody has fixed the cause."""
    service.plan = [failing(status, code)]
    error = error_of(openai_embedder)
    assert error.message.endswith(message)
    assert error.retry_after == 300
    assert len(service.requests) == 1


def test_an_interrupt_is_not_retried(embedder_with, service):
    def interrupted(request):
        service.requests.append(request)
        raise KeyboardInterrupt

    service.transport = httpx.MockTransport(interrupted)
    with pytest.raises(KeyboardInterrupt):
        embedder_with(REQUEST).embed(["tea"])
    assert len(service.requests) == 1


def test_an_application_can_switch_retries_off_for_its_tests(openai_embedder, service):
    service.plan = [failing(500)] * 3
    with stamina.set_testing(True, attempts=1):
        error_of(openai_embedder)
    assert len(service.requests) == 1


# Limits of a response


@pytest.mark.parametrize(
    "body",
    [b"<html></html>", b"[]", b'{"data": 1}', b'{"data": [{}]}', b"{}", b"[" * 100_000, b"null"],
)
def test_a_response_of_another_form_is_rejected(remote_embedder, service, body):
    service.plan = [httpx.Response(200, content=body)]
    assert "something other than" in error_of(remote_embedder).message
    assert len(service.requests) == 1


def test_a_response_that_never_ends_is_cut_off(openai_embedder, service):
    """By its total time: each chunk arrives soon enough for the read timeout."""

    def drip():
        while True:
            service.now += 3
            yield b" "

    service.plan = [httpx.Response(200, content=drip()) for _ in range(5)]
    assert "took too long to respond" in error_of(openai_embedder).message
    assert service.now < 30


def test_a_response_that_is_too_large_is_cut_off(openai_embedder, service):
    def flood():
        while True:
            yield b" " * 2**20

    service.plan = [httpx.Response(200, content=flood())]
    assert "a response that is too large" in error_of(openai_embedder).message
    assert len(service.requests) == 1


# Secrets


def test_no_error_log_or_traceback_contains_the_key_or_a_memory(openai_embedder, service, caplog):
    """Not even if the service repeats both, as OpenAI's 401 repeats a part of the key."""
    caplog.set_level(logging.DEBUG)
    for status in (401, 400, 429, 500):
        service.plan = [failing(status, "code")] * 3
        error = error_of(openai_embedder)
        shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        shown += f"{error!r} {error} {vars(error)} {openai_embedder!r} {vars(openai_embedder)}"
        shown += f"{openai_embedder._service!r} {vars(openai_embedder._service)} {caplog.text}"
        shown += " ".join(str(vars(record)) for record in caplog.records)
        assert MARKER not in shown
        assert MEMORY not in error.message
    retries = [record for record in caplog.records if record.name == "stamina"]
    assert len(retries) == 4
    assert MEMORY not in " ".join(str(vars(record)) for record in retries)


def test_no_traceback_with_local_variables_contains_the_key(openai_embedder, service):
    for status in (401, 500):
        service.plan = [failing(status, "code")] * 3
        with pytest.raises(ServiceError) as raised:
            openai_embedder.embed(["tea"])
        shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        assert "outcome = " in "".join(shown.format())
        assert MARKER not in "".join(shown.format())


RETRY = """
import os, sys, threading
import httpx
from memoryos_server.embedders import MissingEmbedderError, default_embedder, named_embedder
assert "stamina" not in sys.modules
named_embedder("hashing")
assert "stamina" not in sys.modules
from memoryos_server.embedders import OllamaEmbedder
from memoryos_server.embedders.remote.timeouts_and_retries import RetryPolicy
def respond(request):
    return httpx.Response(500)
policy = RetryPolicy(1, 9, 1, initial_pause_seconds=0, max_jitter_seconds=0, max_pause_seconds=0)
embedder = OllamaEmbedder("m", policy=policy, transport=httpx.MockTransport(respond))
try:
    embedder.embed(["tea"])
except Exception as error:
    print(error, threading.active_count())
"""


def test_a_retry_prints_nothing_and_starts_no_thread():
    """stamina is imported only by an embedder that calls a service."""
    command = [sys.executable, "-c", RETRY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("The embedder ollama:m returned HTTP 500 1\n", "")
