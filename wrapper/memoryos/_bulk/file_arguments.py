"""Check the arguments that name a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from memoryos._protocol.argument_errors import invalid_argument, shown


def check_path(argument: str, path: Any) -> Path:
    """Return an argument that names a file as a `Path`.

    Args:
        argument: The argument's name, for the error.
        path: The argument.

    Raises:
        ValidationError: It is not a path that a file can have.
    """
    given = _text_of(path)
    if given is None:
        raise invalid_argument(argument, shown(path), "must be a string or a path object")
    if not given:
        raise invalid_argument(argument, "an empty string", "must be the path of a file")
    if "\0" in given:
        raise invalid_argument(argument, shown(path), "must not contain a null character")
    try:
        os.fsencode(given)
    except UnicodeEncodeError:
        rule = "must contain only characters that a file name can have"
        raise invalid_argument(argument, shown(path), rule) from None
    return Path(given)


def _text_of(path: Any) -> Any:
    if not isinstance(path, (str, os.PathLike)):
        return None
    text = cast("object", os.fspath(cast("Any", path)))
    return text if isinstance(text, str) else None
