"""How values are written into columns, and read back."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from psycopg.types.string import StrDumperUnknown, TextLoader

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg.abc import AdaptContext, Buffer

__all__ = [
    "DamagedValueError",
    "adapt_texts",
    "escaped",
    "from_json",
    "optional_utc",
    "reading",
    "to_json",
    "unescaped",
    "utc",
]

T = TypeVar("T")

# No text of PostgreSQL holds a NUL, so it is written with two other control characters, which then
# must be written otherwise too. No code can be read across two of them, and they sort as what they
# stand for: so a part of a text is found in its written form, and texts sort as in SQLite.
_CODES = {"\0": "\1\1\1\2", "\1": "\1\1\2\2", "\2": "\1\2\2\2"}
_MEANINGS = {code: character for character, code in _CODES.items()}
_CODED = re.compile("[\0\1\2]")
_CODE = re.compile("\1[\1\2][\1\2]\2")


class DamagedValueError(Exception):
    """A column holds what nothing here has written."""


def escaped(text: str) -> str:
    """Return `text` as it is stored, without NUL."""
    return _CODED.sub(lambda match: _CODES[match[0]], text)


def unescaped(text: str) -> str:
    """Return the text that `escaped` wrote."""
    return _CODE.sub(lambda match: _MEANINGS[match[0]], text)


class _Dumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(escaped(obj))


class _Loader(TextLoader):
    def load(self, data: Buffer) -> bytes | str:
        text = super().load(data)
        return unescaped(text) if isinstance(text, str) and "\1" in text else text


def adapt_texts(context: AdaptContext) -> None:
    """Have a connection write and read every text escaped: none can be forgotten."""
    context.adapters.register_dumper(str, _Dumper)
    context.adapters.register_loader("text", _Loader)


def reading(read: Callable[[tuple[Any, ...]], T]) -> Callable[[tuple[Any, ...]], T]:
    """Have a function that makes a record of a row raise `DamagedValueError` where it can't."""

    @wraps(read)
    def record(row: tuple[Any, ...]) -> T:
        try:
            return read(row)
        except (AttributeError, TypeError, ValueError, OverflowError, LookupError) as error:
            raise DamagedValueError from error

    return record


def utc(time: datetime) -> datetime:
    """Return a time that was read, in the zone that the service uses."""
    return time.astimezone(timezone.utc)


def optional_utc(time: datetime | None) -> datetime | None:
    """Return `utc`, or None for None."""
    return None if time is None else utc(time)


def to_json(value: Any) -> str:
    """Return a JSON value as text; the type `jsonb` would reorder it, and refuse a NUL in it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Any:
    """Return the JSON value that `to_json` wrote."""
    return json.loads(text)
