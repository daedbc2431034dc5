"""Parser of command lines whose errors never repeat a value, because it may be a secret.

An API key or a password can be at any place of a command line: after a mistyped option, or as an
argument too many. Errors are often logged, so they contain only names that look like options.

This module runs on Python 3.8 and imports no installed package.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from .formatting import plural
from .redaction import redact
from .suggestions import closest, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ArgumentParser", "NoKeyOption", "shown_name"]

# What can be a mistyped name of a command or an option. An API key has digits or is longer.
_NAME = re.compile(r"-{0,2}(?!mos_)[A-Za-z]+(?:[-_][A-Za-z]+)*")
_MAX_NAME_LENGTH = 24
_EXPLICIT_ARGUMENT = re.compile(r"ignored explicit argument .*", re.DOTALL)
_SECRET_NAMES = ("apikey", "key", "token", "secret", "password", "authorization", "bearer")
_SETTING = re.compile(r"([A-Z][A-Z_]+)=.*", re.DOTALL)
_KEY_ADVICE = (
    "is not supported, because other users of this machine can see command lines and the shell "
    "saves them in its history; set the environment variable MEMORY_OS_API_KEY instead"
)
_TYPE_RULES: dict[Any, str] = {int: "must be an integer", float: "must be a number"}
# Shorter words could be a part of the messages themselves.
_MIN_SECRET_LENGTH = 4
_NUMBER = re.compile(r"[+-]?[0-9.,]{1,20}")


def shown_name(word: str) -> str | None:
    """Return a mistyped name for an error message, without a value; None if it may be a secret."""
    name = word.partition("=")[0]
    if len(name) > _MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        return None
    # `-pSECRET` is a short option with its value.
    is_short = name.startswith("-") and not name.startswith("--")
    return name[:2] if is_short else name


def _may_be_secret(word: str) -> bool:
    return len(word) >= _MIN_SECRET_LENGTH and not _NUMBER.fullmatch(word)


def _example_or_dots(found: re.Match[str]) -> str:
    example: str | None = found[1]
    return example or "…"


class NoKeyOption(argparse.Action):
    """Rejects an API key on the command line, without repeating it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 - argparse's signature
        values: str | Sequence[Any] | None,  # noqa: ARG002
        option_string: str | None = None,
    ) -> NoReturn:
        """Report that the option is not supported."""
        parser.error(f"{option_string} {_KEY_ADVICE}")


class ArgumentParser(argparse.ArgumentParser):
    """An `argparse.ArgumentParser` without secrets in its errors, and with suggestions.

    Options can't be abbreviated: a new option could make an abbreviation ambiguous.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)
        self._given: Sequence[str] = ()

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse all arguments; an unknown one is an error."""
        return self.parse_known_args(args, namespace)[0]

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse all arguments; unlike in argparse, an unknown one is an error."""
        self._given = sys.argv[1:] if args is None else list(args)
        self._reject_unknown_options(self._given)
        options, unknown = super().parse_known_args(self._given, namespace)
        if unknown:
            self._reject(unknown)
        return options, []

    def error(self, message: str) -> NoReturn:
        """Print a usage error of argparse without the user's values, and exit."""
        message = _EXPLICIT_ARGUMENT.sub("takes no value", message)
        for word in self._given:
            for part in (word, word.partition("=")[2]):
                if _may_be_secret(part) and part not in self._option_string_actions:
                    # Not within a longer word, which is one of the message itself, nor within an
                    # example: who types `user_id` reads "such as metadata.user_id".
                    whole = rf"(?<!\w){re.escape(part)}(?!\w)|(, such as \S+)"
                    message = message.replace(repr(part), "…")
                    message = re.sub(whole, _example_or_dots, message)
        self.fail(message.replace(", not …", ""))

    def fail(self, message: str) -> NoReturn:
        """Print an error that contains no values, and exit."""
        super().error(redact(message))

    def reject_option(self, word: str, *, further: Iterable[str] = ()) -> NoReturn:
        """Report an unknown option, and exit.

        Args:
            word: The option, with its value if that follows a `=`.
            further: Options to suggest besides those of this parser.
        """
        name = shown_name(word)
        if name is None:
            self.fail("unknown option")
        option = closest(name, [*self._options(), *further])
        plain = re.sub("[^a-z]", "", name.lower())
        if option is None and closest(plain, _SECRET_NAMES):
            self.fail(f"{name} {_KEY_ADVICE}")
        self.fail(f"unknown option {name}{'' if option is None else f'; did you mean {option}?'}")

    def reject_name(self, word: str, kind: str, names: Iterable[str]) -> NoReturn:
        """Report an unknown command or action, and exit.

        Args:
            word: The word that is none of `names`.
            kind: What the names are: `command` or `action`.
            names: The known names.
        """
        known = list(names)
        setting = _SETTING.fullmatch(word)
        if setting:
            self.fail(f"write {setting[1]}=… before the program's name, to set that variable")
        name = shown_name(word)
        suggestion = "" if name is None else did_you_mean(name, known)
        if suggestion:
            self.fail(f"unknown {kind} {name}{suggestion}")
        self.fail(f"unknown {kind}; choose from {', '.join(known)}")

    def _reject_unknown_options(self, words: Sequence[str]) -> None:
        """Report an unknown option before argparse reports what is missing because of it."""
        if self._subparsers is not None:
            return
        for word in words:
            if word == "--":
                return
            is_option = word.startswith("--") and " " not in word
            if is_option and word.partition("=")[0] not in self._option_string_actions:
                self.reject_option(word)

    def _reject(self, unknown: Sequence[str]) -> NoReturn:
        for word in unknown:
            if word.startswith("-") and word != "-":
                self.reject_option(word)
        self.fail(f"{plural(len(unknown), 'argument')} too many; a text with spaces needs quotes")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print a text; unlike in argparse, an error of standard output is raised."""
        stream = file or sys.stderr
        try:
            stream.write(message or "")
        except OSError:
            if stream is not sys.stderr:
                raise

    def _options(self) -> list[str]:
        return [
            option
            for option, action in self._option_string_actions.items()
            if action.help != argparse.SUPPRESS and option.startswith("--")
        ]

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        names = [str(choice) for choice in action.choices]
        if action.nargs == argparse.PARSER:
            self.reject_name(str(value), str(action.metavar).lower(), names)
        name = shown_name(str(value))
        suggestion = "" if name is None else did_you_mean(name, names)
        raise argparse.ArgumentError(
            action, f"invalid choice; choose from {', '.join(names)}{suggestion}"
        )

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError as error:
            if isinstance(error.__context__, argparse.ArgumentTypeError):
                raise  # its message is ours
            rule = _TYPE_RULES.get(action.type, "has an invalid value")
            raise argparse.ArgumentError(action, rule) from None
