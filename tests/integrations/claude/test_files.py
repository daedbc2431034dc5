"""The tool's files: what can't be done to them, what others do meanwhile, whose they are."""

from __future__ import annotations

import pytest
from anthropic.lib.tools import ToolError

from memoryos import ValidationError
from memoryos.integrations.claude import AsyncMemoryOSMemoryTool, MemoryOSMemoryTool

from .commands import VIEW_ALL, create

pytestmark = pytest.mark.local_server

LOG = "/memories/log"


@pytest.mark.parametrize("root", ["/memories", "/memories/", "/memories/a/.."])
def test_the_folder_of_all_files_cannot_be_deleted_or_moved(memory, root):
    tool = MemoryOSMemoryTool(memory, {"user": "alice"})
    with pytest.raises(ToolError, match=r"^Cannot delete the /memories directory itself$"):
        tool.call({"command": "delete", "path": root})
    with pytest.raises(ToolError, match=r"^Cannot rename the /memories directory itself$"):
        tool.call({"command": "rename", "old_path": root, "new_path": "/memories/b"})


def test_a_folder_cannot_be_moved_into_itself_and_a_file_is_no_folder(memory):
    tool = MemoryOSMemoryTool(memory, {"user": "alice"})
    tool.call(create("x", "/memories/a/b.txt"))
    for path in ("/memories/a/c", "/memories/a/b.txt/c"):
        with pytest.raises(ToolError):
            tool.call({"command": "rename", "old_path": "/memories/a", "new_path": path})
    with pytest.raises(ToolError, match=r"/memories/a/b\.txt is not a directory"):
        tool.call(create("x", "/memories/a/b.txt/c"))
    assert tool.call({"command": "view", "path": "/memories/a/b.txt"}).endswith("1\tx")


class ChangedBefore:
    """Memories that somebody else changes just before each of the first updates."""

    def __init__(self, memories, change, times=1):
        self._memories, self._changes = memories, [change] * times

    def __getattr__(self, name):
        return getattr(self._memories, name)

    def update(self, *arguments, **options):
        if self._changes:
            self._changes.pop()()
        return self._memories.update(*arguments, **options)


def insertion(line):
    place = {"path": LOG, "insert_line": 0}
    return {"command": "insert", **place, "insert_text": line}


def test_a_change_of_somebody_else_in_the_meantime_is_kept(memory):
    tool, other = (MemoryOSMemoryTool(memory, {"user": "alice"}) for _ in range(2))
    tool.call(create("first\n", LOG))
    tool._memories = ChangedBefore(tool._memories, lambda: other.call(insertion("theirs")))
    tool.call(insertion("mine"))
    shown = tool.call({"command": "view", "path": LOG})
    assert [line[7:] for line in shown.split("\n")[1:]] == ["mine", "theirs", "first", ""]


def test_an_edit_of_a_file_that_is_deleted_in_the_meantime_says_that_it_is_gone(memory):
    tool, other = (MemoryOSMemoryTool(memory, {"user": "alice"}) for _ in range(2))
    tool.call(create("first\n", LOG))
    delete = {"command": "delete", "path": LOG}
    tool._memories = ChangedBefore(tool._memories, lambda: other.call(delete))
    with pytest.raises(ToolError, match="The path /memories/log does not exist"):
        tool.call(insertion("mine"))


def test_a_file_that_is_always_changed_by_others_is_an_error(memory):
    tool, other = (MemoryOSMemoryTool(memory, {"user": "alice"}) for _ in range(2))
    tool.call(create("first\n", LOG))
    meddling = ChangedBefore(tool._memories, lambda: other.call(insertion("theirs")), times=100)
    tool._memories = meddling
    with pytest.raises(ToolError, match="changed by others at the same time"):
        tool.call(insertion("mine"))


def test_the_text_of_a_file_is_found_by_a_search_of_the_same_scope_only(memory):
    tool = MemoryOSMemoryTool(memory, {"user": "alice"})
    tool.call(create("Alice likes tea", "/memories/tea"))
    alice, bob = memory.scoped(user="alice"), memory.scoped(user="bob")
    found = alice.search("Alice likes tea", threshold=0.0)["results"]
    assert [result["content"] for result in found] == ["Alice likes tea"]
    assert bob.search("Alice likes tea", threshold=0.0)["results"] == []


def test_clearing_leaves_other_memories_and_other_users(memory):
    alice, bob = (MemoryOSMemoryTool(memory, {"user": name}) for name in ("alice", "bob"))
    kept = memory.scoped(user="alice").memories.create("Not a file")
    for tool in (alice, bob):
        tool.call(create("x", "/memories/x"))
    alice.clear_all_memory()
    assert memory.scoped(user="alice").memories.get(kept["id"])["content"] == "Not a file"
    assert alice.call(VIEW_ALL).count("\n") == 1
    assert bob.call(VIEW_ALL).count("\n") == 2


def test_without_a_scope_there_is_no_tool(memory):
    for scope in ({}, None, {"user": ""}, {"user": None}, "alice", lambda _: {"user": "alice"}):
        with pytest.raises(ValidationError):
            MemoryOSMemoryTool(memory, scope)


def test_each_tool_takes_clients_of_its_kind_only(memory):
    for tool, client in ((AsyncMemoryOSMemoryTool, memory), (MemoryOSMemoryTool, object())):
        with pytest.raises(TypeError, match="client must be of the class"):
            tool(client, {"user": "alice"})
    nested = MemoryOSMemoryTool(memory.scoped(app="travel"), {"user": "alice"})
    assert nested.call(VIEW_ALL).count("\n") == 1


def test_claude_is_told_that_a_file_is_too_large(memory):
    tool = MemoryOSMemoryTool(memory, {"user": "alice"})
    with pytest.raises(ToolError) as caught:
        tool.call(create("word " * 300_000))
    assert caught.value.content == "The file is too large. The body has more than 1048576 bytes"
