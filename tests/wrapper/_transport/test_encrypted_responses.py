"""Responses over TLS: when they are complete, and when their connection can be used again."""

from __future__ import annotations

import ssl
import warnings
from contextlib import suppress

import pytest

from memoryos._transport.http1.engine import ENGINE
from memoryos._transport.http1.response_reader import ResponseReader
from memoryos._transport.receivers import EncryptedResponse, TLSHandshake
from memoryos._transport.tls_codec import TLSCodec

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
TRUNCATED = RESPONSE[:-1]
RECORD_HEADER_BYTES = 5


class Peer:
    """A TLS server without I/O, and the client's codec that is connected to it."""

    def __init__(self, authority, version):
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(server)
        server.minimum_version = server.maximum_version = version
        client = ssl.create_default_context()
        authority.configure_trust(client)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._ssl = server.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.codec = TLSCodec(client, "localhost")
        self._shake_hands()

    def _shake_hands(self):
        handshake = TLSHandshake(self.codec)
        handshake.feed(b"")
        while not handshake.is_complete:
            self._incoming.write(handshake.to_send())
            with suppress(ssl.SSLWantReadError):
                self._ssl.do_handshake()
            handshake.feed(self._outgoing.read())
        self._incoming.write(handshake.to_send())
        self._ssl.do_handshake()
        tickets = self._outgoing.read()  # none in TLS 1.2
        if tickets:
            self.codec.received(tickets)
            assert self.codec.decrypt() == b""

    def encrypted(self, data):
        """Return data as the server sends it, in one record."""
        self._ssl.write(data)
        return self._outgoing.read()

    def closing(self):
        """Return the message that ends the encrypted stream."""
        with suppress(ssl.SSLWantReadError):
            self._ssl.unwrap()
        return self._outgoing.read()

    def receiver(self):
        """Return what reads the response to a request."""
        return EncryptedResponse(self.codec, ResponseReader("GET", ENGINE))


@pytest.fixture(scope="module")
def authority():
    """A certificate authority that nobody else knows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cryptography warns of old interpreters when imported
        import trustme
    return trustme.CA()


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def peer(request, authority):
    """A connection of each version of TLS."""
    return Peer(authority, request.param)


@pytest.mark.parametrize("size", [1, 4, 5, 6, 7, 64, 1000])
def test_a_connection_is_reused_however_its_records_are_split(peer, size):
    """Also where a read ends within the header of a record."""
    for _ in range(3):
        receiver = peer.receiver()
        data = peer.encrypted(RESPONSE[:20]) + peer.encrypted(RESPONSE[20:])
        for start in range(0, len(data), size):
            assert not receiver.is_complete
            receiver.feed(data[start : start + size])
        assert receiver.is_complete
        assert receiver.can_reuse


def test_a_connection_that_the_peer_ended_is_not_reused(peer):
    """The end of the encrypted stream came in one read with the response; TCP stays open."""
    receiver = peer.receiver()
    receiver.feed(peer.encrypted(RESPONSE) + peer.closing())
    assert receiver.is_complete
    assert not receiver.can_reuse


@pytest.mark.parametrize("size", [1, RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + 1, -1])
def test_a_connection_with_a_part_of_a_surplus_record_is_not_reused(peer, size):
    """The rest of it would be read as the response to the next request."""
    receiver = peer.receiver()
    response = peer.encrypted(RESPONSE)
    receiver.feed(response + peer.encrypted(RESPONSE)[:size])
    assert receiver.is_complete
    assert not receiver.can_reuse


def damaged(record):
    return record[:-1] + bytes([record[-1] ^ 1])


def test_a_damaged_record_after_a_response_costs_the_connection_only(peer):
    """As if it had come in the next read."""
    receiver = peer.receiver()
    receiver.feed(peer.encrypted(RESPONSE) + damaged(peer.encrypted(b"surplus")))
    assert receiver.is_complete
    assert not receiver.can_reuse


def test_a_damaged_record_within_a_response_is_an_error(peer):
    """Whatever came before it."""
    receiver = peer.receiver()
    with pytest.raises(ssl.SSLError):
        receiver.feed(peer.encrypted(TRUNCATED) + damaged(peer.encrypted(b"}")))
