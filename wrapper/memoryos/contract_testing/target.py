"""The server under test: calls by operation id, and the memories of the run."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from .defaults import SETTLE_SECONDS
from .expectations import CheckFailedError, CheckSkippedError, UnusableResponseError
from .response_validation import RESPONSE_CHECKS, ResponseValidator
from .sender import NoResponseError, RateLimitedError, Sender

if TYPE_CHECKING:
    from .contract import Contract, Operation
    from .http_messages import Response
    from .report.results import Results

__all__ = ["Target"]

_POLL_SECONDS = 0.2
_MAX_REQUEST_LINE_CHARACTERS = 200
_NO_BODY: Any = object()


class Target:
    """The server under test, as seen by checks. Validates every response.

    Args:
        contract: The contract.
        sender: Sends the requests.
        results: Collects the problems of responses.
        settle_seconds: Seconds until a search or a list must show a write.
        reader_key: API key with only the scope `memories:read`, or None.
        clock: Returns a monotonic time in seconds.
        sleep: Waits a number of seconds.
    """

    def __init__(
        self,
        contract: Contract,
        sender: Sender,
        results: Results,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        reader_key: Optional[str] = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.contract = contract
        self.sender = sender
        self.results = results
        self.reader_key = reader_key
        self.marker = sender.own.marker
        self._validator = ResponseValidator(contract)
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._sleep = sleep
        self._granted: Set[Tuple[str, ...]] = set()
        self._cache: Dict[str, Any] = {}
        self._numbers = iter(range(1_000_000))

    def call(
        self,
        operation_id: str,
        *,
        memory_id: str = "",
        query: Optional[Mapping[str, Any]] = None,
        body: Any = _NO_BODY,
        content: Optional[bytes] = None,
        headers: Optional[Mapping[str, str]] = None,
        authorization: Optional[str] = "",
    ) -> Response:
        """Call an operation, and validate the response.

        Args:
            operation_id: Id of the operation.
            memory_id: Id in the path, if the operation has one.
            query: Query parameters.
            body: Body, as a JSON value.
            content: Body, as bytes.
            headers: Additional headers.
            authorization: `Authorization` header; None for no header. Default: the run's API key.

        Raises:
            CheckSkippedError: The key lacks the permission, or the server is overloaded.
            UnusableResponseError: There was no response, which is reported as a finding.
        """
        operation = self.contract.operations[operation_id]
        if body is not _NO_BODY:
            content = encode(body)
        response = self.send(
            operation,
            operation.path.replace("{memory_id}", memory_id),
            query=[(name, _query_value(value)) for name, value in (query or {}).items()],
            content=content,
            headers=headers,
            authorization=authorization,
        )
        if authorization == "":
            self._check_scope(operation, response)
        return response

    def send(self, operation: Operation, path: str, **request: Any) -> Response:
        """Send a request, and validate the response.

        Args:
            operation: The operation, for the method and for the results.
            path: Path relative to the base URL, percent-encoded.
            request: Further arguments of `Sender.send`.

        Raises:
            UnusableResponseError: There was no response, which is reported as a finding.
            CheckSkippedError: The server is overloaded.
        """
        check = "answers"
        description = "Every request gets a response."
        try:
            response = self.sender.send(operation.method, path, **request)
        except NoResponseError as error:
            line = f"{operation.method} {path}"[:_MAX_REQUEST_LINE_CHARACTERS]
            self.results.failure(operation.id, check, description, str(error), line)
            raise UnusableResponseError(str(error)) from None
        except RateLimitedError as error:
            raise CheckSkippedError(str(error)) from None
        self.results.passing(operation.id, check, description)
        self.record_response_checks(operation, response)
        return response

    def record_response_checks(self, operation: Operation, response: Response) -> None:
        """Record the result of each response check."""
        problems = {
            problem.check: problem for problem in self._validator.problems(operation, response)
        }
        for check, description in RESPONSE_CHECKS.items():
            problem = problems.get(check)
            message = "" if problem is None else problem.message
            assumed = problem is not None and problem.assumed
            self.record_check(operation, check, description, message, response, assumed=assumed)

    def record_check(
        self,
        operation: Operation,
        check: str,
        description: str,
        problem: str,
        response: Response,
        *,
        assumed: bool = False,
    ) -> None:
        """Record the result of a check of one response; it passed if `problem` is empty."""
        if problem:
            request = response.request.describe()
            self.results.failure(
                operation.id, check, description, problem, request, assumed=assumed
            )
        else:
            self.results.passing(operation.id, check, description)

    def create(self, **fields: Any) -> Dict[str, Any]:
        """Create a memory, and return it.

        Args:
            fields: Fields of the memory. Default content: a unique text.

        Raises:
            UnusableResponseError: The memory was not created, or is not recognized.
        """
        fields.setdefault("content", self.unique_text("a memory created by a contract test"))
        response = self.call("create_memory", body=self.with_marker(fields))
        if (
            not isinstance(response.data, dict)
            or response.data.get("id") not in self.sender.own.created
        ):
            raise UnusableResponseError(
                f"a memory to check with could not be created: {response.status}"
            )
        memory: Dict[str, Any] = response.data
        return memory

    def with_marker(self, fields: Mapping[str, Any]) -> Dict[str, Any]:
        """Return the fields of a memory with the run's marker added to the metadata."""
        metadata = fields.get("metadata", {})
        if isinstance(metadata, dict):
            metadata = {**metadata, "contract_test_run": self.marker}
        return {**fields, "metadata": metadata}

    def unique_text(self, words: str) -> str:
        """Return a unique text: the words, the run's marker and a number."""
        return f"{words} {self.marker}n{next(self._numbers)}"

    def own_memories(self, items: Any) -> List[Dict[str, Any]]:
        """Return the memories in a list that this run created."""
        created = self.sender.own.created
        return [each for each in items if isinstance(each, dict) and each.get("id") in created]

    def cached(self, name: str, make: Callable[[], Any]) -> Any:
        """Return the result of `make`, called once per name, to share data between checks."""
        if name not in self._cache:
            self._cache[name] = make()
        return self._cache[name]

    def eventually(self, check: Callable[[], None]) -> None:
        """Repeat a check until it passes, or raise its failure after `settle_seconds`."""
        deadline = self._clock() + self._settle_seconds
        while True:
            try:
                return check()
            except CheckFailedError:
                if self._clock() >= deadline:
                    raise
            self._sleep(_POLL_SECONDS)

    def _check_scope(self, operation: Operation, response: Response) -> None:
        if response.is_success:
            self._granted.add(operation.scopes)
        elif response.status == 403 and operation.scopes not in self._granted:
            message = response.error.get("message", "")
            raise CheckSkippedError(
                f"the key lacks the permission {' or '.join(operation.scopes)} ({message})"
            )


@contextmanager
def malformed_as_unusable() -> Iterator[None]:
    """Convert errors caused by a malformed response into `UnusableResponseError`."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        message = f"a response doesn't have the form that the check needs ({type(error).__name__})"
        raise UnusableResponseError(message) from error


def encode(value: Any) -> bytes:
    """Return the JSON of a value, as sent in a body."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _query_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
