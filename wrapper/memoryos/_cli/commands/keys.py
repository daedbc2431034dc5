"""`memoryos keys`: the API keys of a local Memory OS, made, listed and revoked where it is kept."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Union

from memoryos._extras import missing_extra, require_python

if TYPE_CHECKING:
    import argparse

    from memoryos_server.model.records import KeyRecord
    from memoryos_server.service.operations import Service

__all__ = ["configure", "run"]

_FEATURE = "memoryos keys"
_COLUMNS = ("id", "owner", "scopes", "created_at", "expires_at", "state", "name")
_HEADINGS = ("ID", "OWNER", "SCOPES", "CREATED", "EXPIRES", "STATE", "NAME")


class _UsageError(Exception):
    """What can't be done, and why, in one line."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what can be done with keys, and the options of each."""
    require_python(_FEATURE)
    from memoryos_server.commands.serve_options import store_url

    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make a key, and print it this once")
    listing = actions.add_parser("list", help="show all keys, without the keys themselves")
    revoke = actions.add_parser("revoke", help="end a key, for running servers too")
    _add_create_options(create)
    revoke.add_argument("id", metavar="ID", help="the key's id, as `memoryos keys list` shows it")
    for action, act in ((create, _create), (listing, _list), (revoke, _revoke)):
        place = action.add_mutually_exclusive_group()
        place.add_argument(
            "--data",
            metavar="FILE",
            help="the file that holds the memories, as in `memoryos serve`",
        )
        place.add_argument(
            "--store",
            type=store_url,
            metavar="URL",
            help="the PostgreSQL database that holds them, as in `memoryos serve`",
        )
        action.add_argument("--json", action="store_true", help="print JSON, for programs")
        action.set_defaults(act=act)


def _add_create_options(parser: argparse.ArgumentParser) -> None:
    from memoryos_server.commands.key_expiry import EXAMPLES
    from memoryos_server.model.caller import DEFAULT_OWNER
    from memoryos_server.model.permissions import DEFAULT_PERMISSIONS

    parser.add_argument(
        "--scopes",
        default=",".join(DEFAULT_PERMISSIONS),
        help="what it allows, with commas between: memories:read, memories:write, search:read, "
        "admin, or * for all (default: %(default)s)",
    )
    parser.add_argument(
        "--expires",
        metavar="WHEN",
        default="never",
        help=f"when it ends: {EXAMPLES} (default: %(default)s)",
    )
    parser.add_argument(
        "--owner",
        default=DEFAULT_OWNER,
        help="whose memories it opens; an owner is made by its first key (default: %(default)s, "
        "which `memoryos serve` and MemoryOS.local() use)",
    )
    parser.add_argument("--name", help="what to call it in the list")


def run(options: argparse.Namespace) -> int:
    """Do what is asked, and return the exit status."""
    try:
        from memoryos_server.model.errors import ServiceError
        from memoryos_server.service.operations import open_service
        from memoryos_server.stores.factory import MissingStoreError
    except ImportError as error:
        raise missing_extra("local", _FEATURE, error) from error
    try:
        place = options.store or _data(options.data, may_be_new=options.act is _create)
        with closing(open_service(place, embedder=None)) as service:
            options.act(service, options)
    except (_UsageError, MissingStoreError, ServiceError) as error:
        print(f"{_FEATURE}: {error}", file=sys.stderr)
        return 1
    return 0


def _data(given: Optional[str], *, may_be_new: bool) -> str:
    from memoryos_server.stores.data_path import IN_MEMORY, data_path

    data = data_path(given)
    if data == IN_MEMORY:
        raise _UsageError("a Memory OS in memory has no keys to keep: name a file")
    if not may_be_new and not Path(data).exists():
        raise _UsageError(f"there is no file {data}")
    return data


def _create(service: Service, options: argparse.Namespace) -> None:
    from memoryos_server.commands.key_expiry import read_expiry
    from memoryos_server.model.timestamps import utc_now

    if not options.owner.strip():
        raise _UsageError("--owner: is empty")
    try:
        expires_at = read_expiry(options.expires, utc_now())
    except ValueError as error:
        raise _UsageError(f"--expires: {error}") from None
    scopes = [scope.strip() for scope in options.scopes.split(",")]
    try:
        key = service.create_key(
            owner=options.owner, scopes=scopes, expires_at=expires_at, name=options.name
        )
    except ValueError as error:
        raise _UsageError(f"--scopes: {error}") from None
    _tell_new(key, service, options)


def _tell_new(key: str, service: Service, options: argparse.Namespace) -> None:
    from memoryos_server.service.api_keys import key_id

    facts = {"api_key": key, **_facts(_record(service, key_id(key)))}
    if options.json:
        print(json.dumps(facts))
        return
    for name in ("api_key", "id", "owner", "scopes", "expires_at"):
        print(f"{name.replace('_', ' '):<11} {_shown(facts[name])}")
    print("Only its hash is kept: copy the key now.", file=sys.stderr)


def _list(service: Service, options: argparse.Namespace) -> None:
    every = [_facts(record) for record in service.list_keys()]
    if options.json:
        print(json.dumps(every))
        return
    rows = [_HEADINGS, *(tuple(_shown(facts[name]) for name in _COLUMNS) for facts in every)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())


def _revoke(service: Service, options: argparse.Namespace) -> None:
    if options.id.startswith("mos_"):
        raise _UsageError("that is a key; give its id, as `memoryos keys list` shows it")
    service.revoke_key(options.id)
    if options.json:
        print(json.dumps(_facts(_record(service, options.id))))
    else:
        print(f"{options.id} is revoked: servers that run refuse it from now on")


def _record(service: Service, wanted: str) -> KeyRecord:
    return next(record for record in service.list_keys() if record.id == wanted)


def _facts(record: KeyRecord) -> Dict[str, Any]:
    from memoryos_server.model.timestamps import format_timestamp

    times = {"created_at": record.created_at, "expires_at": record.expires_at}
    return {
        "id": record.id,
        "owner": record.owner,
        "scopes": list(record.scopes),
        **{name: None if time is None else format_timestamp(time) for name, time in times.items()},
        "state": _state(record),
        "name": record.name,
    }


def _state(record: KeyRecord) -> str:
    from memoryos_server.model.timestamps import utc_now

    if record.revoked_at is not None:
        return "revoked"
    return "valid" if record.expires_at is None or utc_now() < record.expires_at else "expired"


def _shown(value: Union[str, List[str], None]) -> str:
    """Return a fact for people; a name that somebody chose can't move the cursor."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else ",".join(value)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
