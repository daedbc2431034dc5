"""`memoryos keys`: create, list and revoke the API keys of a local Memory OS."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from memoryos_server.model.caller import DEFAULT_OWNER
from memoryos_server.model.errors import ServiceError
from memoryos_server.model.permissions import DEFAULT_PERMISSIONS
from memoryos_server.model.timestamps import format_timestamp, utc_now
from memoryos_server.stores.database_url import is_address

from .errors import UsageError
from .exit_statuses import FAILED
from .formatting import one_line, printable
from .key_expiry import EXAMPLES, read_expiry
from .named_keys import NAMED_KEYS, add_named_keys
from .store_options import add_store_options, is_existing, store_place

if TYPE_CHECKING:
    import argparse

    from memoryos_server.model.records import KeyRecord
    from memoryos_server.service.operations import Service

    from .output import Output

__all__ = ["configure", "run"]

# On a narrow terminal, columns are dropped from the right; the id and the name stay.
_COLUMNS = ("id", "state", "owner", "tags", "expires_at", "created_at", "scopes", "name")
_HEADINGS = ("ID", "STATE", "OWNER", "TAGS", "EXPIRES", "CREATED", "SCOPES", "NAME")
_TIMES = ("created_at", "expires_at")
_NEW_KEY_FACTS = ("api_key", "id", "owner", "scopes", "tags", "expires_at")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `keys` and the options of each."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="create a key, and show it this once")
    listing = actions.add_parser("list", help="list all keys, without the keys themselves")
    revoke = actions.add_parser("revoke", help="revoke a key, on running servers too")
    _add_create_options(create)
    revoke.add_argument("id", metavar="ID", help="the key's id, as `memoryos keys list` shows it")
    for action, act in ((create, _create), (listing, _list), (revoke, _revoke)):
        add_store_options(action)
        action.add_argument("--json", action="store_true", help="print JSON, for programs")
        action.set_defaults(act=act)


def _add_create_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scopes",
        default=",".join(DEFAULT_PERMISSIONS),
        help="what the key permits, separated by commas: memories:read, memories:write, "
        "search:read, admin, or * for all (default: %(default)s)",
    )
    parser.add_argument(
        "--expires",
        metavar="WHEN",
        default="never",
        help=f"when the key expires: {EXAMPLES} (default: %(default)s)",
    )
    parser.add_argument(
        "--owner",
        default=DEFAULT_OWNER,
        help="the owner whose memories the key opens; the first key creates the owner "
        "(default: %(default)s, which `memoryos serve` and MemoryOS.local() use)",
    )
    parser.add_argument("--name", help="a name for the key, shown in the list")
    tags = parser.add_argument_group(
        "tags",
        "The key adds its tags to all memories that it stores, and gives access to no others.",
    )
    add_named_keys(tags, "the tag of this {key}, as --tag {key}:NAME")
    tags.add_argument(
        "--tag",
        metavar="KEY:VALUE",
        action="append",
        default=[],
        help="a tag of the key; may be repeated with other keys",
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Run the action and return the exit status."""
    from memoryos_server.service.operations import open_service
    from memoryos_server.stores.factory import MissingStoreError

    try:
        may_create = options.act is _create
        place = store_place(options, may_be_new=may_create)
        is_new = not is_address(place) and not is_existing(place)
        with closing(open_service(place, embedder=None, may_create=may_create)) as service:
            options.act(service, options, output)
        if is_new and not options.json:  # maybe not the file of the server that the key is for
            output.message(f"Created {place}, the only place where this key is valid.")
    except (UsageError, MissingStoreError, ServiceError) as error:
        output.error(f"memoryos keys: {one_line(str(error))}")
        return FAILED
    return 0


def _create(service: Service, options: argparse.Namespace, output: Output) -> None:
    if not options.owner.strip():
        raise UsageError("--owner must not be empty")
    try:
        expires_at = read_expiry(options.expires, utc_now())
    except ValueError as error:
        raise UsageError(f"--expires: {error}") from None
    scopes = [scope.strip() for scope in options.scopes.split(",")]
    scope = _scope(options)
    try:
        key = service.create_key(
            owner=options.owner,
            scopes=scopes,
            expires_at=expires_at,
            name=options.name,
            scope=scope,
        )
    except ValueError as error:
        raise UsageError(f"--scopes: {error}") from None
    _show_new_key(key, service, options, output)


def _scope(options: argparse.Namespace) -> dict[str, str]:
    """Return the keys and values of the tags that the options name."""
    from memoryos_server.model.scope_tags import MAX_SCOPE_KEYS, scope_tag

    pairs = [(f"--{name}", name, value) for name in NAMED_KEYS for value in getattr(options, name)]
    for tag in options.tag:
        key, colon, value = tag.partition(":")
        if not colon:
            raise UsageError(f"--tag: must be KEY:VALUE, such as team:red, not {tag}")
        pairs.append(("--tag", key, value))
    scope: dict[str, str] = {}
    for option, key, value in pairs:
        try:
            scope_tag(key, value)
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from None
        if scope.setdefault(key, value) != value:
            raise UsageError(f"{option}: {key} has two values; give each key one value")
    if len(scope) > MAX_SCOPE_KEYS:
        raise UsageError(f"--tag: a key has tags with at most {MAX_SCOPE_KEYS} keys")
    return scope


def _show_new_key(key: str, service: Service, options: argparse.Namespace, output: Output) -> None:
    from memoryos_server.service.api_keys import key_id

    facts = {"api_key": key, **_facts(_record(service, key_id(key)))}
    if options.json:
        output.json(facts)
        return
    for name in _NEW_KEY_FACTS:
        output.line(f"{name.replace('_', ' '):<11} {_shown(facts[name])}")
    output.message("Copy the key now: only its hash is stored.")


def _list(service: Service, options: argparse.Namespace, output: Output) -> None:
    keys = [_facts(record) for record in service.list_keys()]
    if options.json:
        output.json(keys)
        return
    rows = [tuple(_cell(name, facts[name]) for name in _COLUMNS) for facts in keys]
    if rows:
        output.table(_HEADINGS, rows)
    else:
        output.note("No keys.")


def _cell(name: str, value: str | list[str] | None) -> str:
    """Return a fact for the table; times to the minute, to keep the columns narrow."""
    if name in _TIMES and isinstance(value, str):
        return f"{value[:16]}Z"
    return _shown(value)


def _revoke(service: Service, options: argparse.Namespace, output: Output) -> None:
    if options.id.startswith("mos_"):
        raise UsageError("that is a key; give its id, as `memoryos keys list` shows it")
    if all(record.id != options.id for record in service.list_keys()):
        raise UsageError(f"no key has the id {options.id!r}; `memoryos keys list` shows the ids")
    service.revoke_key(options.id)
    if options.json:
        output.json(_facts(_record(service, options.id)))
    else:
        output.line(f"{options.id} is revoked: running servers reject it from now on")


def _record(service: Service, key_id: str) -> KeyRecord:
    return next(record for record in service.list_keys() if record.id == key_id)


def _facts(record: KeyRecord) -> dict[str, Any]:
    times = {"created_at": record.created_at, "expires_at": record.expires_at}
    return {
        "id": record.id,
        "owner": record.owner,
        "scopes": list(record.scopes),
        "tags": list(record.scope_tags),
        **{name: None if time is None else format_timestamp(time) for name, time in times.items()},
        "state": record.state(utc_now()),
        "name": record.name,
    }


def _shown(value: str | list[str] | None) -> str:
    """Return a fact as text, without the control characters that a name may contain."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else ",".join(value)
    return printable(text) or "-"
