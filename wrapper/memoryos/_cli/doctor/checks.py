"""The checks in their order, each as far as those before it allow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Iterator, Optional

from memoryos import MemoryOS
from memoryos._cli.command_runner import is_local, open_client
from memoryos._extras import MissingExtraError
from memoryos._protocol.settings import BASE_URL_VARIABLE, KEY_VARIABLE
from memoryos.exceptions import MemoryOSError

from .findings import PROBLEM, Finding, address, key, ok, problem
from .installation import check_installation
from .network import check_network
from .service import check_service

if TYPE_CHECKING:
    import argparse

__all__ = ["examine"]

# Well-formed ones, to judge key and address each by itself.
_ANY_KEY = "mos_doctor"
_ANY_URL = "https://host/v1"


def examine(options: argparse.Namespace) -> Iterator[Finding]:
    """Yield what is found, check by check, as it is found."""
    yield from check_installation()
    yield from _local(options) if is_local(options) else _remote(options)


def _remote(options: argparse.Namespace) -> Iterator[Finding]:
    own_key = key(os.environ.get(KEY_VARIABLE), _objection(None, _ANY_URL))
    yield own_key
    objection = _objection(_ANY_KEY, options.base_url)
    if objection is not None:
        yield problem("address", objection.message, f"see {BASE_URL_VARIABLE} and --base-url")
        return
    base_url = MemoryOS(_ANY_KEY, options.base_url).base_url
    yield address(base_url, _source(options))
    reached = True
    for finding in check_network(base_url, options.timeout):
        reached = reached and finding.state != PROBLEM
        yield finding
    if reached and own_key.state != PROBLEM:
        with open_client(options) as client:
            yield from check_service(client.with_options(max_retries=0), local=False)


def _objection(api_key: Optional[str], base_url: Optional[str]) -> Optional[MemoryOSError]:
    """Return what the SDK has against these settings; None for what the environment says."""
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
    except MissingExtraError as error:
        yield problem(
            "local",
            f"the Memory OS on this machine can't run: {error}",
            "in a copy of this repository, with Python 3.10 or newer: pip install '.[local]'",
        )
        return
    from memoryos_server.commands.store_options import IN_MEMORY, data_path

    file = data_path(options.data)
    yield ok("file", file if file == IN_MEMORY or Path(file).exists() else f"{file}, a new one")
    with client:
        yield from check_service(client.with_options(max_retries=0), local=True)
