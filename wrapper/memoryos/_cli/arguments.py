"""Options shared by several commands, and parsers of option values."""

from __future__ import annotations

import argparse
import re
from typing import Any, Dict, Sequence, cast

from memoryos import types
from memoryos._protocol.json_texts import RepeatedKeyError, parsed_json
from memoryos._protocol.settings import (
    BASE_URL_VARIABLE,
    DEFAULT_TIMEOUT_SECONDS,
    KEY_VARIABLE,
    MAX_TIMEOUT_SECONDS,
)
from memoryos_server.commands.argument_parser import NoKeyOption
from memoryos_server.commands.store_options import store_url

from .exit_statuses import EXIT_STATUSES_HELP

__all__ = [
    "CONTENT_TYPES",
    "ENTITY_TYPES",
    "NATURES",
    "SORT_ORDERS",
    "TAG_SORTS",
    "TIERS",
    "add_client_options",
    "add_json",
    "add_page",
    "at_least",
    "default_of",
    "describe",
    "fraction",
    "json_object",
    "seconds",
    "seconds_or_zero",
]

# int() and float() also accept underscores, digits of other scripts, infinities and blanks.
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def _choices(literal: Any) -> Sequence[str]:
    return tuple(literal.__args__)


TIERS: Sequence[types.Tier] = cast("Any", _choices(types.Tier))
NATURES = _choices(types.MemoryNature)
CONTENT_TYPES = _choices(types.ContentType)
ENTITY_TYPES = _choices(types.EntityType)
TAG_SORTS = _choices(types.TagSort)
SORT_ORDERS = _choices(types.SortOrder)


def describe(parser: argparse.ArgumentParser, examples: str) -> None:
    """Add examples and exit statuses to a command's help.

    Args:
        parser: Parser of the command.
        examples: One command line per line.
    """
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    lines = "\n".join(f"  {line.strip()}" for line in examples.strip().splitlines())
    parser.epilog = f"examples:\n{lines}\n\n{EXIT_STATUSES_HELP}"


def add_client_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that select the service, the timeout and `--debug`."""
    group = parser.add_argument_group(
        "connection",
        f"The API key is read from the environment variable {KEY_VARIABLE}",
    )
    group.add_argument(
        "--base-url",
        metavar="URL",
        help=f"base URL of the API (default: {BASE_URL_VARIABLE}, otherwise the hosted service)",
    )
    group.add_argument(
        "--local",
        action="store_true",
        help="use the Memory OS on this machine; needs no API key and no network",
    )
    place = group.add_mutually_exclusive_group()
    place.add_argument(
        "--data",
        metavar="FILE",
        help="database file of the Memory OS on this machine, as for `memoryos serve`; "
        "implies --local",
    )
    place.add_argument(
        "--store",
        type=store_url,
        metavar="URL",
        help="PostgreSQL database of a Memory OS, as for `memoryos serve`, which need not run; "
        "implies --local",
    )
    group.add_argument(
        "--timeout",
        type=seconds,
        default=DEFAULT_TIMEOUT_SECONDS,
        metavar="SECONDS",
        help="timeout of each attempt (default: %(default)s)",
    )
    group.add_argument("--debug", action="store_true", help="show the traceback of an error")
    group.add_argument("--api-key", action=NoKeyOption, help=argparse.SUPPRESS)


def add_json(parser: argparse._ActionsContainer, what: str) -> None:
    """Add `--json`; `what` names its output in the help."""
    parser.add_argument("--json", action="store_true", help=f"print {what}, for programs")


def default_of(operation: str, argument: str) -> Any:
    """Return the contract's default of an operation's argument."""
    from memoryos._protocol import operations

    found: operations.Operation[Any] = getattr(operations, operation)
    return found.arguments[argument].default


def add_page(parser: argparse.ArgumentParser, noun: str, *, operation: str) -> None:
    """Add `--limit` and `--offset`, with the defaults of an operation."""
    parser.add_argument(
        "--limit",
        type=at_least(1),
        default=default_of(operation, "limit"),
        metavar="N",
        help=f"maximum number of {noun} (default: %(default)s)",
    )
    parser.add_argument(
        "--offset",
        type=at_least(0),
        default=default_of(operation, "offset"),
        metavar="N",
        help=f"number of {noun} to skip (default: %(default)s)",
    )


class at_least:  # noqa: N801 - argparse calls it as a function
    """Parses integers that are at least `minimum`."""

    def __init__(self, minimum: int) -> None:
        self._minimum = minimum

    def __call__(self, text: str) -> int:
        """Parse an integer.

        Raises:
            ArgumentTypeError: The text is not an integer, or too small.
        """
        if not _INTEGER.fullmatch(text) or int(text) < self._minimum:
            raise argparse.ArgumentTypeError(f"must be an integer of at least {self._minimum}")
        return int(text)


def fraction(text: str) -> float:
    """Parse a number from 0 to 1.

    Raises:
        ArgumentTypeError: The text is not a number from 0 to 1.
    """
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("must be a number from 0 to 1")
    return number


def seconds(text: str) -> float:
    """Parse a positive number of seconds.

    Raises:
        ArgumentTypeError: The text is not a number in this range.
    """
    number = _number(text)
    if not 0 < number <= MAX_TIMEOUT_SECONDS:
        raise argparse.ArgumentTypeError("must be a positive number of seconds")
    return number


def seconds_or_zero(text: str) -> float:
    """Parse a number of seconds that may be 0.

    Raises:
        ArgumentTypeError: The text is not a number in this range.
    """
    number = _number(text)
    if not 0 <= number <= MAX_TIMEOUT_SECONDS:
        raise argparse.ArgumentTypeError("must be a number of seconds, 0 or more")
    return number


def json_object(text: str) -> Dict[str, Any]:
    """Parse a JSON object.

    Raises:
        ArgumentTypeError: The text is not a JSON object, or has a key twice.
    """
    try:
        value = parsed_json(text)
    except RepeatedKeyError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError("""must be a JSON object, such as '{"topic": "tea"}'""")
    return cast("Dict[str, Any]", value)


def _number(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text) else -1
