"""Values of a command's options from environment variables and from a TOML file.

The option `--some-name` is the variable `MEMORY_OS_SOME_NAME`, and `some_name` in the file's table.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memoryos_server.stores.data_path import IN_MEMORY
from memoryos_server.stores.database_url import is_address

from .errors import UsageError
from .formatting import one_line
from .redaction import redact
from .suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    Options = Mapping[str, argparse.Action]
    Exclusive = Iterable[Collection[str]]

__all__ = [
    "LIST",
    "TABLE",
    "combined",
    "comma_separated",
    "environment_values",
    "file_path",
    "file_values",
    "is_readable_by_everyone",
    "misspelt_variables",
    "read_toml",
    "variable",
]

LIST = "LIST"
"""The metavar of options with several values, separated by commas; an array in a TOML file."""

TABLE = "serve"
"""The table of a TOML file with the options of `memoryos serve`."""

_PREFIX = "MEMORY_OS_"
_SIMILAR_PREFIXES = (_PREFIX, "MEMORYOS_")
_MIN_SIMILARITY = 0.9
_OTHER_VARIABLES = frozenset(
    f"{_PREFIX}{name}" for name in ("API_KEY", "BASE_URL", "POOL_SIZE", "READER_API_KEY")
)
_SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def comma_separated(text: str) -> tuple[str, ...]:
    """Parse values that are separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def file_path(text: str) -> str:
    """Parse a path, which may begin with `~`; in a TOML file it is relative to that file."""
    if not text.strip():  # as of an unset variable in a script: it would be the current folder
        raise argparse.ArgumentTypeError("must not be empty")
    # The command itself rejects the URL of a database, and says which option takes it.
    if "://" in text and not is_address(text):
        raise argparse.ArgumentTypeError("must be a path, not a URL")
    if not text.startswith("~"):
        return text
    try:
        return str(Path(text).expanduser())
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"{text}: this user has no home folder") from None


def variable(name: str) -> str:
    """Return the environment variable of the option with this name."""
    return f"{_PREFIX}{name.upper()}"


def environment_values(
    options: Options, exclusive: Exclusive, environ: Mapping[str, str]
) -> dict[str, Any]:
    """Return the parsed values of the options whose variables are set and not empty.

    Args:
        options: The options by name.
        exclusive: Sets of names of which one option at most can be used.
        environ: The environment variables.

    Raises:
        UsageError: A value is invalid, or two options exclude each other.
    """
    values = {}
    for name, option in options.items():
        text = environ.get(variable(name), "").strip()
        if text:
            values[name] = _from_text(option, text, variable(name))
    _check_exclusive(values, exclusive, variable, "unset one of these variables")
    return values


def file_values(
    options: Options, exclusive: Exclusive, document: Mapping[str, Any], table: str, file: str
) -> dict[str, Any]:
    """Return the parsed values of the options in a TOML document.

    Args:
        options: The options by name.
        exclusive: Sets of names of which one option at most can be used.
        document: The document.
        table: The name of the table with the options, the only one.
        file: The file of the document. Paths in it are relative to its folder.

    Raises:
        UsageError: A name is unknown, a value is invalid, or two options exclude each other.
    """
    for name in document:
        if name != table:
            raise UsageError(f"{file}: {_shown(name)}: write the options into the table [{table}]")
    entries = document.get(table, {})
    if not isinstance(entries, dict):
        raise UsageError(f"{file}: {table}: must be a table; write its name as [{table}]")
    values = {}
    for name, value in entries.items():
        source = f"{file}: [{table}] {_shown(name)}"
        if name not in options:
            raise UsageError(f"{source}: unknown{did_you_mean(name, options)}")
        values[name] = _from_toml(options[name], value, source, Path(file).absolute().parent)
    _check_exclusive(
        values, exclusive, lambda name: f"{file}: [{table}] {name}", "remove one of them"
    )
    return values


def combined(exclusive: Exclusive, *sources: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of all sources; a later source has priority, also over excluded options."""
    values: dict[str, Any] = {}
    for source in sources:
        for names in exclusive:
            if any(source.get(name) for name in names):
                values = {name: value for name, value in values.items() if name not in names}
        values.update(source)
    return values


def misspelt_variables(options: Options, environ: Mapping[str, str]) -> list[str]:
    """Return a sentence about each variable whose name is almost that of an option."""
    known = {variable(name) for name in options} | _OTHER_VARIABLES
    return [
        f"the variable {name} has no effect; did you mean {near}?"
        for name in sorted(environ)
        if name not in known and name.startswith(_SIMILAR_PREFIXES)
        for near in get_close_matches(name, known, n=1, cutoff=_MIN_SIMILARITY)
    ]


def read_toml(file: str) -> dict[str, Any]:
    """Return the document of a TOML file.

    Raises:
        UsageError: The file can't be read, or isn't valid.
    """
    # From Python 3.11 on, tomli is a part of the standard library under this name.
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        document: dict[str, Any] = toml.loads(Path(file).read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: must be a text in UTF-8") from None
    except ValueError as error:  # or a number with thousands of digits
        raise UsageError(f"{file}: is not valid TOML: {one_line(str(error))}") from None
    return document


def is_readable_by_everyone(file: str) -> bool:
    """Return whether every user of this machine can read a file, as far as its mode says it."""
    return os.name == "posix" and bool(Path(file).stat().st_mode & stat.S_IROTH)


def _from_toml(option: argparse.Action, value: Any, source: str, folder: Path) -> Any:
    if option.nargs == 0:
        if isinstance(value, bool):
            return value
        raise UsageError(f"{source}: must be true or false, without quotation marks")
    if option.metavar == LIST and isinstance(value, list):
        if not all(isinstance(each, str) for each in value):
            raise UsageError(f"{source}: must be an array of texts")
        value = ",".join(value)
    # Python writes no number of thousands of digits, which a hexadecimal one may have.
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < sys.maxsize
    if not is_number and not isinstance(value, str):
        allowed = "an array of texts" if option.metavar == LIST else "a text or a number"
        raise UsageError(f"{source}: must be {allowed}")
    if (value == "" and option.metavar != LIST) or "\0" in str(value):
        raise UsageError(f"{source}: must not be empty or contain a NUL character")
    parsed = _from_text(option, str(value), source)
    is_path = option.type is file_path and parsed != IN_MEMORY and not is_address(parsed)
    return str(folder / parsed) if is_path else parsed


def _from_text(option: argparse.Action, text: str, source: str) -> Any:
    if option.nargs == 0:
        if text.lower() not in _SWITCHES:
            raise UsageError(f"{source}: must be true or false, not {one_line(text)}")
        return _SWITCHES[text.lower()]
    parse: Any = option.type or str
    try:
        value = parse(text)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"{source}: {one_line(str(error))}") from None
    if option.choices is not None and value not in option.choices:
        choices = ", ".join(option.choices)
        hint = did_you_mean(text, option.choices)
        raise UsageError(f"{source}: must be one of {choices}, not {one_line(text)}{hint}")
    return value


def _check_exclusive(
    values: Mapping[str, Any], exclusive: Exclusive, source: Callable[[str], str], advice: str
) -> None:
    for names in exclusive:
        used = [source(name) for name in names if values.get(name)]
        if len(used) > 1:
            raise UsageError(f"{' and '.join(used)} exclude each other; {advice}")


def _shown(name: str) -> str:
    return one_line(redact(name))
