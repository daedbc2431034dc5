"""Read the lines of a file to import, whatever it is and however its text is encoded."""

from __future__ import annotations

import codecs
import json
import shutil
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Generator, Iterator, NamedTuple

from memoryos.exceptions import ValidationError

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK_BYTES = 64 * 1024
_LONGEST_SIGNATURE = 6
_SIGNATURES = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}


class Line(NamedTuple):
    """A line that isn't blank: its number, starting at 1, its position in the source, its bytes."""

    number: int
    offset: int
    content: bytes


class ImportSource:
    """The UTF-8 lines of a file. They can be read several times.

    Args:
        file: A seekable file.
        name: Its name, for error messages.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self.name = name

    def lines(self) -> Iterator[Line]:
        """Yield the lines that aren't blank."""
        offset = 0
        self._file.seek(0)
        for number, content in enumerate(self._file, start=1):
            if content.strip():
                yield Line(number, offset, content)
            offset += len(content)

    def line_at(self, offset: int) -> bytes:
        """Return the line at a position, with a line break at its end."""
        self._file.seek(offset)
        line = self._file.readline()
        return line if line.endswith(b"\n") else line + b"\n"


@contextmanager
def open_source(path: Path) -> Generator[ImportSource, None, None]:
    """Open a file to import.

    A pipe, and a file in UTF-16 or UTF-32, is copied to a temporary file first.

    Raises:
        OSError: The file can't be read.
        ValidationError: The file is compressed, or its text is not what its first bytes say.
    """
    with path.open("rb") as file:
        if file.seekable():
            with _in_utf8(file, path.name) as text:
                yield ImportSource(text, path.name)
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            with _in_utf8(copy, path.name) as text:
                yield ImportSource(text, path.name)


@contextmanager
def _in_utf8(file: IO[bytes], name: str) -> Generator[IO[bytes], None, None]:
    """Yield a seekable file; if its text is in another encoding, a copy of it in UTF-8."""
    file.seek(0)
    start = file.read(_LONGEST_SIGNATURE)
    file.seek(0)
    for signature, format_name in _SIGNATURES.items():
        if start.startswith(signature):
            raise invalid_file(f"{name} is compressed ({format_name}); decompress it first")
    encoding = json.detect_encoding(start[:4])
    if encoding.startswith("utf-8"):
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        _transcode(file, copy, encoding, name)
        yield copy


def _transcode(file: IO[bytes], copy: IO[bytes], encoding: str, name: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    while True:
        chunk = file.read(_CHUNK_BYTES)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].decode(encoding, "ignore").count("\n")
            shown = encoding[:6].upper()
            message = f"{name}: line {line} is not valid {shown}; save the file as UTF-8"
            raise invalid_file(message, line=line) from None
        line += text.count("\n")
        copy.write(text.encode("utf-8"))
        if not chunk:
            return


def invalid_file(
    message: str, *, line: int = 0, rule: str = "must be a complete export"
) -> ValidationError:
    """Return the error for a file that can't be imported.

    Args:
        message: The message.
        line: The number of the line at fault; 0 if it is none.
        rule: The rule that the file breaks.
    """
    details = {"argument": "path", "rule": rule, **({"line": line} if line else {})}
    return ValidationError("VALIDATION_ERROR", message, 400, details=details)
