"""Whatever arrives, the dispatcher answers in the envelope, and never with a 5xx."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memoryos_server.contract.features import FEATURES, FEATURES_HEADER
from memoryos_server.model.caller import Caller

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ME = Caller("me", frozenset({"*"}))
PATHS = ["/memories", "/memories/7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11", "/search", "/context"]
PATHS += ["/tags", "/entities"]

methods = st.sampled_from(["GET", "POST", "PATCH", "DELETE"]) | st.text(max_size=20)
paths = st.sampled_from([f"/v1{path}" for path in PATHS]) | st.text(max_size=40)
names = st.sampled_from([b"Authorization", b"Idempotency-Key", b"Content-Type", b"Content-Length"])
headers = st.lists(st.tuples(names | st.binary(max_size=9), st.binary(max_size=40)), max_size=4)
fields = st.sampled_from(["content", "query", "tier", "limit", "name", "type", "metadata", "tags"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(fields, v))
bodies = st.binary(max_size=60) | st.dictionaries(fields | st.text(max_size=5), values).map(
    lambda value: json.dumps(value).encode()
)


@given(methods, paths, st.binary(max_size=60), headers, bodies, st.sampled_from([None, ME]))
@settings(UNHURRIED, max_examples=300)
def test_anything_at_all_gets_an_answer(dispatcher, method, path, query, headers, body, caller):
    """Text, bytes and JSON of all kinds; also when the caller is known."""
    answer = dispatcher.handle(method, path, query, headers, body, caller=caller)
    assert answer.status < 500
    told = dict(answer.headers)
    assert told[FEATURES_HEADER] == ", ".join(FEATURES)
    if answer.body:
        envelope = json.loads(answer.body)
        assert envelope["meta"]["request_id"] == told["X-Request-Id"]
        assert ("data" in envelope) is (answer.status == 200)
        assert int(told["Content-Length"]) == len(answer.body)


@pytest.mark.parametrize("path", PATHS)
@given(value=values)
@settings(UNHURRIED, max_examples=50)
def test_a_body_is_either_refused_with_its_field_or_handed_on(dispatcher, service, path, value):
    """A 400 names at least one field; a 200 reached the service."""
    service.calls.clear()
    body = json.dumps(value).encode()
    method = "PATCH" if path.startswith("/memories/") else "POST"
    answer = dispatcher.handle(method, f"/v1{path}", b"", [], body, caller=ME)
    if answer.status == 400:
        errors = json.loads(answer.body)["error"]["details"]["errors"]
        assert errors
        assert all(error["field"].startswith("body") for error in errors)
    else:
        assert answer.status == (200 if service.calls else 405)
