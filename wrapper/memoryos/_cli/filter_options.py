"""Options that filter memories, and the metadata that `--meta` names."""

from __future__ import annotations

import argparse
from typing import Any, Dict, Iterable, Mapping, Sequence, Tuple, cast

from memoryos._protocol.json_texts import RepeatedKeyError, parsed_json
from memoryos._protocol.times import parse

from .arguments import CONTENT_TYPES, NATURES, TIERS
from .error_messages import InputError

__all__ = ["add_filters", "add_meta", "filters_of", "joined_metadata", "merged_metadata"]


def add_filters(parser: argparse.ArgumentParser, *, entities: bool = False) -> None:
    """Add the filters of lists, searches and contexts.

    Args:
        parser: Parser of the command.
        entities: Whether memories can be filtered by entities, too.
    """
    parser.add_argument("--tier", choices=TIERS, help="only memories in this tier")
    parser.add_argument(
        "--type", choices=CONTENT_TYPES, help="only memories with this content type"
    )
    parser.add_argument("--nature", choices=NATURES, help="only memories of this nature")
    parser.add_argument(
        "--tag",
        action="append",
        metavar="NAME",
        help="only memories with this tag; if repeated, with all of them",
    )
    if entities:
        parser.add_argument(
            "--entity",
            action="append",
            metavar="ID",
            help="only memories linked to this entity; if repeated, to all of them",
        )
    add_meta(parser, "only memories with this metadata, such as topic=tea")
    parser.add_argument("--external-id", metavar="TEXT", help="only memories with this id of yours")
    parser.add_argument(
        "--created-after",
        type=_time,
        metavar="TIME",
        help="only memories created at this time or later, such as 2026-11-02T08:15:00Z",
    )
    parser.add_argument(
        "--created-before",
        type=_time,
        metavar="TIME",
        help="only memories created before this time",
    )


def add_meta(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Add `--meta`; `meaning` begins its help."""
    parser.add_argument(
        "--meta",
        action="append",
        type=_member,
        default=[],
        metavar="KEY=VALUE",
        help=f"{meaning}; KEY:=JSON for a number or another value that is no text; repeatable",
    )


def filters_of(options: argparse.Namespace) -> Dict[str, Any]:
    """Return the filters that were given, as arguments of `list`, `search` and `get_context`."""
    filters = {
        "tier": options.tier,
        "content_type": options.type,
        "memory_nature": options.nature,
        "tags": options.tag,
        "entities": getattr(options, "entity", None),
        "metadata": merged_metadata({}, options.meta) or None,
        "external_id": options.external_id,
        "created_after": options.created_after,
        "created_before": options.created_before,
    }
    return {name: value for name, value in filters.items() if value is not None}


def merged_metadata(metadata: Dict[str, Any], members: Iterable[Tuple[str, Any]]) -> Dict[str, Any]:
    """Return metadata with the members of `--meta`.

    Raises:
        InputError: A key is given twice.
    """
    merged = dict(metadata)
    for key, value in members:
        if key in merged:
            raise InputError(f"the metadata have the key {key} twice")
        merged[key] = value
    return merged


def joined_metadata(metadata: Mapping[str, Any], more: Mapping[str, Any]) -> Dict[str, Any]:
    """Return metadata with those of `more`, which win; the tags and entities of both are kept."""
    joined = {**metadata, **more}
    for key in ("tags", "entities"):
        first, second = metadata.get(key), more.get(key)
        if isinstance(first, list) and isinstance(second, list):
            known, new = cast("Sequence[Any]", first), cast("Sequence[Any]", second)
            joined[key] = [*known, *(one for one in new if one not in known)]
    return joined


def _member(text: str) -> Tuple[str, Any]:
    key, equals, value = text.partition("=")
    is_json = key.endswith(":")
    if not (key.rstrip(":") and equals):
        raise argparse.ArgumentTypeError("must be KEY=VALUE, such as topic=tea, or KEY:=JSON")
    if not is_json:
        return key, value
    try:
        return key[:-1], parsed_json(value)
    except RepeatedKeyError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    except ValueError:
        raise argparse.ArgumentTypeError("must have JSON after :=, such as count:=5") from None


def _time(text: str) -> str:
    if parse(text) is None:
        rule = "must be a time of RFC 3339 with a time zone, such as 2026-11-02T08:15:00Z"
        raise argparse.ArgumentTypeError(rule)
    return text
