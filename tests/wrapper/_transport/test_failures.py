"""What goes wrong on the way: tried again as the rules say, and raised as a MemoryOSError."""

from __future__ import annotations

import inspect
import ssl

import httpcore
import httpx
import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._transport.failures import failure_of
from memoryos._transport.http1.errors import InvalidRequestError
from memoryos._transport.httpx_adapter import failure_of as httpx_failure
from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    InvalidResponseError,
    MemoryOSError,
    RateLimitError,
)

from .. import contract_answers as answers

pytestmark = pytest.mark.anyio

ID = "550e8400-e29b-41d4-a716-446655440000"
MEMORY = answers.memory(id=ID)
SUCCESS = httpx.Response(200, json=answers.success(MEMORY))
UNAVAILABLE = {"json": answers.failure("UNAVAILABLE")}
BROKEN = {"json": answers.failure("INTERNAL_ERROR")}
BUSY = {"json": answers.failure("RATE_LIMIT_EXCEEDED")}


def exceptions_of(module, roots):
    """Return every public exception class of a module below these roots."""
    return [
        member
        for _, member in sorted(inspect.getmembers(module, inspect.isclass))
        if issubclass(member, roots)
    ]


HTTPX_EXCEPTIONS = exceptions_of(httpx, (httpx.TransportError, httpx.StreamError))
HTTPX_EXCEPTIONS += [httpx.InvalidURL, httpx.DecodingError, httpx.TooManyRedirects]
HTTPCORE_EXCEPTIONS = exceptions_of(
    httpcore,
    (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ),
)
SYSTEM_EXCEPTIONS = [OSError, ConnectionResetError, BrokenPipeError, ssl.SSLError, TimeoutError]


def instance(exception_class):
    """Make an exception as its library would."""
    if issubclass(exception_class, httpx.StreamError):
        return _stream_error(exception_class)
    return exception_class("it broke")


def _stream_error(exception_class):
    takes_nothing = len(inspect.signature(exception_class.__init__).parameters) == 1
    return exception_class() if takes_nothing else exception_class("it broke")


@pytest.mark.parametrize("exception_class", HTTPCORE_EXCEPTIONS + SYSTEM_EXCEPTIONS)
async def test_no_raw_exception_escapes_from_a_client_without_an_http_client(api, exception_class):
    """Whatever httpcore, sockets or TLS raise is a MemoryOSError with the cause attached."""
    cause = instance(exception_class)
    api.router.route().mock(side_effect=cause)
    with pytest.raises((APIConnectionError, APITimeoutError)) as raised:
        await api.done(api.client(max_retries=0).memories.get(ID))
    reported = raised.value.__cause__
    assert cause in (reported, reported.__cause__)  # respx makes the SDK send through httpx


@pytest.mark.parametrize("exception_class", HTTPX_EXCEPTIONS + SYSTEM_EXCEPTIONS)
async def test_no_raw_exception_escapes_from_the_callers_httpx_client(api, exception_class):
    """Whatever httpx raises is a MemoryOSError with the cause attached."""
    cause = instance(exception_class)

    def fail(_request):
        raise cause

    http_client = api.http_client(transport=httpx.MockTransport(fail))
    with pytest.raises((APIConnectionError, APITimeoutError)) as raised:
        await api.done(api.client(max_retries=0, http_client=http_client).memories.get(ID))
    assert raised.value.__cause__ is cause


@pytest.mark.parametrize(
    "cause",
    [httpcore.ReadTimeout("slow"), httpcore.ConnectTimeout("slow"), httpcore.WriteTimeout("slow")],
    ids=repr,
)
async def test_a_timeout_is_told_apart_from_a_broken_connection(api, cause):
    """Its status is 504, and the error names the seconds."""
    api.router.route().mock(side_effect=cause)
    with pytest.raises(APITimeoutError, match="within 7 seconds") as raised:
        await api.done(api.client(max_retries=0, timeout=7).memories.get(ID))
    assert raised.value.status == 504


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".test"])
@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_a_host_name_that_can_not_be_is_a_connection_error(host, kind):
    """Python refuses to look it up with a UnicodeError, before there is any network."""
    client_class = MemoryOS if kind == "sync" else AsyncMemoryOS
    client = client_class("mos_test_x", f"http://{host}/v1", max_retries=0)
    with pytest.raises(APIConnectionError):
        await finished(client.tags.list())


async def finished(value):
    """Return what a call hands out, whichever client made it."""
    return await value if inspect.isawaitable(value) else value


async def test_roots_that_can_not_be_read_are_a_connection_error(api, monkeypatch):
    """SSL_CERT_FILE names a file that is not there."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/roots.pem")
    client = api.client(base_url="https://memory.test/v1", max_retries=0)
    with pytest.raises(APIConnectionError) as raised:
        await api.done(client.memories.get(ID))
    assert isinstance(raised.value.__cause__, FileNotFoundError)


async def test_a_proxy_that_can_not_be_used_is_a_connection_error(api, monkeypatch):
    """httpx refuses the address of the proxy with a ValueError."""
    monkeypatch.setenv("HTTP_PROXY", "nonsense://proxy.test")
    with pytest.raises(APIConnectionError, match="proxy"):
        await api.done(api.client(max_retries=0).memories.get(ID))


async def test_a_closed_httpx_client_is_a_connection_error(api):
    """The caller closed what the client was to send through."""
    http_client = api.http_client()
    await api.done(http_client.aclose() if api.is_async else http_client.close())
    with pytest.raises(APIConnectionError, match="closed"):
        await api.done(api.client(max_retries=0, http_client=http_client).memories.get(ID))


@pytest.mark.parametrize("own", [True, False], ids=["own", "httpx"])
async def test_a_request_that_http_does_not_allow_is_not_retried(api, own):
    """No attempt could send it, and none has."""
    error_class = httpcore.LocalProtocolError if own else httpx.LocalProtocolError
    api.router.route().mock(side_effect=error_class("Illegal header value"))
    client = api.client(**({} if own else {"http_client": api.http_client()}))
    with pytest.raises(APIConnectionError, match="Illegal header value") as raised:
        await api.done(client.memories.get(ID))
    assert (raised.value.attempts, api.waits) == (1, [])


@pytest.mark.parametrize(
    "failure",
    [
        failure_of(InvalidRequestError("x")),
        httpx_failure(httpx.LocalProtocolError("x")),
    ],
)
def test_a_request_that_http_does_not_allow_was_not_sent(failure):
    """So a NOT_FOUND that follows is no success of a deletion."""
    assert (failure.sent, failure.permanent) == (False, True)


async def test_every_attempt_carries_the_same_request(api):
    """Idempotency key, body and address never change, so a lost answer makes no second memory."""
    busy = httpx.Response(503, **UNAVAILABLE)
    outcomes = [busy, httpcore.ReadTimeout("slow"), ConnectionResetError(), SUCCESS]
    api.router.post("/memories").mock(side_effect=outcomes)
    assert await api.done(api.client().memories.create("tea")) == MEMORY
    sent = {
        (str(request.url), request.content, tuple(sorted(request.headers.multi_items())))
        for request, _ in api.router.calls
    }
    assert (len(sent), api.router.calls.call_count) == (1, 4)
    assert api.router.calls.last.request.headers["idempotency-key"]
    assert api.waits == [0.5, 1, 2]


async def test_the_callers_idempotency_key_is_kept_through_all_attempts(api):
    """Who names the creation can repeat the call itself."""
    created = httpx.Response(200, json=answers.success(answers.entity()))
    api.router.post("/entities").mock(side_effect=[httpx.Response(500, **BROKEN), created])
    await api.done(api.client().entities.create("Ada", "person", idempotency_key="mine"))
    keys = [call.request.headers["idempotency-key"] for call in api.router.calls]
    assert keys == ["mine", "mine"]


async def test_max_retries_is_obeyed(api):
    """The constructor's argument reaches the protocol."""
    api.router.route().respond(500, **BROKEN)
    with pytest.raises(MemoryOSError) as raised:
        await api.done(api.client(max_retries=1).memories.get(ID))
    assert (raised.value.attempts, api.router.calls.call_count) == (2, 2)


async def test_the_deadline_is_obeyed(api):
    """The constructor's argument reaches the protocol: waits of 0.5, 1 and 2 s don't fit in 2 s."""
    api.router.route().respond(500, **BROKEN)
    with pytest.raises(MemoryOSError):
        await api.done(api.client(max_retries=9, deadline=2).memories.get(ID))
    assert api.waits == [0.5, 1]


async def test_retry_after_is_obeyed(api):
    """The wait is the service's, to the second."""
    busy = httpx.Response(429, headers={"Retry-After": "3"}, **BUSY)
    api.router.route().mock(side_effect=[busy, SUCCESS])
    assert await api.done(api.client().memories.get(ID)) == MEMORY
    assert api.waits == [3]


async def test_a_long_retry_after_is_raised_at_once(api):
    """The caller decides what to do with ten minutes."""
    api.router.route().respond(429, headers={"Retry-After": "600"}, **BUSY)
    with pytest.raises(RateLimitError) as raised:
        await api.done(api.client().memories.get(ID))
    assert (raised.value.retry_after, raised.value.attempts, api.waits) == (600, 1, [])


async def test_a_deletion_whose_answer_was_lost_is_done(api):
    """404 after an attempt of unknown outcome means that it was deleted."""
    lost, gone = httpcore.ReadTimeout("slow"), answers.failure("NOT_FOUND")
    outcomes = [lost, httpx.Response(404, json=gone)]
    api.router.delete(f"/memories/{ID}").mock(side_effect=outcomes)
    assert await api.done(api.client().memories.delete(ID)) == {"deleted": True}


@pytest.mark.off_contract(reason="a redirect is no answer of the contract")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("through_httpx", [False, True], ids=["own", "httpx"])
async def test_a_redirect_is_not_followed(api, status, through_httpx):
    """The key goes nowhere else, not even through an httpx client that follows redirects."""
    location = "http://elsewhere.test/v1/memories"  # where every request fails the test
    api.router.post("/memories").respond(status, headers={"Location": location})
    http_client = api.http_client(follow_redirects=True) if through_httpx else None
    with pytest.raises(InvalidResponseError) as raised:
        await api.done(api.client(http_client=http_client).memories.create("tea"))
    assert (raised.value.status, raised.value.details["status"]) == (502, status)
    assert api.router.calls.call_count == 1


@pytest.mark.off_contract(reason="a page of HTML is no answer of the contract")
@pytest.mark.parametrize("through_httpx", [False, True], ids=["own", "httpx"])
async def test_a_sign_in_page_is_no_answer(api, through_httpx):
    """HTML with status 200 is an error that tells what came, and is not tried again."""
    api.router.route().respond(200, html="<html>Please sign in</html>")
    http_client = api.http_client() if through_httpx else None
    with pytest.raises(InvalidResponseError, match="base_url") as raised:
        await api.done(api.client(http_client=http_client).memories.list())
    assert raised.value.details["content_type"].startswith("text/html")
    assert api.router.calls.call_count == 1


@pytest.mark.off_contract(reason="204 answers a deletion only")
@pytest.mark.parametrize(
    "call", [lambda client: client.memories.list(), lambda client: client.memories.get(ID)]
)
async def test_no_content_is_no_answer_to_a_question(api, call):
    """Only a deletion has nothing to tell."""
    api.router.route().respond(204)
    with pytest.raises(InvalidResponseError):
        await api.done(call(api.client()))
