"""The options that several subcommands share, and how their values are read."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any, Dict, NoReturn, Sequence, Union, cast

from memoryos import types
from memoryos._protocol.settings import BASE_URL_VARIABLE, KEY_VARIABLE, MAX_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from typing import Optional

__all__ = [
    "CONTENT_TYPES",
    "ENTITY_TYPES",
    "NATURES",
    "SORT_ORDERS",
    "EXIT_STATUSES",
    "TAG_SORTS",
    "TIERS",
    "add_client_options",
    "add_filters",
    "add_json",
    "add_page",
    "at_least",
    "describe",
    "fraction",
    "json_object",
    "seconds",
]


def _choices(literal: Any) -> Sequence[str]:
    return tuple(literal.__args__)


TIERS: Sequence[types.Tier] = cast("Any", _choices(types.Tier))
NATURES = _choices(types.MemoryNature)
CONTENT_TYPES = _choices(types.ContentType)
ENTITY_TYPES = _choices(types.EntityType)
TAG_SORTS = _choices(types.TagSort)
SORT_ORDERS = _choices(types.SortOrder)

EXIT_STATUSES = """exit status:
  0 done; 1 it failed; 2 the options or settings are wrong; 3 there is no such memory;
  130 interrupted; 141 nobody reads the output any more"""


def describe(parser: argparse.ArgumentParser, examples: str) -> None:
    """Give a command's help its examples, and the exit statuses that all commands share."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    lines = "\n".join(f"  {line.strip()}" for line in examples.strip().splitlines())
    parser.epilog = f"examples:\n{lines}\n\n{EXIT_STATUSES}"
    # A prefix that is unambiguous today need not be so in the next release.
    parser.allow_abbrev = False


class _RefuseKey(argparse.Action):
    """Refuse a key on the command line, without repeating it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 - argparse's signature
        values: Union[str, Sequence[Any], None],  # noqa: ARG002
        option_string: Optional[str] = None,
    ) -> NoReturn:
        parser.error(
            f"{option_string}: other users of this machine see a command line, and the shell keeps "
            f"it in its history; put the key into the environment variable {KEY_VARIABLE}"
        )


def add_client_options(parser: argparse.ArgumentParser) -> None:
    """Add where to find the Memory OS, how long to wait for it, and `--debug`."""
    group = parser.add_argument_group(
        "which Memory OS",
        f"The API key comes from the environment variable {KEY_VARIABLE}",
    )
    group.add_argument(
        "--base-url",
        metavar="URL",
        help=f"the API's address (default: {BASE_URL_VARIABLE}, else the hosted service)",
    )
    group.add_argument(
        "--local",
        action="store_true",
        help="use the Memory OS on this machine, which needs no key and no network",
    )
    group.add_argument(
        "--data",
        metavar="FILE",
        help="the file of the Memory OS on this machine, as in `memoryos serve`; implies --local",
    )
    group.add_argument(
        "--timeout",
        type=seconds,
        default=30.0,
        metavar="SECONDS",
        help="how long one attempt may take (default: 30)",
    )
    group.add_argument("--debug", action="store_true", help="show the traceback of an error")
    group.add_argument("--api-key", action=_RefuseKey, help=argparse.SUPPRESS)


def add_json(parser: argparse._ActionsContainer, what: str) -> None:
    """Add `--json`; `what` says what it prints."""
    parser.add_argument("--json", action="store_true", help=f"print {what}, for programs")


def add_filters(parser: argparse.ArgumentParser, *, content_type: bool = True) -> None:
    """Add the filters of lists and searches."""
    parser.add_argument("--tier", choices=TIERS, help="only memories of this tier")
    if content_type:
        parser.add_argument("--type", choices=CONTENT_TYPES, help="only memories of this type")
    parser.add_argument("--nature", choices=NATURES, help="only memories of this nature")


def add_page(parser: argparse.ArgumentParser, what: str) -> None:
    """Add which part of a list to show."""
    parser.add_argument(
        "--limit",
        type=at_least(1),
        default=50,
        metavar="N",
        help=f"how many {what} at most (default: %(default)s)",
    )
    parser.add_argument(
        "--offset",
        type=at_least(0),
        default=0,
        metavar="N",
        help=f"how many {what} to skip (default: %(default)s)",
    )


class at_least:  # noqa: N801 - argparse calls it as a function
    """Reads whole numbers that are not less than `least`."""

    def __init__(self, least: int) -> None:
        self._least = least

    def __call__(self, text: str) -> int:
        """Return the number.

        Raises:
            ArgumentTypeError: It is none, or too small.
        """
        try:
            number = int(text)
        except ValueError:
            number = self._least - 1
        if number < self._least:
            raise argparse.ArgumentTypeError(f"must be a whole number, at least {self._least}")
        return number


def fraction(text: str) -> float:
    """Return a number from 0 to 1.

    Raises:
        ArgumentTypeError: It is none.
    """
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("must be a number from 0 to 1")
    return number


def seconds(text: str) -> float:
    """Return a number of seconds, more than 0.

    Raises:
        ArgumentTypeError: It is none.
    """
    number = _number(text)
    if not 0 < number <= MAX_TIMEOUT_SECONDS:
        raise argparse.ArgumentTypeError("must be a number of seconds, more than 0")
    return number


def json_object(text: str) -> Dict[str, Any]:
    """Return a JSON object.

    Raises:
        ArgumentTypeError: It is none.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError("""must be a JSON object, such as '{"topic": "tea"}'""")
    return cast("Dict[str, Any]", value)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1
