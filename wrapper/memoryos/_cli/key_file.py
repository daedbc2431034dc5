"""The API key in a file, for applications whose configuration can't refer to a variable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos._protocol.settings import KEY_VARIABLE

from .command_runner import is_local
from .error_messages import InputError
from .file_names import expand_user

if TYPE_CHECKING:
    import argparse

__all__ = ["use_key_file"]

_MAX_BYTES = 4096


def use_key_file(options: argparse.Namespace) -> None:
    """Use the key in the file of `--key-file` as if it were in the environment.

    Raises:
        InputError: The file can't be read, holds no key, or the options need no key.
    """
    if options.key_file is None:
        return
    if is_local(options):
        raise InputError("--key-file can't be combined with --local, --data or --store")
    try:
        with Path(expand_user(options.key_file)).open("rb") as file:
            key = file.read(_MAX_BYTES).strip().decode("ascii")
    except OSError as error:
        raise InputError(f"--key-file: {options.key_file}: {error.strerror}") from None
    except UnicodeDecodeError:
        key = ""
    if not key.startswith("mos_"):
        raise InputError(f"--key-file: {options.key_file} holds no API key, which starts with mos_")
    os.environ[KEY_VARIABLE] = key
