"""`memoryos mcp` as AI applications use it: as a process, spoken to by the official client."""

from __future__ import annotations

import sys

import pytest

from memoryos._cli.main import main
from memoryos.testing import FaultProxy, faults

from .calls import answer, complaint, text

pytestmark = pytest.mark.anyio

KEY = "mos_test_telltale0123456789"


@pytest.mark.embedder
async def test_what_is_remembered_is_found_changed_and_forgotten(started, memory):
    """All tools, one after another, on the Memory OS of this machine."""
    async with started() as client:
        stored = await answer(
            client, "remember", content="Ada drinks her coffee black", tags=["coffee"]
        )
        memory_id = stored["memory"]["id"]
        assert stored["memory"]["tier"] == "long"
        found = await answer(client, "search_memories", query="How does Ada take her coffee?")
        assert [each["id"] for each in found["memories"]] == [memory_id]
        assert found["search_type"] == "semantic"
        context = await text(client, "get_context", query="coffee", max_tokens=100)
        assert "Ada drinks her coffee black" in context
        changed = await answer(
            client, "update_memory", memory_id=memory_id, content="Ada drinks tea now"
        )
        assert changed["memory"]["content"] == "Ada drinks tea now"
        listed = await answer(client, "list_memories")
        assert (listed["total"], listed["has_more"]) == (1, False)
        assert await answer(client, "forget", memory_id=memory_id) == {"forgotten": memory_id}
        assert "list_memories" in await complaint(client, "forget", memory_id=memory_id)
    assert memory.memories.list()["data"] == []


async def test_a_key_leads_to_the_service_and_is_never_told(started, tmp_path):
    """Whatever the service answers: not in the answers, and not in what a host keeps as a log."""
    log = tmp_path / "log"
    refusal = faults.status(401)
    with FaultProxy() as proxy, log.open("w") as errors:
        proxy.fail_always(refusal)
        environment = {"MEMORY_OS_API_KEY": KEY, "MEMORY_OS_BASE_URL": proxy.base_url}
        async with started("--read-only", "--timeout", "5", errors=errors, **environment) as client:
            names = set(await client.tools())
            told = await complaint(client, "search_memories", query="x")
        assert proxy.counts.requests == 1
    assert names == {"search_memories", "get_context", "list_memories"}
    assert "is not accepted" in told
    assert KEY not in told + log.read_text()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"MEMORY_OS_API_KEY": "sk-telltale"}, "starts with mos_"),
        ({"MEMORY_OS_API_KEY": KEY, "MEMORY_OS_BASE_URL": "nowhere"}, "MEMORY_OS_BASE_URL"),
    ],
)
def test_settings_that_can_t_be_right_end_it_at_once(environment, said, monkeypatch, capsys):
    """With a line for the host's log, and without the key."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["mcp"]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert said in written.err
    assert "telltale" not in written.err


def test_without_its_package_it_says_how_to_install_it(monkeypatch, capsys):
    """From a copy of the repository."""
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
    for name in [name for name in sys.modules if name.startswith("memoryos.mcp")]:
        monkeypatch.delitem(sys.modules, name)
    assert main(["mcp"]) == 1
    assert "pip install '.[mcp]'" in capsys.readouterr().err
