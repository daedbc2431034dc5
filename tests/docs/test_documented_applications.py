"""The documentation's longer examples: errors, retries, and three applications."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import time

import httpx
import pytest
from fastapi.testclient import TestClient

from memoryos import MemoryOS, MemoryOSError
from tests.wrapper.contract_answers import failure, success
from tests.wrapper.contract_answers import memory as contract_memory

from .openai_stand_in import REPLY
from .running import run_as_program

pytestmark = [pytest.mark.shared, pytest.mark.embedder]


@pytest.fixture
def naps(monkeypatch):
    """The seconds that were to be slept; nobody does."""
    naps = []
    monkeypatch.setattr(time, "sleep", naps.append)
    return naps


def answering(*answers):
    """Return a client whose service gives these answers, one after another."""
    left = iter(answers)

    def answer(_request):
        status, code, headers = next(left)
        body = failure(code, f"said {code}") if code else success(MADE)
        return httpx.Response(status, json=body, headers=headers)

    http_client = httpx.Client(transport=httpx.MockTransport(answer))
    return MemoryOS("mos_test_x", "http://memory.test/v1", max_retries=0, http_client=http_client)


MADE = contract_memory(content="c")
CREATED = (200, None, {})
LIMITED = (429, "RATE_LIMIT_EXCEEDED", {"Retry-After": "7"})


@pytest.mark.off_contract(reason="the example asks for NOT_FOUND, which creating never answers")
def test_error_handling(code, memory, capsys, naps, run):
    """Each documented error takes the branch that was written for it."""
    names = run(code, os=os)
    assert names["safe_operation"]() == memory.memories.list()["data"][0]
    for answer, raised, said in (
        ((400, "VALIDATION_ERROR", {}), ValueError, "said VALIDATION_ERROR"),
        ((401, "UNAUTHORIZED", {}), RuntimeError, "API key"),
        ((500, "INTERNAL_ERROR", {}), MemoryOSError, "INTERNAL_ERROR - said INTERNAL_ERROR"),
        ((403, "FORBIDDEN", {}), MemoryOSError, "FORBIDDEN - said FORBIDDEN"),
    ):
        names["memory"] = answering(answer)
        with pytest.raises(raised):
            names["safe_operation"]()
        assert said in capsys.readouterr().out
    names["memory"] = answering((404, "NOT_FOUND", {}))
    assert names["safe_operation"]() is None
    names["memory"] = answering(LIMITED, CREATED)
    assert names["safe_operation"]() == MADE
    assert naps == [7]


def test_error_handling_with_a_wrong_key(earlier, account, monkeypatch, run):
    """The same against the server itself."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", "mos_test_nobody_has_made_this_key")
    names = run(earlier("error handling"), os=os)
    with pytest.raises(RuntimeError):
        names["safe_operation"]()


def test_retrying(code, memory, naps, capsys, run):
    """The usage stores a memory; errors are retried as often and as late as it says."""
    names = run(code, memory=memory)
    assert names["result"] == memory.memories.list()["data"][0]
    for answers, expected in (
        ([LIMITED, CREATED], [7]),
        ([(500, "INTERNAL_ERROR", {}), (503, "UNAVAILABLE", {}), CREATED], [1.0, 2.0]),
    ):
        service = answering(*answers)
        retried = names["with_retry"](lambda service=service: service.memories.create("c"))
        assert retried == MADE
        assert naps == expected
        naps.clear()
    service = answering((403, "FORBIDDEN", {}))
    with pytest.raises(MemoryOSError, match="said FORBIDDEN"):
        names["with_retry"](lambda: service.memories.create("c"))
    assert naps == []


def test_the_chat_application(code, account, memory, openai, tmp_path):
    """The model is told what is known of the user; the turn is kept, and known the next time."""
    account.store("User is a gardener who has never programmed", tier="long")
    environment = {**account.environment, **openai.environment}
    assert run_as_program(code.parsed, tmp_path, environment).strip() == REPLY
    turn = memory.memories.list(tier="short")["data"][0]
    traits = (turn["content_type"], turn["memory_nature"], turn["metadata"])
    assert traits == ("conversation", "episodic", {"user_id": "user_123"})
    assert REPLY in turn["content"]

    run_as_program(code.parsed, tmp_path, environment)
    first, second = (asked["messages"] for _, asked in openai.asked)
    assert "gardener" in first[0]["content"]
    assert REPLY not in first[0]["content"]
    assert REPLY in second[0]["content"]
    assert first[1]["content"] in turn["content"]


@pytest.fixture
def application(code, account, tmp_path, monkeypatch):
    """The FastAPI example, imported from a file as a server would."""
    file = tmp_path / "application.py"
    file.write_text(code.parsed, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("application", file)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "application", module)
    spec.loader.exec_module(module)
    yield module
    module.memory.close()


def test_the_fastapi_application(code, application, memory):
    """Its three routes store, find and tell; an error keeps its status and its message."""
    with TestClient(application.app) as http:
        user = {"X-User-Id": "user_123"}
        content = {"content": "User prefers trains over planes", "tier": "long"}
        made = http.post("/memories", json=content, headers=user).json()
        assert made["success"] is True
        assert made["data"] == memory.memories.list()["data"][0]
        assert made["data"]["metadata"] == {"user_id": "user_123"}

        query = "Does the user like to travel by train?"
        found = http.post("/search", json={"query": query}).json()["data"]
        assert [one["id"] for one in found["results"]] == [made["data"]["id"]]
        told = http.get("/context", params={"query": query, "max_tokens": 50}).json()["data"]
        assert content["content"] in told["context"]

        refused = http.post("/memories", json={"content": ""}, headers=user)
        assert (refused.status_code, "content" in refused.json()["detail"]) == (400, True)
        application.memory.close()
        application.memory = answering(LIMITED)
        limited = http.get("/context", params={"query": query})
        assert (limited.status_code, limited.json()["detail"]) == (429, "said RATE_LIMIT_EXCEEDED")


def test_the_maintenance_script(code, account, memory, tmp_path):
    """It promotes what is read often, deletes what nobody reads, and counts what is left."""
    (often,) = account.store("read often", importance_score=0.5)
    for _ in range(6):
        memory.memories.get(often["id"])
    (faded,) = account.store("faded, never read", hours_ago=23)
    (faded_but_read,) = account.store("faded, but read", hours_ago=23.5)
    memory.memories.get(faded_but_read["id"])
    account.store("fresh")
    account.store("one", "two", "three", tier="long", hours_ago=1000)
    printed = run_as_program(code.parsed, tmp_path, account.environment)

    left = {one["content"]: one for one in memory.memories.list()["data"]}
    assert set(left) == {"read often", "faded, but read", "fresh", "one", "two", "three"}
    promoted = left["read often"]
    assert (promoted["tier"], promoted["importance_score"]) == ("medium", 0.6)
    assert re.findall(r"[0-9a-f-]{36}", printed) == [often["id"], faded["id"]]
    assert re.findall(r"(?<= )\d+(?= memories$)", printed, re.MULTILINE) == ["1", "1"]
    assert re.findall(r": (\d+)$", printed, re.MULTILINE) == ["2", "1", "3", "6"]
