"""Our own examples run, as somebody would run them, on the fixtures of `memoryos.testing`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

import pytest

from memoryos.testing import faults

from .openai_stand_in import REPLY

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
HELPERS = {"display.py"}

# Every program is run here but these, which have tests of their own.
WEB_SERVICES = {"fastapi_app.py"}
NOTEBOOKS = {"tour.ipynb"}

# What each program must have printed of itself when it ran on an account without memories.
PRINTED = {
    "quickstart.py": [
        "Does not eat meat, and is allergic to peanuts",
        "- Giving a birthday dinner for eight friends on Saturday",
        "404 NOT_FOUND",
        "Plays the cello in an orchestra",
        "The greenhouse is watered at six in the morning",
    ],
    "chat.py": [],
    "maintenance.py": ["To promote: 0", "To delete: 0", "Nothing was changed"],
}


@pytest.fixture
def memory(memoryos_server):
    """A client, to fill the Memory OS that the examples are led to, and to look into it."""
    return memoryos_server.client()


def run_example(name, *arguments, said="", environment=MappingProxyType({})):
    """Run an example in a process where every warning is an error."""
    return subprocess.run(
        [sys.executable, "-B", "-W", "error", "-X", "utf8", str(EXAMPLES / name), *arguments],
        env={**os.environ, **environment},
        input=said,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def printed_by(name, *arguments, **settings):
    """Run an example that must succeed in silence on the standard error; return what it printed."""
    finished = run_example(name, *arguments, **settings)
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stderr
    return finished.stdout


def test_every_example_is_run_here():
    programs = {file.name for file in EXAMPLES.glob("*.py")}
    assert programs == set(PRINTED) | WEB_SERVICES | HELPERS
    assert {file.name for file in EXAMPLES.glob("*.ipynb")} == NOTEBOOKS


@pytest.mark.embedder
@pytest.mark.parametrize("name", PRINTED)
def test_an_example_runs_over_http_and_prints_what_it_is_for(name, memory, openai):
    printed = printed_by(name, environment=openai.environment)
    for expected in PRINTED[name]:
        assert expected in printed
    assert memory.memories.list()["data"] == []  # it deletes what it made


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_without_a_key_says_how_to_get_one(name):
    finished = run_example(name)
    assert finished.returncode == 1
    assert "make serve" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.embedder
def test_the_chat_tells_the_model_what_was_said_before(memory, openai):
    """A later question comes with the earlier turn, with what was to be kept, as marked data."""
    lines = [
        "I grow tomatoes on my balcony",
        "!I am allergic to wasp stings",
        "How are my tomatoes, and are there wasps?",
    ]
    printed = printed_by("chat.py", said="\n".join(lines), environment=openai.environment)
    assert printed.splitlines() == [REPLY, "I'll remember that.", REPLY]

    first, second = (asked["messages"] for _, asked in openai.asked)
    assert [message["content"] for message in (first[1], second[1])] == [lines[0], lines[2]]
    assert "<memories>" not in first[0]["content"]
    data = second[0]["content"].partition("<memories>")[2]
    assert lines[0] in data
    assert lines[1][1:] in data

    kept = {one["tier"]: one for one in memory.memories.list(content_type="fact")["data"]}
    assert kept["long"]["content"] == lines[1][1:]
    turns = memory.memories.list(tier="short", content_type="conversation")
    assert turns["meta"]["total"] == 2


def test_the_chat_goes_on_and_says_so_when_memory_os_is_away(memoryos_server, openai):
    """An outage is told apart from a memory that holds nothing."""
    memoryos_server.fail_always(faults.REFUSED)
    finished = run_example("chat.py", said="hello\n!tea\n", environment=openai.environment)
    assert finished.returncode == 0
    assert finished.stdout.splitlines() == [REPLY, "Please tell me again later."]
    assert "I can't look into my memories just now" in finished.stderr
    assert "CONNECTION_ERROR" in finished.stderr
    assert memoryos_server.api_key not in finished.stderr


@pytest.fixture
def used_memories(memory, memoryos_clock):
    """Memories that are used, faded and fresh."""
    store = memory.memories.create
    store("old, but for good", tier="long")
    memoryos_clock.advance(hours=100_000)
    store("faded")
    read = store("faded, but read once")
    memoryos_clock.advance(hours=23)
    memory.memories.get(read["id"])
    used = store("used often", importance_score=0.95)
    lasting = store("used often for weeks", tier="medium", importance_score=0.5)
    for _ in range(5):
        memory.memories.get(used["id"])
        memory.memories.get(lasting["id"])
    store("fresh")


def standing(memory):
    """Return the tier and the importance of every memory, by its content."""
    listed = memory.memories.list()["data"]
    return {one["content"]: (one["tier"], one["importance_score"]) for one in listed}


def test_maintenance_promotes_what_is_used_and_deletes_what_has_faded(memory, used_memories):
    """With --apply it does what it tells; everything else stays."""
    before = standing(memory)
    printed = printed_by("maintenance.py", "--apply")
    changed = {"used often": ("medium", 1.0), "used often for weeks": ("long", 0.6)}
    after = {**before, **changed}
    del after["faded"]
    assert standing(memory) == after
    assert "To promote: 2" in printed
    assert "To delete: 1" in printed
    assert [line.split()[:2] for line in printed.splitlines()[-3:]] == [
        ["short", "2"],
        ["medium", "1"],
        ["long", "2"],
    ]


def test_maintenance_only_tells_unless_it_is_to_apply(memory, used_memories):
    """The same is found, and nothing is changed."""
    before = standing(memory)
    printed = printed_by("maintenance.py")
    assert standing(memory) == before
    assert "To delete: 1" in printed
    assert "add --apply" in printed
