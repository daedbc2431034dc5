"""The name `memoryos` on PyPI is another product's: no text of ours sends anybody there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from project_files import project_files, text_of

INSTALL_COMMAND = re.compile(
    r"\b(?:pip3?|pipx|uv|poetry|pipenv|pdm|conda)\s+(?:\S+\s+){0,3}?(?:install|add)\s[^\n`&;#]*"
)
# The name as a word of its own; what follows it, up to the next space or quote; an address.
REQUIREMENT = re.compile(
    r"(?<![\w/.\-@])memoryos(?:\[[^\]]*\])?(?P<rest>[^\s'\"`]*)(?P<address>\s*@\s)?"
)
VERSION_OR_PUNCTUATION = re.compile(r"[=<>~!].*|[.,;:)…]*")


def bare_installs(text):
    """Return every command in the text that would install the other product."""
    return [
        command
        for command in INSTALL_COMMAND.findall(text)
        for named in REQUIREMENT.finditer(command)
        if not named["address"] and VERSION_OR_PUNCTUATION.fullmatch(named["rest"])
    ]


def test_no_file_tells_to_install_memoryos_by_its_bare_name():
    offenders = {
        str(path): bare_installs(text_of(path))
        for path in project_files()
        if path.name != Path(__file__).name
    }
    assert {path: commands for path, commands in offenders.items() if commands} == {}


@pytest.mark.parametrize(
    "text",
    [
        "pip install memoryos",
        "pip install 'memoryos[local]'",
        'pip install -U "memoryos[local]"',
        "python -m pip install memoryos==0.1.0",
        "uv add memoryos",
        "uv pip install memoryos",
        "poetry add memoryos",
        "pip install memoryos.",
        "pip install httpx 'memoryos[local]'",
    ],
)
def test_an_install_by_the_bare_name_is_recognised(text):
    assert len(bare_installs(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "pip install .",
        "pip install '.[local]'",
        "pip install 'memoryos[local] @ git+https://example.org/memoryos'",
        "pip install memoryos-something",
        "pip install ./memoryos",
        "pip install '.[local]' && memoryos serve",
        "pip install memoryos/",
    ],
)
def test_an_install_from_this_repository_is_left_alone(text):
    assert bare_installs(text) == []
