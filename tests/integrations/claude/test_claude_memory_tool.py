"""Claude's memory tool answers as Anthropic's own does on a folder, and keeps users apart."""

from __future__ import annotations

import asyncio
import json
import logging
import posixpath
import re

import httpx2
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.lib.tools import ToolError
from anthropic.lib.tools._beta_builtin_memory_tool import BetaLocalFilesystemMemoryTool
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos import AsyncMemoryOS, MemoryOS, ValidationError
from memoryos.integrations import claude as claude_module
from memoryos.integrations.claude import AsyncMemoryOSMemoryTool, MemoryOSMemoryTool

pytestmark = pytest.mark.local_server

UNAVAILABLE = "Long-term memory is unavailable at the moment."


def local(cls=MemoryOS):
    return cls.local(":memory:", embedder="hashing")


def unreachable(cls=MemoryOS):
    return cls("mos_test", base_url="http://127.0.0.1:9/v1", max_retries=0)


# Replay: the same commands on both tools

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
VIEW_ALL = {"command": "view", "path": "/memories"}


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


@pytest.mark.parametrize("root", ["/memories", "/memories/", "/memories/a/.."])
def test_the_folder_of_all_files_cannot_be_deleted_or_moved(root):
    with local() as memory:
        tool = MemoryOSMemoryTool(memory, {"user": "alice"})
        with pytest.raises(ToolError, match=r"^Cannot delete the /memories directory itself$"):
            tool.call({"command": "delete", "path": root})
        with pytest.raises(ToolError, match=r"^Cannot rename the /memories directory itself$"):
            tool.call({"command": "rename", "old_path": root, "new_path": "/memories/b"})


def test_a_folder_cannot_be_moved_into_itself_and_a_file_is_no_folder():
    with local() as memory:
        tool = MemoryOSMemoryTool(memory, {"user": "alice"})
        tool.call({"command": "create", "path": "/memories/a/b.txt", "file_text": "x"})
        for path in ("/memories/a/c", "/memories/a/b.txt/c"):
            with pytest.raises(ToolError):
                tool.call({"command": "rename", "old_path": "/memories/a", "new_path": path})
        with pytest.raises(ToolError, match=r"/memories/a/b\.txt is not a directory"):
            tool.call({"command": "create", "path": "/memories/a/b.txt/c", "file_text": "x"})
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
    place = {"path": "/memories/log", "insert_line": 0}
    return {"command": "insert", **place, "insert_text": line}


def test_a_change_of_somebody_else_in_the_meantime_is_kept():
    with local() as memory:
        tool, other = (MemoryOSMemoryTool(memory, {"user": "alice"}) for _ in range(2))
        tool.call({"command": "create", "path": "/memories/log", "file_text": "first\n"})
        tool._memories = ChangedBefore(tool._memories, lambda: other.call(insertion("theirs")))
        tool.call(insertion("mine"))
        shown = tool.call({"command": "view", "path": "/memories/log"})
        assert [line[7:] for line in shown.split("\n")[1:]] == ["mine", "theirs", "first", ""]


def test_an_edit_of_a_file_that_is_deleted_in_the_meantime_says_that_it_is_gone():
    with local() as memory:
        tool, other = (MemoryOSMemoryTool(memory, {"user": "alice"}) for _ in range(2))
        tool.call({"command": "create", "path": "/memories/log", "file_text": "first\n"})
        delete = {"command": "delete", "path": "/memories/log"}
        tool._memories = ChangedBefore(tool._memories, lambda: other.call(delete))
        with pytest.raises(ToolError, match="The path /memories/log does not exist"):
            tool.call(insertion("mine"))


def test_a_file_that_is_always_changed_by_others_is_an_error():
    with local() as memory:
        tool, other = (MemoryOSMemoryTool(memory, {"user": "alice"}) for _ in range(2))
        tool.call({"command": "create", "path": "/memories/log", "file_text": "first\n"})
        meddling = ChangedBefore(tool._memories, lambda: other.call(insertion("theirs")), times=100)
        tool._memories = meddling
        with pytest.raises(ToolError, match="changed by others at the same time"):
            tool.call(insertion("mine"))


def test_the_text_of_a_file_is_found_by_a_search_of_the_same_scope_only():
    with local() as memory:
        tool = MemoryOSMemoryTool(memory, {"user": "alice"})
        tool.call({"command": "create", "path": "/memories/tea", "file_text": "Alice likes tea"})
        alice, bob = memory.scoped(user="alice"), memory.scoped(user="bob")
        found = alice.search("Alice likes tea", threshold=0.0)["results"]
        assert [result["content"] for result in found] == ["Alice likes tea"]
        assert bob.search("Alice likes tea", threshold=0.0)["results"] == []


def test_clearing_leaves_other_memories_and_other_users():
    with local() as memory:
        alice, bob = (MemoryOSMemoryTool(memory, {"user": name}) for name in ("alice", "bob"))
        kept = memory.scoped(user="alice").memories.create("Not a file")
        for tool in (alice, bob):
            tool.call({"command": "create", "path": "/memories/x", "file_text": "x"})
        alice.clear_all_memory()
        assert memory.scoped(user="alice").memories.get(kept["id"])["content"] == "Not a file"
        assert alice.call(VIEW_ALL).count("\n") == 1
        assert bob.call(VIEW_ALL).count("\n") == 2


def test_without_a_scope_there_is_no_tool():
    with local() as memory:
        for scope in ({}, None, {"user": ""}, {"user": None}, "alice"):
            with pytest.raises(ValidationError):
                MemoryOSMemoryTool(memory, scope)


def test_each_tool_takes_clients_of_its_kind_only():
    with local() as memory:
        for tool, client in ((AsyncMemoryOSMemoryTool, memory), (MemoryOSMemoryTool, object())):
            with pytest.raises(TypeError, match="client must be of the class"):
                tool(client, {"user": "alice"})
        nested = MemoryOSMemoryTool(memory.scoped(app="travel"), {"user": "alice"})
        assert nested.call(VIEW_ALL).count("\n") == 1


# A fake Claude: it calls the tool as it is told to, and answers with the result that it was shown


class FakeClaude:
    """Answers requests of the Messages API from a list of commands, and keeps what it is shown."""

    def __init__(self, *commands):
        self.commands = list(commands)
        self.tools = []
        self.shown = []

    def __call__(self, request):
        body = json.loads(request.content)
        self.tools += body.get("tools", [])
        last = body["messages"][-1]["content"]
        if isinstance(last, list):
            for block in last:
                content = block["content"]
                text = content if isinstance(content, str) else content[0]["text"]
                self.shown.append((text, block.get("is_error", False)))
        content = [{"type": "text", "text": "Done."}]
        reason = "end_turn"
        if self.commands:
            given_command = self.commands.pop(0)
            name = f"toolu_{len(self.commands)}"
            content = [{"type": "tool_use", "id": name, "name": "memory", "input": given_command}]
            reason = "tool_use"
        answer = {"id": "msg_1", "type": "message", "role": "assistant", "model": "fake"}
        answer.update(content=content, stop_reason=reason, stop_sequence=None)
        answer["usage"] = {"input_tokens": 1, "output_tokens": 1}
        return httpx2.Response(200, json=answer)


def claude(model):
    transport = httpx2.MockTransport(model)
    return Anthropic(api_key="none", http_client=httpx2.Client(transport=transport))


def async_claude(model):
    transport = httpx2.MockTransport(model)
    return AsyncAnthropic(api_key="none", http_client=httpx2.AsyncClient(transport=transport))


REQUEST = {
    "model": "fake",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "What do I like?"}],
}


def create(text):
    return {"command": "create", "path": "/memories/likes.txt", "file_text": text}


VIEW = {"command": "view", "path": "/memories/likes.txt"}
CREATED = ("File created successfully at: /memories/likes.txt", False)


def viewed(text):
    shown = f"Here's the content of /memories/likes.txt with line numbers:\n     1\t{text}"
    return (shown, False)


def test_two_users_in_one_application_each_see_their_own_files():
    with local() as memory:
        for number in range(1000):
            name = ("alice", "bob")[number % 2]
            memory.scoped(user=name).memories.create(f"{name} said {number}", tier="long")
        models = {
            "alice": FakeClaude(create("tea"), VIEW),
            "bob": FakeClaude(create("coffee"), VIEW),
        }
        runners = {
            name: iter(
                claude(model).beta.messages.tool_runner(
                    **REQUEST, tools=[MemoryOSMemoryTool(memory, {"user": name})]
                )
            )
            for name, model in models.items()
        }
        for _ in range(3):
            for runner in runners.values():
                next(runner)
    assert models["alice"].tools[0] == {"type": "memory_20250818", "name": "memory"}
    assert models["alice"].shown == [CREATED, viewed("tea")]
    assert models["bob"].shown == [CREATED, viewed("coffee")]


def test_two_users_at_the_same_time_on_the_asynchronous_client():
    models = {
        "alice": FakeClaude(create("tea"), VIEW),
        "bob": FakeClaude(create("coffee"), VIEW),
    }

    async def run(memory, name):
        tool = AsyncMemoryOSMemoryTool(memory, {"user": name})
        runner = async_claude(models[name]).beta.messages.tool_runner(**REQUEST, tools=[tool])
        await runner.until_done()

    async def main():
        async with local(AsyncMemoryOS) as memory:
            await asyncio.gather(*(run(memory, name) for name in models))

    asyncio.run(main())
    assert models["alice"].shown == [CREATED, viewed("tea")]
    assert models["bob"].shown == [CREATED, viewed("coffee")]


def test_claude_goes_on_and_is_told_so_while_the_service_is_down(caplog):
    model = FakeClaude(VIEW)
    with unreachable() as memory, caplog.at_level(logging.WARNING, "memoryos.integrations"):
        tool = MemoryOSMemoryTool(memory, {"user": "alice"})
        runner = claude(model).beta.messages.tool_runner(**REQUEST, tools=[tool])
        assert runner.until_done().content[0].text == "Done."
    assert model.shown == [(UNAVAILABLE, True)]
    assert "Could not use the memory tool" in caplog.text


def test_the_asynchronous_tool_goes_on_while_the_service_is_down():
    async def main():
        async with unreachable(AsyncMemoryOS) as memory:
            tool = AsyncMemoryOSMemoryTool(memory, {"user": "alice"})
            with pytest.raises(ToolError) as caught:
                await tool.call(VIEW)
            assert caught.value.content == UNAVAILABLE

    asyncio.run(main())


def test_a_silent_service_holds_up_no_command(client_of_a_silent_service, monkeypatch):
    """Of the tool of either kind."""
    monkeypatch.setattr(claude_module, "WRITE_DEADLINE", 0.1)
    memory = client_of_a_silent_service
    kind = MemoryOSMemoryTool if isinstance(memory, MemoryOS) else AsyncMemoryOSMemoryTool

    async def main():
        answer = kind(memory, {"user": "alice"}).call(VIEW)
        return await answer if asyncio.iscoroutine(answer) else answer

    with pytest.raises(ToolError) as caught:
        asyncio.run(main())
    assert caught.value.content == UNAVAILABLE


def test_claude_is_told_that_a_file_is_too_large():
    command = {"command": "create", "path": "/memories/a.txt", "file_text": "word " * 300_000}
    with local() as memory, pytest.raises(ToolError) as caught:
        MemoryOSMemoryTool(memory, {"user": "alice"}).call(command)
    assert caught.value.content == ("The file is too large. The body has more than 1048576 bytes")
