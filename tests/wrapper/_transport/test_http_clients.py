"""The caller's client: httpx's, httpx2's, or something that is rejected when it is passed."""

from __future__ import annotations

import gzip
import importlib
import inspect
import json
import ssl
import unittest.mock

import httpx
import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._transport.httpx_adapter import failure_of, is_failure
from memoryos._transport.response_body import MAX_BODY_BYTES
from memoryos.exceptions import APIConnectionError, APITimeoutError, InvalidResponseError

from .. import contract_answers as answers

pytestmark = pytest.mark.anyio

KEY = "mos_test_x"
BASE_URL = "http://api.test/v1"
PAGE = json.dumps(answers.page([])).encode()


class Kind:
    """A package, and one kind of its clients."""

    def __init__(self, package, *, is_async):
        self.package = importlib.import_module(package)
        self.is_async = is_async

    def http_client(self, handler):
        """Make a client whose requests a function answers."""
        client_class = self.package.AsyncClient if self.is_async else self.package.Client
        return client_class(transport=self.package.MockTransport(handler))

    def client(self, handler, **settings):
        """Make a client of the SDK on it."""
        client_class = AsyncMemoryOS if self.is_async else MemoryOS
        return client_class(KEY, BASE_URL, http_client=self.http_client(handler), **settings)


@pytest.fixture(params=["sync-httpx", "async-httpx", "sync-httpx2", "async-httpx2"])
def kind(request):
    """Each kind of client that can be passed."""
    flavour, package = request.param.split("-")
    if package == "httpx2":
        pytest.importorskip("httpx2", reason="it needs Python 3.11")
    return Kind(package, is_async=flavour == "async")


async def done(value):
    """Return what a call hands out, whichever client made it."""
    return await value if inspect.isawaitable(value) else value


ERRORS = [
    ("ConnectError", False, False, False),
    ("ConnectTimeout", True, False, False),
    ("PoolTimeout", True, False, False),
    ("ReadTimeout", True, True, False),
    ("WriteTimeout", True, True, False),
    ("ReadError", False, True, False),
    ("WriteError", False, True, False),
    ("CloseError", False, True, False),
    ("ProxyError", False, False, False),
    ("RemoteProtocolError", False, True, False),
    ("LocalProtocolError", False, False, True),
    ("UnsupportedProtocol", False, False, True),
    ("InvalidURL", False, False, True),
    ("DecodingError", False, True, True),
    ("TooManyRedirects", False, True, True),
]


@pytest.mark.parametrize(("name", "timed_out", "sent", "permanent"), ERRORS)
async def test_every_error_means_the_same_in_each_package(kind, name, timed_out, sent, permanent):
    """Which are retried, and which are timeouts."""
    cause = getattr(kind.package, name)("it broke")
    failure = failure_of(cause)
    assert (failure.timed_out, failure.sent, failure.permanent) == (timed_out, sent, permanent)

    calls = []

    def fail(_request):
        calls.append(1)
        raise cause

    client = kind.client(fail, max_retries=2)
    client._session.sleep = _no_sleep_async if kind.is_async else _no_sleep
    expected = APITimeoutError if timed_out else APIConnectionError
    with pytest.raises(expected) as raised:
        await done(client.tags.list())
    assert raised.value.__cause__ is cause
    assert len(calls) == (1 if permanent else 3)


def _no_sleep(_seconds):
    """Don't wait."""


async def _no_sleep_async(_seconds):
    """Don't wait."""


async def test_an_error_of_the_callers_own_class_counts_as_its_base(kind):
    """A subclass of a package's error is one, too."""

    class Flaky(kind.package.ReadTimeout):
        pass

    assert failure_of(Flaky("slow")).timed_out


async def test_a_mistake_in_the_callers_transport_is_not_hidden(kind):
    """It is no failure of the network."""

    def fail(_request):
        return {}["mistake"]

    with pytest.raises(KeyError, match="mistake"):
        await done(kind.client(fail).tags.list())


async def test_a_refused_certificate_says_what_to_do(kind):
    """It isn't retried."""
    refusal = ssl.SSLCertVerificationError(1, "certificate verify failed")
    refusal.verify_code = 20

    def fail(_request):
        raise kind.package.ConnectError("refused") from refusal

    with pytest.raises(APIConnectionError, match="SSL_CERT_FILE") as raised:
        await done(kind.client(fail).tags.list())
    assert raised.value.attempts == 1


async def test_a_closed_client_says_so(kind):
    """The caller has closed it."""
    http_client = kind.http_client(lambda _request: kind.package.Response(200))
    await done(http_client.aclose() if kind.is_async else http_client.close())
    client_class = AsyncMemoryOS if kind.is_async else MemoryOS
    with pytest.raises(APIConnectionError, match="closed") as raised:
        await done(client_class(KEY, BASE_URL, http_client=http_client).tags.list())
    assert raised.value.attempts == 1


@pytest.mark.off_contract(reason="a body is too large")
async def test_a_body_is_decoded_up_to_the_limit(kind):
    """By the SDK, whatever package received it."""
    bomb = gzip.compress(bytes(MAX_BODY_BYTES + 1), 1)

    def respond(_request):
        stream = _stream(kind, bomb)
        return kind.package.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    with pytest.raises(InvalidResponseError, match="larger than"):
        await done(kind.client(respond).tags.list())


def _stream(kind, body):
    """Return a stream that comes in parts, as from a network."""
    if not kind.is_async:

        class Parts(kind.package.SyncByteStream):
            def __iter__(self):
                yield body

    else:

        class Parts(kind.package.AsyncByteStream):
            async def __aiter__(self):
                yield body

    return Parts()


async def test_exception_groups_and_impossible_ports_are_failures():
    """anyio raises a group where it connects to several addresses."""

    class Group(Exception):  # noqa: N818 - as ExceptionGroup, which is newer than Python 3.8
        exceptions = (OverflowError("port must be 0-65535"),)

    assert is_failure(Group())
    failure = failure_of(Group())
    assert str(failure.cause) == "port must be 0-65535"
    assert failure.permanent
    Group.exceptions = (KeyError("mistake"),)
    assert not is_failure(Group())


@pytest.mark.parametrize("is_async", [False, True])
async def test_an_impossible_port_of_the_callers_proxy_is_a_clear_error(is_async):
    """Sockets reject it with an OverflowError, in a group where anyio connects."""
    name = "AsyncHTTPTransport" if is_async else "HTTPTransport"
    proxy = httpx.Proxy("http://127.0.0.1:70000")
    transport = getattr(httpx, name)(proxy=proxy)
    http_client = (httpx.AsyncClient if is_async else httpx.Client)(transport=transport)
    client_class = AsyncMemoryOS if is_async else MemoryOS
    with pytest.raises(APIConnectionError):
        await done(client_class(KEY, BASE_URL, http_client=http_client, max_retries=0).tags.list())
    await done(http_client.aclose() if is_async else http_client.close())


@pytest.mark.parametrize("package", ["httpx", "httpx2"])
def test_the_wrong_kind_of_client_is_rejected_at_once(package):
    """The error names the class that is needed, and what takes this one."""
    module = pytest.importorskip(package, reason="it needs Python 3.11")
    with module.Client() as http_client, pytest.raises(TypeError) as raised:
        AsyncMemoryOS(KEY, BASE_URL, http_client=http_client)
    assert str(raised.value) == (
        f"http_client of AsyncMemoryOS must be an {package}.AsyncClient, not an {package}.Client, "
        "which MemoryOS takes"
    )
    with pytest.raises(TypeError, match=f"must be an {package}.Client, not .*AsyncMemoryOS takes"):
        MemoryOS(KEY, BASE_URL, http_client=module.AsyncClient())


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("http://proxy", "not str"),
        (object(), "not object"),
        (httpx, "not module"),
        (httpx.Client, "not the class httpx.Client; pass an instance"),
        (httpx.HTTPTransport(), "not httpx.HTTPTransport"),
        (False, "not bool"),
    ],
    ids=["a string", "an object", "a module", "a class", "a transport", "False"],
)
@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
def test_what_is_no_client_is_rejected_at_once(client_class, given, name):
    """The error names its type."""
    needed = "httpx.AsyncClient" if client_class is AsyncMemoryOS else "httpx.Client"
    with pytest.raises(TypeError, match=f"must be an {needed}, {name}"):
        client_class(KEY, BASE_URL, http_client=given)


def test_subclasses_and_mocks_are_accepted():
    """Starlette's TestClient, clients of other SDKs, and mocks with a spec."""

    class Own(httpx.Client):
        """As a caller may write it."""

    with Own() as own:
        MemoryOS(KEY, BASE_URL, http_client=own)
    MemoryOS(KEY, BASE_URL, http_client=unittest.mock.Mock(spec=httpx.Client))
    AsyncMemoryOS(KEY, BASE_URL, http_client=unittest.mock.Mock(spec=httpx.AsyncClient))
