"""What went wrong in an attempt on a connection of the SDK's own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Generator

from memoryos._protocol.retries import Failure

from .http1.errors import InvalidMessageError, InvalidRequestError
from .tls import advice, certificate_error


class ConnectError(ConnectionError):
    """No connection was established, so nothing was sent."""


class ConnectTimeoutError(ConnectError):
    """The time was over before a connection was established."""


class AttemptTimeoutError(TimeoutError):
    """The time was over before the response was complete."""


@contextmanager
def handshake_failures() -> Generator[None, None, None]:
    """Turn the failures of a TLS handshake into those of connecting.

    Raises:
        ConnectError: The handshake failed.
        ConnectTimeoutError: It took too long.
    """
    try:
        yield
    except AttemptTimeoutError as cause:
        raise ConnectTimeoutError("the time for the TLS handshake is over") from cause
    except (OSError, ValueError) as cause:  # the latter for a name that TLS rejects
        raise ConnectError(str(cause)) from cause


# All that an attempt raises, besides interruptions.
FAILURES = (OSError, InvalidMessageError, InvalidRequestError)


def failure_of(cause: Exception) -> Failure:
    """Return the failure that an exception of an attempt stands for."""
    if isinstance(cause, InvalidMessageError):
        return Failure(cause, permanent=True, invalid=True)
    refusal = certificate_error(cause)
    malformed = isinstance(cause, InvalidRequestError)
    return Failure(
        cause,
        timed_out=isinstance(cause, (ConnectTimeoutError, AttemptTimeoutError)),
        sent=not (malformed or isinstance(cause, ConnectError)),
        permanent=malformed or refusal is not None,
        advice="" if refusal is None else advice(refusal),
    )


def busy(limit: int) -> Failure:
    """Return the failure of a call that got no connection in time."""
    cause = AttemptTimeoutError(f"all {limit} connections are in use")
    return Failure(cause, timed_out=True, sent=False)
