"""What may be sent, and what counts as the run's own: the rules by themselves."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from memoryos.contract_testing.http_messages import Response, SentRequest
from memoryos.contract_testing.safety import (
    ENTITY_LIMIT,
    UNRECOGNIZED_LIMIT,
    Ownership,
    blocked_reason,
    is_own_memory,
    record_existing_memories,
)

MARKER = "ctabcdefghijklmnop"
OWN = "0b0a4a3e-58a7-4b62-9a4c-3f1d2c7b9e10"
INVENTED = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
FOREIGN = "c9b7e1de-2f4b-4a0f-8e0a-5d4c3b2a1908"
STARTED = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)


@pytest.fixture
def own():
    """A run that has created one memory, and invented an id."""
    paths = frozenset({"/memories", "/search", "/context", "/entities"})
    return Ownership(MARKER, "/v1", paths, created={OWN}, absent={INVENTED}, started=STARTED)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("memory_id", [OWN, INVENTED])
def test_its_own_memories_and_invented_ids_may_be_changed(own, method, memory_id):
    """What the run has created, and what can't exist, may be patched and deleted."""
    assert blocked_reason(method, f"/v1/memories/{memory_id}", {}, own) is None


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "PUT", "TRACE", "PURGE"])
@pytest.mark.parametrize(
    "path",
    [
        f"/v1/memories/{FOREIGN}",
        f"/v1/memories/{FOREIGN.upper()}",
        f"/v1/memories/{OWN}/../{FOREIGN}",
        f"/v1/memories/{OWN}/%2e%2e/{FOREIGN}",
        f"/v1/memories/{OWN}%2F..%2F{FOREIGN}",
        f"/v1/memories/{FOREIGN}?id={OWN}",
        f"/v1/memories/{OWN}?memory_id={FOREIGN}",
        f"/v1/memories/{OWN};{FOREIGN}",
        f"/v1//memories/{OWN}",
        f"/v1/memories//{OWN}",
        f"/v1/memories/{OWN}/",
        f"/v1/entities/{OWN}",
        f"/v2/memories/{OWN}",
        f"/memories/{OWN}",
        f"/v1/memories/{OWN} ",
        "/v1/memories/",
        "/v1/memories",
        "/v1/memories/*",
        "/v1",
        "/",
    ],
)
def test_nothing_else_is_changed(own, method, path):
    """No other id, no other spelling of a path, no other method."""
    assert blocked_reason(method, path, {}, own) is not None


@pytest.mark.parametrize("path", ["/v1/memories", f"/v1/memories/{FOREIGN}", "/v1/x/../y", "/"])
def test_anything_may_be_read(own, path):
    """A GET changes nothing."""
    assert blocked_reason("GET", path, {}, own) is None


@pytest.mark.parametrize(
    "path",
    [f"/v1/memories/{OWN}", "/v1/memories/delete", "/v1/keys", "/v1/memories?x=1", "/v2/search"],
)
def test_posts_go_to_the_paths_of_the_contract_only(own, path):
    """A POST to another path could mean anything."""
    assert blocked_reason("POST", "/v1/memories", {}, own) is None
    assert blocked_reason("POST", path, {}, own) is not None


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_headers_that_change_what_a_request_means_are_refused(own, method):
    """X-HTTP-Method-Override makes a DELETE of a POST."""
    target = {"GET": "/v1/memories", "POST": "/v1/memories", "DELETE": f"/v1/memories/{OWN}"}[
        method
    ]
    assert blocked_reason(method, target, {"Accept": "application/json"}, own) is None
    for name in ("X-HTTP-Method-Override", "x-method-override", "X-Original-URL", "cookie"):
        assert blocked_reason(method, target, {name: "DELETE"}, own) is not None


def test_an_idempotency_key_holds_the_marker(own):
    """Another key may be somebody else's, whose answer would show somebody else's memory."""
    assert blocked_reason("POST", "/v1/memories", {"Idempotency-Key": "a" + MARKER}, own) is None
    assert blocked_reason("POST", "/v1/memories", {"idempotency-key": "a"}, own) is not None


def test_entities_are_few(own):
    """At the limit no more are created: the API can't delete them."""
    for number in range(ENTITY_LIMIT):
        assert blocked_reason("POST", "/v1/entities", {}, own) is None
        own.entities[str(number)] = "an entity"
    assert blocked_reason("POST", "/v1/entities", {}, own) is not None
    assert blocked_reason("POST", "/v1/memories", {}, own) is None


def test_no_more_is_created_than_can_be_told_apart(own):
    """Where creations can't be recognized in the answers, they soon stop."""
    own.unrecognized = {str(number) for number in range(UNRECOGNIZED_LIMIT)}
    assert blocked_reason("POST", "/v1/memories", {}, own) is not None
    assert blocked_reason("POST", "/v1/search", {}, own) is None


MEMORY = {
    "id": FOREIGN,
    "content": "something",
    "metadata": {"contract_test_run": MARKER},
    "created_at": "2026-11-22T10:00:01Z",
}


def test_a_marked_memory_of_this_run_is_its_own(own):
    """The marker in the metadata or the content, and a time that is no earlier than the run."""
    assert is_own_memory(MEMORY, own)
    assert is_own_memory({**MEMORY, "metadata": {}, "content": "a " + MARKER}, own)
    assert is_own_memory({**MEMORY, "created_at": "2026-11-22T11:00:00+01:00"}, own)


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {}},
        {"metadata": {"contract_test_run": "ctsomethingelse"}},
        {"metadata": None, "integrity_hash": MARKER},
        {"created_at": "2026-11-22T09:59:59Z"},
        {"created_at": "2021-01-01T00:00:00Z"},
        {"id": "../memories"},
        {"id": f"{OWN}/{FOREIGN}"},
        {"id": ""},
        {"id": None},
        {"id": 7},
    ],
)
def test_any_other_memory_is_not(own, change):
    """Without the marker, older than the run, or with an id that a path can't hold plainly."""
    assert not is_own_memory({**MEMORY, **change}, own)


def test_without_a_time_the_content_must_hold_the_marker(own):
    """Metadata may be an echo; a content with the marker is like no other."""
    timeless = {**MEMORY, "created_at": None}
    assert not is_own_memory(timeless, own)
    assert is_own_memory({**timeless, "content": MARKER}, own)


def test_what_was_listed_before_the_run_is_not_its_own(own):
    """The run begins at the newest memory that was there, or by the clock in the Date header."""
    listed = {"data": [{"id": OWN, "created_at": "2026-11-22T12:00:00Z"}, {"id": INVENTED}]}
    record_existing_memories(own, _answer(listed))
    assert own.foreign == {OWN, INVENTED}
    assert own.started == datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
    record_existing_memories(own, _answer(listed, date="Sun, 22 Nov 2026 12:30:00 GMT"))
    assert own.started == datetime(2026, 11, 22, 12, 25, tzinfo=timezone.utc)
    assert not is_own_memory({**MEMORY, "id": OWN, "created_at": "2027-01-01T00:00:00Z"}, own)


@pytest.mark.parametrize("body", [{"data": []}, {"data": "nothing"}, [], None])
def test_where_nothing_was_listed_any_time_is_the_runs(own, body):
    """An empty account, or a list that can't be read, and no clock."""
    record_existing_memories(own, _answer(body, date="yesterday"))
    assert own.started is not None
    assert is_own_memory({**MEMORY, "created_at": "1970-01-01T00:00:00Z"}, own)


def _answer(body, **headers):
    sent = SentRequest("GET", "/v1/memories", None)
    return Response.read(sent, 200, headers, json.dumps(body).encode())


@pytest.mark.parametrize("value", [None, [], "text", 7, {}])
def test_what_is_no_memory_is_not_its_own(own, value):
    """An answer may hold anything."""
    assert not is_own_memory(value, own)
