"""The server as the checks see it: calls by operation, every response judged, one's own memories."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from .expectations import CheckFailedError, CheckSkippedError, UnusableResponseError
from .response_validation import RESPONSE_CHECKS, ResponseValidator
from .sender import NoResponseError, RateLimitedError, Sender

if TYPE_CHECKING:
    from .contract import Contract, Operation
    from .http_messages import Response
    from .results import Results

__all__ = ["Target"]

_POLL_SECONDS = 0.2
_NOTHING: Any = object()


class Target:
    """What a check works with.

    Args:
        contract: the contract.
        sender: sends the requests.
        results: where problems with answers go.
        settle_seconds: how long a write may take until a search or a list shows it.
        reader_key: a key with the scope `memories:read` only, if there is one.
        clock, sleep: the seam for tests.
    """

    def __init__(
        self,
        contract: Contract,
        sender: Sender,
        results: Results,
        *,
        settle_seconds: float = 5.0,
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
        body: Any = _NOTHING,
        content: Optional[bytes] = None,
        headers: Optional[Mapping[str, str]] = None,
        authorization: Optional[str] = "",
    ) -> Response:
        """Send one request and judge the response.

        Args:
            operation_id: an operation of the contract.
            memory_id: the id in the path, if the operation has one.
            query: the parameters of the query.
            body: the body, as a JSON value.
            content: the body, as bytes.
            headers: further headers.
            authorization: the header, None for none; by default the run's key.

        Raises:
            CheckSkippedError: the key lacks the scope, or the server is too busy.
            UnusableResponseError: there was no response; that is a finding of its own.
        """
        operation = self.contract.operations[operation_id]
        if body is not _NOTHING:
            content = encode(body)
        response = self.send(
            operation,
            operation.path.replace("{memory_id}", memory_id),
            query=[(name, _text(value)) for name, value in (query or {}).items()],
            content=content,
            headers=headers,
            authorization=authorization,
        )
        if authorization == "":
            self._notice_scope(operation, response)
        return response

    def exchange(self, operation: Operation, path: str, **request: Any) -> Response:
        """Send a request as it stands, and judge the response.

        Raises:
            UnusableResponseError: there was no response; that is a finding of its own.
            CheckSkippedError: the server is too busy for it.
        """
        check = "answers"
        sentence = "Every request gets an response."
        try:
            response = self.sender.send(operation.method, path, **request)
        except NoResponseError as error:
            line = f"{operation.method} {path}"[:200]
            self.results.failure(operation.id, check, sentence, str(error), line)
            raise UnusableResponseError(str(error)) from None
        except RateLimitedError as error:
            raise CheckSkippedError(str(error)) from None
        self.results.passing(operation.id, check, sentence)
        self.record_response_checks(operation, response)
        return response

    def record_response_checks(self, operation: Operation, response: Response) -> None:
        """Note what is wrong with an response, and what is not."""
        problems = {problem.check: problem for problem in self._validator.problems(operation, response)}
        for check, sentence in RESPONSE_CHECKS.items():
            problem = problems.get(check)
            message = "" if problem is None else problem.message
            assumed = problem is not None and problem.assumed
            self.record_check(operation, check, sentence, message, response, assumed=assumed)

    def record_check(
        self,
        operation: Operation,
        check: str,
        sentence: str,
        problem: str,
        response: Response,
        *,
        assumed: bool = False,
    ) -> None:
        """Note what a check has to say of one more response; nothing where `problem` is empty."""
        if problem:
            request = response.request.describe()
            self.results.failure(operation.id, check, sentence, problem, request, assumed=assumed)
        else:
            self.results.passing(operation.id, check, sentence)

    def create(self, **fields: Any) -> Dict[str, Any]:
        """Create a memory of this run, and return it as the server shows it.

        Args:
            fields: of the memory; by default it has a content of its own.

        Raises:
            UnusableResponseError: it was not created, or can't be recognized.
        """
        fields.setdefault("content", self.unique_text("a memory that a contract test made"))
        response = self.call("create_memory", body=self.with_marker(fields))
        if (
            not isinstance(response.data, dict)
            or response.data.get("id") not in self.sender.own.created
        ):
            raise UnusableResponseError(f"a memory to check with could not be created: {response.status}")
        memory: Dict[str, Any] = response.data
        return memory

    def with_marker(self, fields: Mapping[str, Any]) -> Dict[str, Any]:
        """Return the fields of a memory with the run's marker among the metadata."""
        metadata = fields.get("metadata", {})
        if isinstance(metadata, dict):
            metadata = {**metadata, "contract_test_run": self.marker}
        return {**fields, "metadata": metadata}

    def unique_text(self, words: str) -> str:
        """Return a text that stands nowhere else: the words, a number and the run's marker."""
        return f"{words} {self.marker}n{next(self._numbers)}"

    def own(self, items: Any) -> List[Dict[str, Any]]:
        """Return the memories among `items` that this run has created."""
        created = self.sender.own.created
        return [each for each in items if isinstance(each, dict) and each.get("id") in created]

    def cached(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returned the first time: things that several checks share."""
        if name not in self._cache:
            self._cache[name] = make()
        return self._cache[name]

    def eventually(self, check: Callable[[], None]) -> None:
        """Run `check` until it passes, and let its failure out when the time to settle is over."""
        deadline = self._clock() + self._settle_seconds
        while True:
            try:
                return check()
            except CheckFailedError:
                if self._clock() >= deadline:
                    raise
            self._sleep(_POLL_SECONDS)

    def _notice_scope(self, operation: Operation, response: Response) -> None:
        if response.is_success:
            self._granted.add(operation.scopes)
        elif response.status == 403 and operation.scopes not in self._granted:
            message = response.error.get("message", "")
            raise CheckSkippedError(f"the key lacks the scope {' or '.join(operation.scopes)} ({message})")


@contextmanager
def usable() -> Iterator[None]:
    """Turn what an response of a wrong form makes Python raise into `UnusableResponseError`."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        message = f"an response has not the form that the check needs ({type(error).__name__})"
        raise UnusableResponseError(message) from error


def encode(value: Any) -> bytes:
    """Return a JSON value as it is sent."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
