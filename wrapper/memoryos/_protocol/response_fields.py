"""Errors for responses that are JSON of the right form, but whose fields don't match the contract.

A method returns the fields of a response as the service sent them. What reads them further, such
as `iterate` and the command line, reports a missing field or a wrong type as an error of the
response.
"""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Generator, List, Mapping, cast

from memoryos.exceptions import InvalidResponseError


def invalid_fields(reason: str, advice: str = "Is base_url right?") -> InvalidResponseError:
    """Return the error for a response whose fields don't match the contract."""
    return InvalidResponseError(
        "INVALID_RESPONSE",
        f"The response is not one of Memory OS: {reason}. {advice}",
        HTTPStatus.BAD_GATEWAY.value,
        attempts=1,
    )


def list_in(response: Mapping[str, Any], name: str) -> List[Any]:
    """Return a list of a response, such as its `results`.

    Raises:
        InvalidResponseError: The response has no such list.
    """
    items: List[Any] = cast("Any", response.get(name))
    if not isinstance(items, list):
        raise invalid_fields(f"{name} of the response is not a list")
    return items


@contextmanager
def reading(what: str) -> Generator[None, None, None]:
    """Report missing fields and wrong types as errors of the response.

    Only code that reads a response belongs in the block, or in the function that this decorates.

    Args:
        what: What is read, such as `a memory`.

    Raises:
        InvalidResponseError: A field is missing or has another type.
    """
    try:
        yield
    except KeyError as missing:
        raise invalid_fields(f"{what} has no {missing.args[0]}") from missing
    except (TypeError, ValueError, AttributeError) as wrong:
        raise invalid_fields(f"a field of {what} has the wrong type") from wrong
