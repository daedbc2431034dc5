"""One connection of the HTTP server: uvicorn's protocol, with time limits and error envelopes."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.flow_control import CLOSE_HEADER, FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol

from .access_log import CLIENT_DISCONNECTED, Entry, format_client
from .connection_limits import LAST_REQUEST_SECONDS, MAX_DISCARDED_BODY_BYTES
from .exchange import LOST_STATUS, REQUEST_ID
from .http_errors import head_timeout, malformed_request, not_encrypted
from .lingering_transport import LingeringTransport
from .request_limits import MAX_HEAD_BYTES, MAX_PATH_BYTES, MAX_QUERY_STRING_BYTES

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from .dispatch import Dispatcher, Response
    from .http_errors import HTTPError

__all__ = ["Connection", "WaitingConnections"]


class WaitingConnections:
    """The connections that wait for a request or for the client to close them.

    Args:
        limit: Maximum number of connections, waiting or not.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._waiting: dict[Connection, None] = {}  # in the order in which they began to wait

    def add(self, connection: Connection) -> None:
        """Add a connection, unless it waits already."""
        self._waiting.setdefault(connection)

    def discard(self, connection: Connection) -> None:
        """Remove a connection, if it waits."""
        self._waiting.pop(connection, None)

    def abort_oldest(self) -> None:
        """Abort the connection that has waited longest."""
        for connection in self._waiting:
            self.discard(connection)
            connection.transport.abort()
            return


class _FlowControl(FlowControl):
    """Flow control that reads no further requests while one is in progress.

    uvicorn reads on whenever the application asks for the body, so the requests that a client
    sends ahead would fill the memory.
    """

    def __init__(self, transport: asyncio.Transport, needs_data: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._needs_data = needs_data

    def resume_reading(self) -> None:
        if self._needs_data():
            super().resume_reading()


class Connection(H11Protocol):
    """One connection.

    Unlike uvicorn's protocol, it limits the time for the headers, the number of connections and the
    time without progress in sending a response; answers in the error envelope of the contract if
    it can't parse a request; answers clients that close their sending half; and closes a
    connection such that the client receives the response.

    Args:
        dispatcher: Makes the responses to malformed requests.
        waiting: The waiting connections of the server.
        head_timeout_seconds: Time for the headers of a request to arrive, in seconds.
        record: Logs and counts malformed requests.
        uvicorn: The arguments of uvicorn's protocol.
    """

    transport: LingeringTransport

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        waiting: WaitingConnections,
        head_timeout_seconds: float,
        record: Callable[[Entry], None],
        **uvicorn: Any,
    ) -> None:
        super().__init__(**uvicorn)
        self._dispatcher = dispatcher
        self._waiting = waiting
        self._head_timeout_seconds = head_timeout_seconds
        self._record = record
        self._head_timer: asyncio.TimerHandle | None = None
        self._received_eof = False
        self._discarded_bytes = 0
        self._lost_status: int | None = None
        # uvicorn copies it into the scope of each request.
        self.app_state = {**self.app_state, LOST_STATUS: self._find_lost_status}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for a request, and close the longest waiting connection at the limit."""
        super().connection_made(LingeringTransport(transport, self._may_receive, self.loop))
        self.flow = _FlowControl(self.transport, self._needs_data)
        if len(self.connections) > self._waiting.limit:
            self._waiting.abort_oldest()
        self._update_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._waiting.discard(self)
        self._stop_head_timer()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        self.transport.cancel_timer()

    def data_received(self, data: bytes) -> None:
        """Parse received data, or discard it if the connection is closing."""
        if self.transport.is_closing():
            self._discarded_bytes += len(data)
            if self._discarded_bytes > MAX_DISCARDED_BODY_BYTES:
                self.transport.abort()
            return
        super().data_received(data)
        self._update_waiting()

    def handle_events(self) -> None:
        """Parse the received data; ignore empty lines before a request (RFC 9112, section 2.2)."""
        received, _ = self.conn.trailing_data
        if self.conn.their_state is h11.IDLE and received.startswith((b"\r", b"\n")):
            # h11 rejects empty lines. Before a request, a new parser is in the same state.
            self.conn = h11.Connection(h11.SERVER, MAX_HEAD_BYTES)
            if request := received.lstrip(b"\r\n"):
                self.conn.receive_data(request)
        super().handle_events()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Return whether to keep the connection open, because requests are to be answered."""
        self._received_eof = True
        if self.transport.is_closing() or not self._is_responding():
            return False
        if self.conn.their_state is h11.SEND_BODY:  # the body will never be complete
            self._abandon_request(CLIENT_DISCONNECTED)
            return False
        return True

    def on_response_complete(self) -> None:
        """Parse the next request, or wait for it."""
        super().on_response_complete()
        if self._received_eof and not self._is_responding():
            self.transport.close()
        # uvicorn has tried before it was ready for the next request.
        self.flow.resume_reading()
        self._update_waiting()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - plain text, not the envelope
        """Reject a request that h11 can't parse. uvicorn calls it while it handles the error."""
        error = sys.exc_info()[1]
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        request_line = self.conn.trailing_data[0].partition(b"\n")[0]
        if status == 431 and len(request_line) > MAX_PATH_BYTES + MAX_QUERY_STRING_BYTES:
            status = 414
        self._reject(malformed_request(status))

    def reject_unencrypted(self, received: bytes) -> None:
        """Reject a request without TLS to an address that needs it.

        Args:
            received: The received data, which is not parsed.
        """
        self.conn.receive_data(received)
        self._reject(not_encrypted())

    def shutdown(self) -> None:
        """Close the connection after the response to a request in progress, or that comes soon."""
        if self.transport.is_closing():
            self.transport.abort()
        elif self._is_responding():
            self.cycle.keep_alive = False
            self.cycle.default_headers = self.server_state.default_headers  # which now say so
        else:
            self._head_timeout_seconds = min(self._head_timeout_seconds, LAST_REQUEST_SECONDS)
            self._stop_head_timer()
            self._update_waiting()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self.transport.watch_writing()

    def resume_writing(self) -> None:
        """Write again."""
        super().resume_writing()
        if not self.transport.is_closing():
            self.transport.cancel_timer()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Ignore the request to upgrade; uvicorn would log advice to install something."""

    def _update_waiting(self) -> None:
        """Limit the time in which the next request's headers arrive."""
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE:
            self._waiting.add(self)
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(
                    self._head_timeout_seconds, self._time_out_head
                )
            return
        self._stop_head_timer()
        if self.transport.is_closing():
            self._waiting.add(self)
        else:
            self._waiting.discard(self)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _time_out_head(self) -> None:
        self._head_timer = None
        if self.conn.trailing_data[0]:
            self._reject(head_timeout(self._head_timeout_seconds))
        else:
            self.transport.close()

    def _reject(self, error: HTTPError) -> None:
        """Answer what isn't a valid request, and close the connection."""
        responding = self._is_responding()
        may_respond = self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE)
        if responding:  # its headers were valid: the application logs it
            self._abandon_request(error.status)
        if may_respond:
            request_id = self._dispatcher.new_request_id()
            if responding:
                request_id = self.scope["state"].setdefault(REQUEST_ID, request_id)
            response = self._dispatcher.reject(error, request_id)
            self._send(response)
            if not responding:
                client, sent = format_client(self.client), len(response.body)
                entry = Entry("", "", error.status, 0, request_id, client=client, sent_bytes=sent)
                self._record(entry)
        self.transport.close()

    def _send(self, response: Response) -> None:
        headers = [
            *(header for header in self.server_state.default_headers if header != CLOSE_HEADER),
            *((name.lower().encode(), value.encode("latin-1")) for name, value in response.headers),
            CLOSE_HEADER,
        ]
        reason = HTTPStatus(response.status).phrase.encode()
        for event in (
            h11.Response(status_code=response.status, headers=headers, reason=reason),
            h11.Data(data=response.body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")

    def _abandon_request(self, status: int) -> None:
        """Make the application give up the request that it reads."""
        self._lost_status = status
        self.cycle.disconnected = True
        self.cycle.message_event.set()

    def _find_lost_status(self) -> int | None:
        """Return the status to log for the current request if its response was not sent."""
        if self._lost_status is None and self.cycle.disconnected:
            return CLIENT_DISCONNECTED
        return self._lost_status

    def _is_responding(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _needs_data(self) -> bool:
        """Return whether the current or the next request is incomplete."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def _may_receive(self) -> bool:
        """Return whether the client may still send a part of a request."""
        if self._received_eof:
            return False
        return self.conn.their_state in (h11.SEND_BODY, h11.ERROR) or bool(
            self.conn.trailing_data[0]
        )
