"""SQL types and codecs of the columns in PostgreSQL."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from psycopg.adapt import Loader
from psycopg.types.string import StrDumperUnknown, TextLoader

from memoryos_server.stores.columns import ColumnType
from memoryos_server.stores.row_mapper import SHARED_CODECS, Codec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg.abc import AdaptContext, Buffer

__all__ = ["CODECS", "SQL_TYPES", "TEXT", "adapt_texts", "adapt_times", "escaped", "unescaped"]

TEXT = 'text COLLATE "C"'
"""The type of all texts: compared by code points, whatever the locale of the database."""

SQL_TYPES: Mapping[ColumnType, str] = {
    ColumnType.TEXT: TEXT,
    ColumnType.TIER: TEXT,
    ColumnType.INTEGER: "bigint",
    ColumnType.REAL: "double precision",
    ColumnType.TIME: "timestamptz",
    ColumnType.JSON_OBJECT: TEXT,
    ColumnType.JSON_LIST: TEXT,
}

# PostgreSQL can't store NUL in a text. NUL is written as a sequence of the control characters 1 and
# 2, so these need sequences of their own. No sequence can be read across the boundary of two
# others, and each sorts like its character: substrings are found in the escaped form, and texts
# sort as in SQLite.
_CODES = {"\0": "\1\1\1\2", "\1": "\1\1\2\2", "\2": "\1\2\2\2"}
_MEANINGS = {code: character for character, code in _CODES.items()}
_CODED = re.compile("[\0\1\2]")
_CODE = re.compile("\1[\1\2][\1\2]\2")


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
    """Make a connection escape every text that it writes, and unescape every text that it reads."""
    context.adapters.register_dumper(str, _Dumper)
    context.adapters.register_loader("text", _Loader)


class _TimeLoader(Loader):
    def load(self, data: Buffer) -> datetime:
        whole, _, fraction = bytes(data).decode().removesuffix("+00").partition(".")
        microsecond = int(fraction.ljust(6, "0"))
        return datetime.fromisoformat(whole).replace(microsecond=microsecond, tzinfo=timezone.utc)


def adapt_times(context: AdaptContext) -> None:
    """Make a connection read times as a transaction with our settings writes them.

    psycopg reads them by the `datestyle` of the session, and a result that came with the end of its
    transaction is read when that is the administrator's again.
    """
    context.adapters.register_loader("timestamptz", _TimeLoader)


def _to_utc(time: datetime) -> datetime:
    """Return a time in UTC; psycopg returns it in the zone of the session."""
    return time.astimezone(timezone.utc)


CODECS: Mapping[ColumnType, Codec] = {
    **SHARED_CODECS,
    ColumnType.TIME: Codec(decode=_to_utc),
}
