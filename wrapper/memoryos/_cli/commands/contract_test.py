"""`memoryos contract-test`: check whether a server follows the contract of Memory OS."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Mapping, Optional

from memoryos._cli.arguments import seconds, seconds_or_zero
from memoryos._cli.exit_statuses import INTERRUPTED, USAGE_ERROR
from memoryos._cli.output.formatting import clean
from memoryos._extras import missing_extra, require_packages, require_python
from memoryos._protocol.settings import (
    BASE_URL_VARIABLE,
    DEFAULT_TIMEOUT_SECONDS,
    KEY_VARIABLE,
    Settings,
    resolve_settings,
)
from memoryos.contract_testing import defaults
from memoryos.exceptions import MemoryOSError
from memoryos_server.commands.redaction import redact

if TYPE_CHECKING:
    import argparse

    from memoryos.contract_testing.report.results import Results
    from memoryos.contract_testing.run import Plan

__all__ = ["configure", "run"]

_FEATURE = "memoryos contract-test"
_PACKAGES = ("schemathesis", "hypothesis", "jsonschema_rs", "requests")
_READER_KEY_VARIABLE = "MEMORY_OS_READER_API_KEY"
_MAX_COUNT_DIGITS = 18
_EPILOG = """
You can run it on an account with real data: it changes and deletes only memories that it has
created, and deletes those at the end, even after Ctrl-C. A few entities remain, because the API
can't delete entities; the report names them. Searches may count as accesses of other memories.

exit status: 0 the server follows the contract; 1 it does not; 2 an option is wrong, or the server
can't be reached; 130 interrupted.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `contract-test`."""
    from argparse import RawDescriptionHelpFormatter

    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument(
        "--base-url", help=f"the server's address, ending in /v1 (default: {BASE_URL_VARIABLE})"
    )
    parser.add_argument(
        "--api-key",
        help=f"an API key of the server; prefer the environment, where other users can't see it "
        f"(default: {KEY_VARIABLE})",
    )
    parser.add_argument(
        "--reader-key",
        help=f"a key that permits memories:read only, to check responses with status 403 "
        f"(default: {_READER_KEY_VARIABLE}; without it, these checks are skipped)",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="OPERATION",
        help="check only this operation; can be repeated",
    )
    _add_amounts(parser)
    parser.add_argument("--junit", metavar="FILE", type=Path, help="write the results as JUnit XML")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the results as JSON")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="also fail on differences from what the contract assumes",
    )
    parser.add_argument(
        "--disposable",
        action="store_true",
        help="the account is for tests only: the run may leave any number of entities there",
    )


def _add_amounts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cases",
        type=_count,
        default=defaults.CASES,
        help="how many cases to generate (default: %(default)s)",
    )
    parser.add_argument(
        "--sequences",
        type=_count,
        default=defaults.SEQUENCES,
        help="how many sequences of calls to run (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=_count, help="repeat the cases that a seed generated (default: random)"
    )
    parser.add_argument(
        "--settle",
        type=seconds_or_zero,
        default=defaults.SETTLE_SECONDS,
        metavar="SECONDS",
        help="how long a write may take to appear in lists and searches (default: %(default)s)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=float(DEFAULT_TIMEOUT_SECONDS),
        metavar="SECONDS",
        help="how long a response may take (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Check a server and return the exit status."""
    require_python(_FEATURE)
    require_packages(_FEATURE, "contract", _PACKAGES)
    try:
        from memoryos.contract_testing import run
    except ImportError as error:  # a package that one of them depends on
        raise missing_extra("contract", _FEATURE, error) from error
    try:
        plan = _plan(options, os.environ)
    except (MemoryOSError, ValueError) as error:
        reason = error.message if isinstance(error, MemoryOSError) else error
        print(redact(f"{_FEATURE}: {reason}"), file=sys.stderr)
        return USAGE_ERROR
    results = _check(run.run, plan, options.timeout)
    return _report(results, options)


def _plan(options: argparse.Namespace, environ: Mapping[str, str]) -> Plan:
    """Return the plan of the run.

    Raises:
        MemoryOSError: The key or the address can't be used.
        ValueError: Another option is wrong.
    """
    from random import SystemRandom

    from memoryos.contract_testing.contract import load_contract
    from memoryos.contract_testing.run import Plan

    base_url = options.base_url or environ.get(BASE_URL_VARIABLE)
    if not base_url:
        raise ValueError(f"no address: give --base-url, or set {BASE_URL_VARIABLE}")
    settings = _settings(options.api_key, base_url, environ)
    reader = options.reader_key or environ.get(_READER_KEY_VARIABLE)
    known = load_contract().operations
    unknown = [name for name in options.only if name not in known]
    if unknown:
        raise ValueError(
            f"there is no operation {unknown[0]}; the operations are {', '.join(known)}"
        )
    return Plan(
        base_url=settings.base_url,
        api_key=settings.api_key,
        reader_key=None if not reader else _settings(reader, base_url, environ).api_key,
        cases=options.cases,
        sequences=options.sequences,
        seed=SystemRandom().randrange(10**6) if options.seed is None else options.seed,
        only=frozenset(options.only),
        settle_seconds=options.settle,
        disposable=options.disposable,
    )


def _settings(api_key: Optional[str], base_url: str, environ: Mapping[str, str]) -> Settings:
    return resolve_settings(
        environ,
        api_key=api_key,
        base_url=base_url,
        timeout=DEFAULT_TIMEOUT_SECONDS,
        max_retries=0,
        headers=None,
        deadline=None,
    )


def _check(check: Callable[..., Results], plan: Plan, timeout: float) -> Results:
    import httpx

    from memoryos.contract_testing.report.progress import Progress
    from memoryos.contract_testing.signals import Interruption

    interruption = Interruption()
    with interruption.listening(), httpx.Client(timeout=timeout) as client:
        return check(plan, client, Progress(sys.stderr), interruption)


def _report(results: Results, options: argparse.Namespace) -> int:
    from memoryos.contract_testing.report.formats import as_json, as_text
    from memoryos.contract_testing.report.junit import as_junit

    print(clean(as_text(results, strict=options.strict)), end="")
    if options.junit is not None:
        options.junit.write_text(as_junit(results, strict=options.strict), encoding="utf-8")
    if options.json is not None:
        options.json.write_text(as_json(results, strict=options.strict), encoding="utf-8")
    if results.interrupted:
        return INTERRUPTED
    return results.exit_status(strict=options.strict)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_COUNT_DIGITS):
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"must be a whole number, 0 or more, not {text}")
    return int(text)
