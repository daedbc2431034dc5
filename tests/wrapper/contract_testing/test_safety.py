"""A contract test leaves other memories alone, and removes what it has made."""

from __future__ import annotations

import random
from collections import Counter

import httpx
import pytest

from memoryos.contract_testing.generation.sequences import LINKS
from memoryos.contract_testing.signals import Interruption
from memoryos_server.model.caller import DEFAULT_OWNER, Caller

CALLER = Caller(DEFAULT_OWNER, frozenset({"*"}))
FOREIGN = 120
# A search or a context that hands out a memory counts as an access of it.
CHANGED_BY_ACCESS = {"access_count", "last_accessed_at", "relevance_score"}


class Recorder(httpx.BaseTransport):
    """Passes requests on, and remembers them; `before` and `after` may interfere."""

    def __init__(self, inner, before=None, after=None):
        self.requests = []
        self._inner = inner
        self._before = before
        self._after = after

    def handle_request(self, request):
        self.requests.append((request.method, request.url.raw_path.decode()))
        if self._before is not None:
            self._before(request)
        answer = self._inner.handle_request(request)
        return answer if self._after is None else self._after(request, answer)

    def changed_ids(self):
        """The ids of all PATCH and DELETE requests."""
        return {
            path.rpartition("/")[2]
            for method, path in self.requests
            if method not in ("GET", "POST")
        }


def stored(server):
    """All memories by id, read without an access."""
    memories = {}
    for offset in range(0, 10_000, 100):
        page = server.service.list_memories(CALLER, {"limit": 100, "offset": offset}).data
        memories.update({memory["id"]: memory for memory in page})
        if len(page) < 100:
            return memories
    raise AssertionError("more memories than a test makes")


@pytest.fixture
def foreign(server):
    """Somebody's memories on the same account: of every kind, with what a run writes as well."""
    choose = random.Random(4)
    contents = [
        "0",
        "The heron stands in the reeds at dawn",
        "contract test",
        "Ελληνικά",
        "a" * 5000,
    ]
    for number in range(FOREIGN):
        body = {
            "content": choose.choice(contents) + choose.choice(["", f" {number}"]),
            "tier": choose.choice(["short", "medium", "long"]),
            "content_type": "text",
            "metadata": choose.choice([{}, {"tags": ["red"]}, {"contract_test_run": "ct"}]),
        }
        server.service.create_memory(CALLER, {}, body)
    return stored(server)


def unchanged(before, after):
    """Every memory of `before` stands in `after` as it was, but for what an access changes."""
    assert before.keys() <= after.keys()
    for memory_id, memory in before.items():
        kept = {name: value for name, value in memory.items() if name not in CHANGED_BY_ACCESS}
        now = {k: v for k, v in after[memory_id].items() if k not in CHANGED_BY_ACCESS}
        assert now == kept
    return True


def test_other_memories_survive_unchanged(server, foreign):
    """After checks, cases and sequences every foreign memory is what it was, and nothing is new."""
    recorder = Recorder(server.transport)
    results = server.check(transport=recorder, cases=80, sequences=10)
    assert results.with_verdict("failed") == []
    after = stored(server)
    assert unchanged(foreign, after)
    assert after.keys() == foreign.keys()
    assert recorder.changed_ids()
    assert not recorder.changed_ids() & foreign.keys()


def test_a_server_that_hands_out_older_memories_for_new_ones_loses_none(server, foreign):
    """A foreign id in the answer to a creation, marker and all, does not make it the run's own."""
    memories = iter(list(foreign.values()) * 20)

    def deduplicate(request, answer):
        path = request.url.path
        if request.method != "POST" or path != "/v1/memories" or answer.status_code != 200:
            return answer
        answer.read()
        data, memory = answer.json()["data"], next(memories)
        if data["content"].startswith("a memory that a contract test made"):
            return answer
        echoed = {**data, "id": memory["id"], "created_at": memory["created_at"]}
        return httpx.Response(200, json={"data": echoed, "meta": {"request_id": "req_1"}})

    recorder = Recorder(server.transport, after=deduplicate)
    server.check(transport=recorder, cases=40)
    assert unchanged(foreign, stored(server))
    assert not recorder.changed_ids() & foreign.keys()


def test_a_server_that_drops_the_marker_keeps_what_was_made(server, foreign):
    """What can't be recognized is not deleted but reported, whatever the server says of it."""

    def drop(request, answer):
        answer.read()
        data = answer.json().get("data")
        if isinstance(data, dict) and "content" in data:
            shown = {**data, "content": "nothing", "metadata": {}}
            shown.update(external_id=None, source_id=None)
            return httpx.Response(200, json={"data": shown, "meta": {"request_id": "req_1"}})
        return answer

    recorder = Recorder(server.transport, after=drop)
    results = server.check(transport=recorder, only=["create_memory", "update_memory"])
    assert unchanged(foreign, stored(server))
    assert not recorder.changed_ids() & foreign.keys()
    # The list does show the marker, so that they are found there in the end.
    assert stored(server).keys() == foreign.keys()
    assert results.with_verdict("failed")


def test_what_only_the_answer_was_lost_of_is_removed(server, foreign):
    """A creation whose answer never came is found by its marker, and deleted."""
    count = Counter()

    def lose(request, answer):
        count[request.method] += 1
        if request.method == "POST" and count["POST"] % 3 == 0:
            raise httpx.ReadTimeout("lost")
        return answer

    server.check(transport=Recorder(server.transport, after=lose), cases=40, sequences=5)
    assert stored(server).keys() == foreign.keys()


@pytest.mark.parametrize("number", [1, 2, 5, 40, 150, 400, 800])
def test_an_interrupted_run_removes_what_it_made(server, foreign, number):
    """Wherever the request to stop comes, nothing of the run remains but entities."""
    interruption = Interruption()
    recorder = Recorder(
        server.transport,
        before=lambda request: len(recorder.requests) == number and interruption.request(2),
    )
    results = server.check(transport=recorder, interruption=interruption, cases=60, sequences=10)
    assert results.interrupted
    assert stored(server).keys() == foreign.keys()
    assert unchanged(foreign, stored(server))


def test_a_run_that_breaks_down_removes_what_it_made(server, foreign, monkeypatch):
    """An error of our own in a check goes out, after the clean-up."""
    from memoryos.contract_testing import run
    from memoryos.contract_testing.checks.registry import Check

    def break_down(target):
        target.create()
        raise RuntimeError("a bug in a check")

    check = Check("create_memory", "breaks-down", "It breaks down.", break_down)
    monkeypatch.setattr(run, "all_checks", lambda contract: [check])
    with pytest.raises(RuntimeError, match="a bug in a check"):
        server.check()
    assert stored(server).keys() == foreign.keys()


def test_a_server_that_goes_away_is_said_so(server, foreign):
    """When nobody answers any more the run ends, and names what it could not remove."""
    count = Counter()

    def go_away(request):
        count["requests"] += 1
        if count["requests"] > 60:
            raise httpx.ConnectError("connection refused")

    results = server.check(transport=Recorder(server.transport, before=go_away))
    assert "connection refused" in results.stopped
    assert results.exit_status(strict=False) in (1, 2)
    left = stored(server).keys() - foreign.keys()
    assert left
    assert set(results.leftovers.memories) == left


def test_a_memory_that_can_not_be_deleted_is_named(server):
    """What the server does not delete stands in the report."""

    def read_instead(request):
        if request.method == "DELETE":
            request.method = "GET"

    transport = Recorder(server.transport, before=read_instead)
    results = server.check(transport=transport, only=["create_memory"])
    assert results.leftovers.memories
    assert set(results.leftovers.memories) == stored(server).keys()


def test_few_entities_stay_and_are_named(server):
    """Two entities remain after a whole run, with generated cases, and the report names them."""
    results = server.check(cases=80, sequences=5)
    listed = server.service.list_entities(CALLER, {"limit": 100, "offset": 0}).data
    assert len(listed) == 2
    assert results.leftovers.entities == {entity["id"]: entity["name"] for entity in listed}


def test_a_disposable_account_takes_any_number_of_entities(server):
    """Where nothing has to stay clean, valid entities are generated too."""
    results = server.check(cases=60, only=["create_entity"], disposable=True)
    assert results.generated_cases() == 60
    assert len(results.leftovers.entities) > 20


def test_no_sequence_goes_on_from_a_list_or_a_search():
    """No link leads from what may show other memories; and none is inferred beside those given."""
    from memoryos.contract_testing.contract import load_contract
    from memoryos.contract_testing.generation.case_schema import load_schema

    contract = load_contract()
    machine = load_schema(contract, LINKS).as_state_machine()
    changing = {
        f"{operation.method} {operation.path}"
        for operation in contract.operations.values()
        if operation.id in LINKS
    }
    sources = {
        source for source, links in machine._transitions.operations.items() if links.outgoing
    }
    assert sources == changing
    assert not {"list_memories", "search_memories", "get_context", "list_tags"} & LINKS.keys()
