"""Responses to requests that failed with an exception."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ReadOnlyStoreError, ServiceError

from .error_log import log_failure, log_unhandled_error
from .responses import error_response, internal_error_response

if TYPE_CHECKING:
    from .responses import Response

__all__ = ["failure_response"]


def failure_response(error: Exception, *, operation: str, request_id: str) -> Response:
    """Return the response to a request whose handling raised `error`.

    An error that isn't a `ServiceError` is logged, and the client learns nothing about it. One that
    the operator may have to mend, such as a full disk, is logged too.

    Args:
        error: The exception.
        operation: Method and path template of the request, for the log.
        request_id: ID of the request.
    """
    if isinstance(error, ServiceError):
        is_of_the_server = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if is_of_the_server or isinstance(error, ReadOnlyStoreError):
            log_failure(error.message, operation=operation, request_id=request_id)
        return error_response(error, request_id)
    log_unhandled_error(error, operation=operation, request_id=request_id)
    return internal_error_response(request_id)
