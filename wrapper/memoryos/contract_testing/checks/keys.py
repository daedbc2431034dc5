"""Checks of API keys, derived from the contract for every operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional

from memoryos.contract_testing.expectations import CheckSkippedError, expect, expect_status

from .registry import Check
from .valid_requests import valid_request

if TYPE_CHECKING:
    from memoryos.contract_testing.contract import Contract, Operation
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

__all__ = ["key_checks"]

_READER_SCOPE = "memories:read"
_UNKNOWN_KEY = "mos_test_" + "0" * 32
_INVALID_AUTHORIZATIONS: Dict[str, Optional[str]] = {
    "no Authorization": None,
    "a key that does not start with mos_": "Bearer sk_test_" + "0" * 32,
    "an unknown key": "Bearer " + _UNKNOWN_KEY,
    "another scheme": "Basic " + _UNKNOWN_KEY,
    "Bearer without a key": "Bearer",
}


def key_checks(contract: Contract) -> Iterator[Check]:
    """Yield the checks for every operation."""
    for operation in contract.operations.values():
        yield _unauthorized(operation)
        yield _forbidden(operation)


def _unauthorized(operation: Operation) -> Check:
    def run(target: Target) -> None:
        for what, authorization in _INVALID_AUTHORIZATIONS.items():
            response = _send(target, operation, authorization)
            expect_status(response, 401, f"a request with {what}")

    description = "A missing, malformed or unknown API key is rejected with 401."
    return Check(operation.id, "needs-a-valid-key", description, run)


def _forbidden(operation: Operation) -> Check:
    def run(target: Target) -> None:
        if target.reader_key is None:
            raise CheckSkippedError(
                f"needs --reader-key, a key with only the scope {_READER_SCOPE}"
            )
        response = _send(target, operation, "Bearer " + target.reader_key)
        if _READER_SCOPE in operation.scopes:
            expect(
                response.is_success,
                f"status {response.status}, although the key has the scope",
                response,
            )
        else:
            expect_status(response, 403, "a request with a key that lacks the permission")
            message = str(response.error.get("message"))
            named = any(scope in message for scope in operation.scopes)
            expect(named, f"the message doesn't name the scope: {message!r}", response)

    description = (
        "A key without the operation's scope is rejected with 403. The message names the scope."
    )
    return Check(operation.id, "needs-its-scope", description, run)


def _send(target: Target, operation: Operation, authorization: Optional[str]) -> Response:
    request: Dict[str, Any] = valid_request(target, operation)
    return target.call(operation.id, authorization=authorization, **request)
