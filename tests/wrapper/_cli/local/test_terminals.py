"""The commands as processes: on a terminal as a person sees it, in pipes, and interrupted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty", reason="pseudo-terminals are for Unix")

PATIENCE_SECONDS = 60
STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[1-7]")


class Terminal:
    """A pseudo-terminal with a process on it.

    Args:
        start: Starts the process with these standard streams.
    """

    def __init__(self, start):
        self._mine, its_own = pty.openpty()
        self.process = start(stdin=its_own, stdout=its_own, stderr=its_own)
        os.close(its_own)
        self.seen = ""

    def until(self, text):
        """Read until the terminal shows a text."""
        while text not in STYLE.sub("", self.seen):
            assert self._read(), f"it ended, and showed {self.seen!r}"

    def type(self, text):
        os.write(self._mine, text.encode())

    def end(self):
        """Read to the end, and return the exit status."""
        while self._read():
            pass
        os.close(self._mine)
        return self.process.wait(PATIENCE_SECONDS)

    def _read(self):
        try:
            read = os.read(self._mine, 65536)
        except OSError:  # what Linux says at the end of a pseudo-terminal
            return False
        self.seen += read.decode("utf-8", "replace")
        return bool(read)


@pytest.fixture
def terminal(command):
    """A function that starts a command on a terminal of its own."""
    started = []

    def start(*arguments, **environment):
        environment = {"COLUMNS": "100", "TERM": "xterm-256color", **environment}
        made = Terminal(lambda **streams: command(*arguments, env=environment, **streams))
        started.append(made.process)
        return made

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_terminal_gets_a_table_in_colours(terminal, memory):
    """With the content, and the id to copy."""
    made = memory.memories.create("Ada drinks her coffee black", tier="long")
    shown = terminal("list")
    assert shown.end() == 0
    assert "Ada drinks her coffee black" in shown.seen
    assert made["id"] in shown.seen
    assert COLOUR.search(shown.seen)


def test_no_color_means_none(terminal, memory):
    """The table stays, the colours go."""
    memory.memories.create("Ada drinks her coffee black", tier="long")
    shown = terminal("list", NO_COLOR="1")
    assert shown.end() == 0
    assert "Ada drinks her coffee black" in shown.seen
    assert not COLOUR.search(shown.seen)


def test_deleting_asks_a_person_first(terminal, memory):
    """No is the answer unless it is yes."""
    made = memory.memories.create("keep me")
    for answer, status, left in (("n", 1, 1), ("y", 0, 0)):
        asked = terminal("delete", made["id"])
        asked.until("permanently? [y/N]")
        asked.type(f"{answer}\n")
        assert asked.end() == status
        assert memory.memories.list()["meta"]["total"] == left


def test_something_long_shows_how_far_it_is(terminal, memory, tmp_path):
    """A bar with counts while it goes on, a line when it is done."""
    for number in range(3):
        memory.memories.create(f"memory {number}")
    shown = terminal("export", str(tmp_path / "export.jsonl"))
    assert shown.end() == 0
    assert "Exporting" in shown.seen
    assert "of 3" in STYLE.sub("", shown.seen)
    assert "3 memories written" in shown.seen


def test_a_command_of_the_server_shows_progress_and_colours_too(terminal, memory):
    """The server's commands write to the console of the SDK's."""
    for number in range(3):
        memory.memories.create(f"memory {number}", tier="long")
    assert terminal("reembed", "--embedder", "none").end() == 0
    shown = terminal("reembed", "--embedder", "hashing")
    assert shown.end() == 0
    assert "Embedding" in STYLE.sub("", shown.seen)
    assert "3 memories embedded" in STYLE.sub("", shown.seen)
    assert COLOUR.search(shown.seen)


def test_without_a_pipe_create_says_what_is_missing(terminal):
    """It does not sit there, waiting for somebody to type."""
    shown = terminal("create")
    assert shown.end() == 2
    assert "nothing to store" in shown.seen


def test_a_pipe_that_is_closed_ends_a_list_quietly(command, memory):
    """As after `| head -1`: no traceback, and the status that shells give."""
    for number in range(5):
        memory.memories.create("x" * 50_000 + str(number))
    process = command("list", "--all", "--json")
    assert process.stdout.read(10)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(PATIENCE_SECONDS), errors) == (141, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are for Unix")
def test_ctrl_c_tells_how_to_go_on(command):
    """What was stored is stored; the batch's name stores the rest."""
    process = command(
        *["create", "--lines", "-q", "--concurrency", "1"],
        stdin=subprocess.PIPE,
        env={"PYTHONUNBUFFERED": ""},
    )
    process.stdin.write(b"one\ntwo\n")
    process.stdin.flush()
    # The id of the first comes when the second is under way; the third is waited for.
    assert process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    process.stdin.close()
    errors = process.stderr.read().decode()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(PATIENCE_SECONDS) == 130
    assert re.search(r"stopped after \d memor.*--batch \w+", errors)


def test_delete_shows_what_it_would_delete_and_asks_only_for_what_exists(terminal, memory):
    """An unknown id is reported before the question."""
    made = memory.memories.create("Ada drinks\nher coffee black", tier="long")
    unknown = "550e8400-e29b-41d4-a716-446655440000"
    asked = terminal("delete", made["id"], unknown, made["id"])
    asked.until("Delete 1 memory permanently? [y/N]")
    seen = STYLE.sub("", asked.seen)
    assert "Ada drinks her coffee black" in seen
    assert seen.index(f"memoryos delete: {unknown}: ") < seen.index("Delete 1 memory")
    asked.type("y\n")
    assert asked.end() == 3
    assert "1 memory deleted" in asked.seen
    assert memory.memories.list()["meta"]["total"] == 0


def test_delete_of_unknown_ids_asks_nothing(terminal, memory):
    memory.memories.create("Ada drinks her coffee black", tier="long")
    ended = terminal("delete", "550e8400-e29b-41d4-a716-446655440000")
    assert ended.end() == 3
    assert "permanently?" not in ended.seen


def test_a_long_list_of_memories_to_delete_is_shown_in_part(terminal, memory):
    made = [memory.memories.create(f"Note {i}", tier="long")["id"] for i in range(12)]
    asked = terminal("delete", *made)
    asked.until("Delete 12 memories permanently? [y/N]")
    assert "and 2 memories more" in STYLE.sub("", asked.seen)
    asked.type("n\n")
    assert asked.end() == 1
    assert memory.memories.list()["meta"]["total"] == 12


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_the_keys_are_a_table_within_the_terminal(terminal, command, columns):
    """With the name and the id, however narrow it is."""
    options = ("--name", "laptop", "--owner", "ada@example.org", "--expires", "30d")
    made, _ = command("keys", "create", *options).communicate(timeout=PATIENCE_SECONDS)
    key_id = re.search(rb"^id +(\w+)", made, re.MULTILINE)[1].decode()
    shown = terminal("keys", "list", COLUMNS=str(columns))
    assert shown.end() == 0
    lines = STYLE.sub("", shown.seen).splitlines()
    assert max(map(len, lines)) <= columns
    for text in ("laptop", key_id, "NAME", "STATE", *(["EXPIRES"] if columns >= 80 else [])):
        assert any(text in line for line in lines)


def test_forgetting_a_user_asks_a_person_first(terminal, memory):
    """With the number of memories and the user; everything else stays."""
    memory.memories.create("of nobody")
    for user in ("alice", "alice", "bob"):
        memory.scoped(user=user).memories.create(f"of {user}")
    for answer, left in (("n", 4), ("y", 2)):
        asked = terminal("forget", "--user", "alice")
        asked.until("Delete 2 memories of user alice permanently? [y/N]")
        asked.type(f"{answer}\n")
        assert asked.end() == (1 if answer == "n" else 0)
        assert memory.memories.list()["meta"]["total"] == left
    assert "2 memories deleted" in asked.seen
