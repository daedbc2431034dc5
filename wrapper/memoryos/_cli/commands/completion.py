"""`memoryos completion`: print a script that completes commands in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_with_console
from memoryos._extras import require_packages

if TYPE_CHECKING:
    import argparse

__all__ = ["configure", "run"]

_FEATURE = "memoryos completion"
_SHELLS = ("bash", "zsh", "tcsh", "fish", "powershell")
_EXAMPLES = """
memoryos completion bash > ~/.local/share/bash-completion/completions/memoryos
memoryos completion zsh > ~/.zfunc/_memoryos
memoryos completion fish > ~/.config/fish/completions/memoryos.fish
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `completion`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument("shell", metavar="SHELL", choices=_SHELLS, help=", ".join(_SHELLS))


def run(options: argparse.Namespace) -> int:
    """Print the script and return the exit status."""
    return run_with_console("completion", options, lambda _: _print_script(options))


def _print_script(options: argparse.Namespace) -> int:
    require_packages(_FEATURE, "cli", ["shtab"])
    import shtab

    if options.shell not in shtab.SUPPORTED_SHELLS:
        known = ", ".join(shtab.SUPPORTED_SHELLS)
        raise SystemExit(f"{_FEATURE}: the installed shtab supports only {known}")
    parser = options.full_parser()  # passed in, because `main` imports this package
    for action in _actions(parser):
        if action.metavar == "FILE":
            setattr(action, "complete", shtab.FILE)  # noqa: B010 - shtab reads it from there
    print(shtab.complete(parser, options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments and options of a parser and of all parsers below it."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to its own options
        yield action
        inner: Any = getattr(action.choices, "values", tuple)()
        for below in inner:
            yield from _actions(below)
