"""Find the operation of a request, and the contract's example responses."""

from __future__ import annotations

import copy
import re
from functools import lru_cache
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import unquote, urlsplit

from memoryos.contract_testing.contract import Contract, Operation, load_contract

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_WRITE_SUFFIX = ":write"


class Target(NamedTuple):
    """An operation, and the values of its path parameters."""

    operation: Operation
    path_values: Mapping[str, str]


class Routes:
    """The contract's operations, at the base paths of its servers.

    Args:
        contract: The contract.

    Attributes:
        contract: The contract.
        operations: The operations by id.
        hosts: Hosts of the servers.
        base_paths: Base paths of the servers, such as `/v1`.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.operations = contract.operations
        addresses: List[str] = [server["url"] for server in contract.document["servers"]]
        servers = [urlsplit(address) for address in addresses]
        self.hosts: FrozenSet[str] = frozenset(server.netloc for server in servers)
        self.base_paths: Tuple[str, ...] = tuple(server.path.rstrip("/") for server in servers)
        self._patterns = [
            (_pattern(operation.path, self.base_paths), operation)
            for operation in self.operations.values()
        ]

    def find(self, method: str, path: str) -> Optional[Target]:
        """Return the operation of a request; None if the contract has no such operation.

        Args:
            method: HTTP method, in upper case.
            path: Percent-encoded path, including the base path.
        """
        for pattern, operation in self._patterns:
            matched = pattern.fullmatch(path)
            if matched and operation.method == method:
                values = {name: unquote(value) for name, value in matched.groupdict().items()}
                return Target(operation, values)
        return None

    def methods(self, path: str) -> FrozenSet[str]:
        """Return the HTTP methods of a path."""
        return frozenset(
            operation.method for pattern, operation in self._patterns if pattern.fullmatch(path)
        )

    def writes(self, method: str, path: str) -> bool:
        """Return whether a request creates, updates or deletes something."""
        target = self.find(method, path)
        return target is not None and any(
            scope.endswith(_WRITE_SUFFIX) for scope in target.operation.scopes
        )

    def success(self, operation: Operation) -> Tuple[int, Dict[str, Any]]:
        """Return the status of a success and the contract's example of its body."""
        for status in sorted(operation.responses):
            example = self._example(operation.responses[status])
            if status.startswith("2") and example is not None:
                return int(status), example
        raise LookupError(f"the contract has no example of a success of {operation.id}")

    def error(self, status: int) -> Optional[Dict[str, Any]]:
        """Return the contract's example of an error with this status, or None."""
        return next(
            (
                example
                for operation in self.operations.values()
                for response in [self.contract.response(operation, status)]
                for example in [self._example(response or {})]
                if example is not None
            ),
            None,
        )

    def _example(self, response: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
        media = response.get("content", {}).get("application/json", {})
        examples = [self.contract.resolve(each) for each in media.get("examples", {}).values()]
        found = [media["example"]] if "example" in media else [each["value"] for each in examples]
        return copy.deepcopy(found[0]) if found else None


@lru_cache(maxsize=1)
def routes() -> Routes:
    """Return the routes of the contract that this package was generated from.

    Requests may exceed the assumed limits, as they may with the hosted service.
    """
    return Routes(load_contract().without_assumed_limits())


def _pattern(path: str, base_paths: Iterable[str]) -> re.Pattern[str]:
    bases = "|".join(map(re.escape, base_paths))
    parts = _PLACEHOLDER.split(path)  # alternating literal texts and parameter names
    return re.compile(
        f"(?:{bases})"
        + "".join(
            f"(?P<{part}>[^/]+)" if position % 2 else re.escape(part)
            for position, part in enumerate(parts)
        )
    )
