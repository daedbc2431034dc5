"""How log records are written: as text, or as one JSON object per line.

Both leave out the messages of exceptions, which may quote memories, and API keys and passwords.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from memoryos_server.http.error_log import format_chain
from memoryos_server.http.log_messages import StructuredMessage

from .redaction import redact

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["JSONFormatter", "TextFormatter"]


class TextFormatter(logging.Formatter):
    """Lines for people: time, logger, level and message; tracebacks in further lines."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(name)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines."""
        record.exc_text = None  # what another handler has made of the exception
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        """Return the line."""
        if not isinstance(record.msg, StructuredMessage):
            record.message = _clean_message(record)
        return super().formatMessage(record)

    def formatException(  # noqa: N802 - the name of logging
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Return the types and source lines of an exception."""
        return "" if ei[1] is None else format_chain(ei[1])


class JSONFormatter(logging.Formatter):
    """One JSON object per line, of ASCII characters.

    Every object has `ts` (UTC, RFC 3339), `level`, `logger` and `message`; requests and exceptions
    have more.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "ts": _timestamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if isinstance(record.msg, StructuredMessage):
            line.update(record.msg.fields())
        else:
            line["message"] = _clean_message(record)
        if record.exc_info and record.exc_info[1] is not None:
            line["traceback"] = format_chain(record.exc_info[1])
        return _without_surrogates(json.dumps(line))


def _clean_message(record: logging.LogRecord) -> str:
    """Return the message without API keys and passwords."""
    message = record.getMessage()
    if record.name == "asyncio":  # further lines show exceptions with their messages
        message = message.partition("\n")[0]
    return redact(message)


def _timestamp(seconds: float) -> str:
    time = datetime.fromtimestamp(seconds, timezone.utc)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _without_surrogates(line: str) -> str:
    """Return a line that strict parsers take: they reject escapes of half a character."""
    if "\\ud" not in line:
        return line
    text = json.dumps(json.loads(line), ensure_ascii=False)
    return json.dumps(json.loads(text.encode("utf-8", "replace")))
