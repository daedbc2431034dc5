"""`memoryos completion`: a script that completes the command line in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._extras import missing_extra

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
    """Print the script, and return the exit status."""
    try:
        import shtab
    except ImportError as error:
        raise missing_extra("cli", _FEATURE, error) from error
    from memoryos.__main__ import full_parser

    if options.shell not in shtab.SUPPORTED_SHELLS:
        known = ", ".join(shtab.SUPPORTED_SHELLS)
        raise SystemExit(f"{_FEATURE}: this shtab, of an older Python, knows only {known}")
    print(shtab.complete(full_parser(), options.shell))
    return 0
