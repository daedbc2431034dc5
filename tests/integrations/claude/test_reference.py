"""Claude's memory tool answers as Anthropic's own does on a folder, whatever is done to it."""

from __future__ import annotations

import asyncio
import posixpath
import re

import pytest
from anthropic.lib.tools import ToolError
from anthropic.lib.tools._beta_builtin_memory_tool import BetaLocalFilesystemMemoryTool
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.integrations.claude import AsyncMemoryOSMemoryTool, MemoryOSMemoryTool

from .commands import VIEW_ALL

pytestmark = pytest.mark.local_server

_NAMES = st.sampled_from(["a.txt", "b.md", "notes", "deep", ".hidden", "ä b", "x"])
_PATHS = st.lists(_NAMES, max_size=4).map(lambda names: "/".join(["/memories", *names]))
_ODD_PATHS = st.sampled_from(
    [
        *("/memories", "/memories/", "/memories//a.txt", "/memories/./notes/../a.txt"),
        *(
            "/memoriesx",
            "/memories/a.txt/",
            "/memories/../../etc/passwd",
            "/etc/passwd",
            "a.txt",
            "",
        ),
    ]
)
PATHS = _PATHS | _PATHS | _ODD_PATHS
BELOW_ROOT = PATHS.filter(lambda path: posixpath.normpath(path) != "/memories")
TEXTS = st.text(alphabet="ab\n", max_size=8) | st.sampled_from(
    [
        "",
        "\n",
        "\n\n",
        "   ",
        "a\r\nb",
        "one\ntwo\nthree\nfour\nfive\nsix\n",
        "aaa",
        "ä🙂",
        "x" * 1100,
    ]
)
RANGES = st.none() | st.lists(st.integers(-2, 8), max_size=3)


def local(cls=MemoryOS):
    return cls.local(":memory:", embedder="hashing")


def command(name, **fields):
    return st.fixed_dictionaries({"command": st.just(name), **fields})


COMMANDS = st.one_of(
    command("view", path=PATHS, view_range=RANGES),
    command("create", path=PATHS, file_text=TEXTS),
    command("create", path=PATHS, file_text=TEXTS),
    command("str_replace", path=PATHS, old_str=TEXTS, new_str=TEXTS),
    command("insert", path=PATHS, insert_line=st.integers(-1, 7), insert_text=TEXTS),
    command("delete", path=BELOW_ROOT),
    command("rename", old_path=BELOW_ROOT, new_path=PATHS),
)


def without_folder_sizes(text):
    """Return a listing without the sizes of folders, which differ between file systems."""
    lines = text.split("\n")
    if not text.startswith("Here're the files"):
        return text
    return "\n".join(
        re.sub(r"^\S+\t", "\t", line) if number == 1 or line.endswith("/") else line
        for number, line in enumerate(lines)
    )


def outcome(call, command):
    """Return what Claude is told, and whether it is an error."""
    try:
        return without_folder_sizes(call(command)), False
    except ToolError as error:
        return error.content, True
    except OSError:
        return "an error that names paths of the machine", True


def agree(expected, answer):
    """Return whether two outcomes are equal; where the reference tool breaks, ours is an error."""
    if "an error that names" in expected[0]:
        return answer[1]
    return expected == answer


@settings(deadline=None, max_examples=100)
@given(commands=st.lists(COMMANDS, min_size=1, max_size=12))
def test_every_answer_is_that_of_the_tool_on_a_folder(tmp_path_factory, commands):
    reference = BetaLocalFilesystemMemoryTool(str(tmp_path_factory.mktemp("reference")))
    with local() as memory:
        tool = MemoryOSMemoryTool(memory, {"user": "alice"})
        for given_command in commands:
            expected = outcome(reference.call, given_command)
            assert agree(expected, outcome(tool.call, given_command)), given_command
            assert outcome(reference.call, VIEW_ALL) == outcome(tool.call, VIEW_ALL), given_command


@st.composite
def edits(draw):
    """A text, and a command on the file that holds it."""
    text = draw(TEXTS)
    start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 3))
    old = st.just(text[start : start + length]) | st.sampled_from(["a", "aa", "\n", "\r\n"])
    path = st.just("/memories/f")
    edit = st.one_of(
        command("view", path=path, view_range=RANGES),
        command("str_replace", path=path, old_str=old, new_str=TEXTS),
        command("insert", path=path, insert_line=st.integers(-1, 7), insert_text=TEXTS),
    )
    return text, draw(edit)


@settings(deadline=None, max_examples=50)
@given(edits=st.lists(edits(), min_size=5, max_size=10))
def test_every_edit_of_a_file_is_that_of_the_tool_on_a_folder(tmp_path_factory, edits):
    reference = BetaLocalFilesystemMemoryTool(str(tmp_path_factory.mktemp("reference")))
    with local() as memory:
        tool = MemoryOSMemoryTool(memory, {"user": "alice"})
        for text, edit in edits:
            file = {"command": "create", "path": "/memories/f", "file_text": text}
            for call in (reference.call, tool.call):
                call(file)
            for given_command in (edit, {"command": "view", "path": "/memories/f"}, VIEW_ALL):
                expected = outcome(reference.call, given_command)
                assert outcome(tool.call, given_command) == expected, (text, edit)
            for either in (reference, tool):
                either.clear_all_memory()


def test_the_asynchronous_tool_answers_as_the_synchronous_one():
    commands = [
        {"command": "create", "path": "/memories/a/b.txt", "file_text": "one\ntwo\n"},
        {"command": "create", "path": "/memories/a/b.txt", "file_text": "again"},
        {"command": "insert", "path": "/memories/a/b.txt", "insert_line": 1, "insert_text": "1½"},
        {"command": "str_replace", "path": "/memories/a/b.txt", "old_str": "two", "new_str": "2"},
        {"command": "view", "path": "/memories/a/b.txt"},
        {"command": "view", "path": "/memories/none"},
        {"command": "rename", "old_path": "/memories/a", "new_path": "/memories/c"},
        VIEW_ALL,
        {"command": "delete", "path": "/memories/c/b.txt"},
        VIEW_ALL,
    ]
    with local() as memory:
        tool = MemoryOSMemoryTool(memory, {"user": "alice"})
        expected = [outcome(tool.call, command) for command in commands]
        assert tool.clear_all_memory() == "All memory cleared"

    async def answer(tool, command):
        try:
            return without_folder_sizes(await tool.call(command)), False
        except ToolError as error:
            return error.content, True

    async def answers():
        async with local(AsyncMemoryOS) as memory:
            tool = AsyncMemoryOSMemoryTool(memory, {"user": "alice"})
            found = [await answer(tool, command) for command in commands]
            assert await tool.clear_all_memory() == "All memory cleared"
            return found

    assert asyncio.run(answers()) == expected
    assert expected[-1][0].split("\n")[1:] == ["\t/memories", "\t/memories/c/"]
