"""The guide that builds the example chat."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from code_blocks import code_blocks

from .application import FOLDER, ON_FIXTURES

pytestmark = ON_FIXTURES

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "guides" / "multi-user-chat.md").read_text(encoding="utf-8")


def test_the_login_says_that_it_is_for_demonstration(http, modules):
    """In the code, on the page and in the guide."""
    assert "DEMONSTRATION ONLY" in modules[0].current_user.__doc__
    assert "for demonstration" in http.get("/").text
    assert "This login is for demonstration only" in GUIDE


def titled_blocks(title):
    """Return the blocks of the guide that belong to a file."""
    language = f'python title="{title}"'
    blocks = code_blocks(GUIDE)
    return [one.lexemes["source"] for one in blocks if one.lexemes["language"] == language]


@pytest.mark.parametrize("name", ["app.py", "models.py"])
def test_the_guide_builds_this_application(name):
    """Its blocks, one after another, are the file."""
    assert "\n\n".join(titled_blocks(name)) == (FOLDER / name).read_text(encoding="utf-8")


def curl(http, line):
    """Do what a curl command of the guide does, and return the body."""
    words = shlex.split(line)[1:]
    method, path, headers, body = "GET", "", {}, None
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "--json":
            method, body = "POST", json.loads(words.pop(0))
        elif word != "-N":
            path = word.removeprefix("localhost:8000")
    return http.request(method, path, headers=headers, json=body).text


def test_the_commands_of_the_guide_answer_as_it_shows(http):
    """Each block of text is the answer to the last command above it."""
    answer, compared = "", 0
    for block in code_blocks(GUIDE.partition("## Try it")[2]):
        language, source = block.lexemes["language"], block.lexemes["source"]
        if language == "sh":
            for line in source.splitlines():
                answer = curl(http, line) if line.startswith("curl ") else answer
        elif language == "text":
            compared += 1
            assert source.strip() == answer.strip()
    assert compared == 3
