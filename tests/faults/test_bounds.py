"""What a service sends, or does not take, can fill neither memory nor time."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from memoryos._transport.response_body import MAX_BODY_BYTES, BodyReader
from memoryos.exceptions import APITimeoutError, InvalidResponseError, ServerError
from memoryos.testing import Fault, Reply, faults

from .callers import done

MEGABYTE = 1024 * 1024
# Larger than what sockets, TLS and the proxy hold between them.
LARGE_TEXT = "x" * (24 * MEGABYTE)


@pytest.mark.parametrize("fault", [faults.BOMB, faults.LARGE_IN_CHUNKS, faults.LARGE], ids=str)
def test_a_large_answer_takes_no_more_memory_than_the_limit(caller, proxy, fault):
    """Of 100 MB and more, the client never holds much more than the 64 MB that it reads."""
    proxy.fail_next(fault)
    fault.reply.content()  # made before it is measured

    async def use(client):
        with pytest.raises(InvalidResponseError, match=f"larger than {MAX_BODY_BYTES}"):
            await done(client.memories.list())

    tracemalloc.start()
    try:
        caller.run(use, proxy.base_url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MAX_BODY_BYTES + 16 * MEGABYTE


def test_a_large_error_is_still_its_status(caller, proxy):
    """The body of an error is bounded too, and the status counts."""
    proxy.fail_next(Fault("large error", reply=Reply(500, bytes(MEGABYTE), times=100)))

    async def use(client):
        with pytest.raises(ServerError) as raised:
            await done(client.memories.list())
        assert raised.value.status == 500

    caller.run(use, proxy.base_url, max_retries=0)


def test_an_answer_up_to_the_limit_is_read(caller, proxy):
    """The bound is no smaller than it says: 60 MB of text come whole, compressed or not."""
    text = "x" * (60 * MEGABYTE)
    body = b'{"data": {"content": "%s"}}' % text.encode()
    packed = Reply(200, gzip.compress(body, 1), (("Content-Encoding", "gzip"),))
    proxy.fail_next(Fault("packed", reply=packed))
    proxy.fail_next(Fault("plain", reply=Reply(200, body)))

    async def use(client):
        for _ in range(2):
            assert (await done(client.search("x")))["content"] == text

    caller.run(use, proxy.base_url)


@pytest.mark.parametrize("length", ["\u00b2", "9" * 5000, "-1", "1, 1", ""])
def test_a_stated_length_that_is_none_breaks_nothing(length):
    """Whatever HTTP's parser lets through: passed over, or taken for too large."""
    body = BodyReader({"content-length": length}, limit=10)
    body.feed(b"12345")
    assert body.content() == (b"" if "9" in length else b"12345")


def test_a_dripping_answer_ends_with_the_timeout(own, network):
    """Each byte comes in time and the whole does not: the answer is never waited for to its end."""
    proxy, settings = network
    proxy.fail_always(faults.drip(0.02))

    async def use(client):
        with pytest.raises(APITimeoutError, match=r"within 0\.2 seconds"):
            await done(client.memories.list())
        assert proxy.counts.answers == 0

    own.run(use, proxy.base_url, timeout=0.2, max_retries=0, **settings)


def test_a_service_that_takes_no_body_is_given_up_on(own, network):
    """A body larger than every buffer can't be written: writing ends with the timeout, too."""
    proxy, settings = network
    proxy.fail_always(faults.HANGS_IN_REQUEST)

    async def use(client):
        with pytest.raises(APITimeoutError, match=r"within 0\.2 seconds"):
            await done(client.memories.create(LARGE_TEXT))
        assert proxy.counts.requests == 0

    own.run(use, proxy.base_url, timeout=0.2, max_retries=0, **settings)


@pytest.mark.parametrize(
    "fault", [faults.drip(0.02), faults.HANGS_ON_CONNECTION, faults.HANGS_IN_ANSWER], ids=str
)
def test_the_deadline_of_a_call_cuts_an_attempt_short(own, network, fault):
    """The timeout would allow an hour; the deadline of the whole call does not."""
    proxy, settings = network
    proxy.fail_always(fault)

    async def use(client):
        with pytest.raises(APITimeoutError, match="within 0") as raised:
            await done(client.memories.list())
        assert raised.value.attempts == 1

    own.run(use, proxy.base_url, timeout=3600, deadline=0.2, max_retries=9, **settings)


def test_a_large_body_goes_and_comes_whole(caller, network):
    """Some megabytes each way, at once and piece by piece."""
    proxy, settings = network
    if caller.through_httpx and settings:
        settings = {}

    async def use(client):
        answer = await done(client.memories.create(LARGE_TEXT, metadata={"n": 1}))
        assert (len(answer["content"]), answer["metadata"]) == (len(LARGE_TEXT), {"n": 1})

    caller.run(use, proxy.base_url, **settings)
