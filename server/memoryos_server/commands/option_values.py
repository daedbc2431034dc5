"""The values of options: converted, and checked before anything starts."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import timedelta

from memoryos_server.embedders.registry import UnknownEmbedderError, embedder_name
from memoryos_server.http.cors import parse_origin
from memoryos_server.http.rate_limit import Rate, parse_rate
from memoryos_server.http.trusted_proxies import TrustedProxies

from .configuration import comma_separated

__all__ = ["embedder", "interval", "networks", "origins", "port", "positive", "rate", "workers"]

_MAX_PORT = 65_535
# Each starts at once, and opens connections of its own to PostgreSQL.
_MAX_WORKERS = 64
_INTERVAL = re.compile(r"([1-9][0-9]{0,4})(min|h|d)", re.ASCII)
_INTERVAL_UNITS = {"min": "minutes", "h": "hours", "d": "days"}


def embedder(text: str) -> str:
    """Return `text`, the name of an embedder.

    Raises:
        argparse.ArgumentTypeError: It doesn't have the form of such a name.
    """
    try:
        return embedder_name(text)
    except UnknownEmbedderError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def rate(text: str) -> Rate:
    """Return the rate that `text`, such as `600/min`, names.

    Raises:
        argparse.ArgumentTypeError: It is no rate.
    """
    try:
        return parse_rate(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def networks(text: str) -> tuple[str, ...]:
    """Return the addresses and networks in `text`, separated by commas.

    Raises:
        argparse.ArgumentTypeError: One of them is neither.
    """
    named = comma_separated(text)
    try:
        TrustedProxies(named)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return named


def origins(text: str) -> tuple[str, ...]:
    """Return the origins in `text`, separated by commas.

    Raises:
        argparse.ArgumentTypeError: One of them is no origin.
    """
    try:
        return tuple(parse_origin(origin) for origin in comma_separated(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def interval(text: str) -> timedelta:
    """Return the time that `text`, such as `6h`, names.

    Raises:
        argparse.ArgumentTypeError: It is no such time.
    """
    match = _INTERVAL.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"must be a time such as 30min, 6h or 1d, not {text}")
    return timedelta(**{_INTERVAL_UNITS[match[2]]: int(match[1])})


def positive(text: str) -> int:
    """Return `text` as a whole number, 1 or more.

    Raises:
        argparse.ArgumentTypeError: It is no such number.
    """
    return _number(text, 1, sys.maxsize, "a whole number, 1 or more")


def workers(text: str) -> int:
    """Return `text` as a number of worker processes.

    Raises:
        argparse.ArgumentTypeError: It is no number from 1 to the maximum.
    """
    return _number(text, 1, _MAX_WORKERS, f"a number from 1 to {_MAX_WORKERS}")


def port(text: str) -> int:
    """Return `text` as the number of a port.

    Raises:
        argparse.ArgumentTypeError: It is no such number.
    """
    return _number(text, 0, _MAX_PORT, f"a number from 0 to {_MAX_PORT}")


def _number(text: str, least: int, most: int, what: str) -> int:
    # Longer texts are not converted: int() raises on thousands of digits.
    readable = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not readable or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"must be {what}, not {text}")
    return int(text)
