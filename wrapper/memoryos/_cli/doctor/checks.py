"""Run the doctor's checks in order. A failed check skips those that depend on it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Iterator, Optional

from memoryos import MemoryOS
from memoryos._cli.command_runner import is_local, open_client
from memoryos._cli.error_messages import InputError
from memoryos._cli.local_database import MissingDatabaseError
from memoryos._extras import MissingExtraError
from memoryos._protocol.settings import BASE_URL_VARIABLE, KEY_VARIABLE
from memoryos.exceptions import MemoryOSError

from .findings import PROBLEM, Finding, check_address, check_key, ok, problem
from .installation import check_installation
from .language import check_language
from .network import check_network
from .service import check_service

if TYPE_CHECKING:
    import argparse

__all__ = ["run_checks"]

# Valid values, to validate the key and the address independently.
_VALID_KEY = "mos_doctor"
_VALID_URL = "https://host/v1"

_EMBEDDER_VARIABLE = "MEMORY_OS_EMBEDDER"
_INSTALL_ADVICE = (
    "in a checkout of this repository, with Python 3.10 or newer: pip install '.[local]'"
)
_EMBEDDER_ADVICE = f"do what the message says, or set {_EMBEDDER_VARIABLE} to another embedder"


def run_checks(options: argparse.Namespace) -> Iterator[Finding]:
    """Run all checks, and yield each finding when it is known."""
    yield from check_installation()
    yield from _local(options) if is_local(options) else _remote(options)


def _remote(options: argparse.Namespace) -> Iterator[Finding]:
    error = _settings_error(_VALID_KEY, _VALID_URL)
    if error is not None:
        yield problem("settings", error.message, "correct this environment variable")
        return
    key = os.environ.get(KEY_VARIABLE)
    key_finding = check_key(key, _settings_error(None, _VALID_URL), options.key_file)
    yield key_finding
    error = _settings_error(_VALID_KEY, options.base_url)
    if error is not None:
        yield problem("address", error.message, f"check {BASE_URL_VARIABLE} and --base-url")
        return
    base_url = MemoryOS(_VALID_KEY, options.base_url).base_url
    yield check_address(base_url, _source(options))
    reached = True
    for finding in check_network(base_url, options.timeout):
        reached = reached and finding.state != PROBLEM
        yield finding
    if reached and key_finding.state != PROBLEM:
        with open_client(options) as client:
            yield from check_service(
                client.with_options(max_retries=0), local=False, read_only=options.read_only
            )


def _settings_error(api_key: Optional[str], base_url: Optional[str]) -> Optional[MemoryOSError]:
    """Return the SDK's error for these settings; None reads the environment variable."""
    try:
        MemoryOS(api_key, base_url)
    except MemoryOSError as error:
        return error
    return None


def _source(options: argparse.Namespace) -> str:
    if options.base_url:
        return "--base-url"
    variable = BASE_URL_VARIABLE
    return variable if os.environ.get(variable) else "the hosted service"


def _local(options: argparse.Namespace) -> Iterator[Finding]:
    try:
        client = open_client(options)
    except MissingDatabaseError as error:
        advice = "correct --data"
        if not options.read_only:
            advice += "; if you want a new file, ignore this: `memoryos mcp` will create it"
        yield problem("file", str(error), advice)
        return
    except InputError as error:
        yield problem("file", str(error), "correct the options")
        return
    except MissingExtraError as error:
        # Of an embedder that can't be used, whatever is missing, the error is the cause.
        is_embedder = error.name is None and error.__cause__ is not None
        advice = _EMBEDDER_ADVICE if is_embedder else _INSTALL_ADVICE
        yield problem("local", f"the Memory OS on this machine can't start: {error}", advice)
        return
    except MemoryOSError as error:
        yield problem(
            "local",
            f"the Memory OS on this machine can't start: {error.message}",
            f"correct the environment variable {_EMBEDDER_VARIABLE}",
        )
        return
    yield _place(options)
    with client:
        responds = True
        for finding in check_service(client.with_options(max_retries=0), local=True):
            responds = responds and finding.state != PROBLEM
            yield finding
        if responds:
            yield from check_language(client)


def _place(options: argparse.Namespace) -> Finding:
    from memoryos_server.commands.store_options import IN_MEMORY, data_path, shown_place

    if options.store:
        return ok("database", shown_place(options.store))
    file = data_path(options.data)
    is_there = file == IN_MEMORY or Path(file).exists()
    return ok("file", file if is_there else f"{file} (the first stored memory will create it)")
