"""Checks that the contract gives for every operation: which API keys are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional

from memoryos.contract_testing.expectations import CheckSkippedError, expect_status, expect

from .registry import Check
from .valid_requests import valid_request

if TYPE_CHECKING:
    from memoryos.contract_testing.contract import Contract, Operation
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

__all__ = ["key_checks"]

_READER_SCOPE = "memories:read"
_UNKNOWN_KEY = "mos_test_" + "0" * 32
_REFUSED: Dict[str, Optional[str]] = {
    "no Authorization": None,
    "a key that does not start with mos_": "Bearer sk_test_" + "0" * 32,
    "a key that nobody has": "Bearer " + _UNKNOWN_KEY,
    "another scheme": "Basic " + _UNKNOWN_KEY,
    "no key behind Bearer": "Bearer",
}


def key_checks(contract: Contract) -> Iterator[Check]:
    """Yield the checks for every operation."""
    for operation in contract.operations.values():
        yield _unauthorized(operation)
        yield _forbidden(operation)


def _unauthorized(operation: Operation) -> Check:
    def run(target: Target) -> None:
        for what, authorization in _REFUSED.items():
            response = _send(target, operation, authorization)
            expect_status(response, 401, f"a request with {what}")

    sentence = "A missing, malformed or unknown API key is refused with 401."
    return Check(operation.id, "needs-a-valid-key", sentence, run)


def _forbidden(operation: Operation) -> Check:
    def run(target: Target) -> None:
        if target.reader_key is None:
            raise CheckSkippedError(f"no --reader-key was given, a key with the scope {_READER_SCOPE} only")
        response = _send(target, operation, "Bearer " + target.reader_key)
        if _READER_SCOPE in operation.scopes:
            expect(response.is_success, f"the scope is there, and it is {response.status}", response)
        else:
            expect_status(response, 403, "a request with a key that lacks the scope")
            message = str(response.error.get("message"))
            named = any(scope in message for scope in operation.scopes)
            expect(named, f"the message does not name the scope: {message!r}", response)

    sentence = "A key without the scope of the operation is refused with 403, which names it."
    return Check(operation.id, "needs-its-scope", sentence, run)


def _send(target: Target, operation: Operation, authorization: Optional[str]) -> Response:
    request: Dict[str, Any] = valid_request(target, operation)
    return target.call(operation.id, authorization=authorization, **request)
