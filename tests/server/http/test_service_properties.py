"""Whatever a field holds, the whole server answers by the contract, and keeps what it took.

On the real service, with an embedder and without one: texts with the syntax of SQL and of FTS5,
controls, every plane of Unicode, halves of surrogate pairs, numbers without bound, deep JSON.
"""

from __future__ import annotations

import itertools
import json
import os
import unicodedata
from urllib.parse import quote_from_bytes

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from memoryos_server.contract.strict_json import MAX_JSON_DEPTH
from memoryos_server.embedders import named_embedder
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.model.caller import Caller
from memoryos_server.service.operations import open_service

pytestmark = pytest.mark.long

LONG = bool(os.environ.get("MEMORY_OS_LONG_TESTS"))
UNHURRIED = settings(
    deadline=None,
    max_examples=2000 if LONG else 60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
UUID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
FRAGMENTS = [
    *("'", '"', "`", "--", ";", "/*", "*/", "\\", "%", "_", "?", ":x", "$1", "||", "NULL", "x'00'"),
    *("*", "^", "(", ")", "{a b}:", "content:", " AND ", " OR ", " NOT ", "NEAR(a b, 2)", "+", "-"),
    *("'; DROP TABLE memories; --", "' OR 1=1 --", 'a" OR "b', "a* b*", "col : x", '""', "tea"),
    *("\0", "\x01", "\x1b[2J", "\r\n", "\t", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffe"),
    *("\u202e", "\u200f", "\u061c", "e\u0301", "\u1e9e", "\u0130", "ﬀ", "👩‍👩‍👧", "\U0010ffff"),
]
any_character = st.characters(exclude_categories=())
any_text = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(any_character, max_size=8), min_size=1, max_size=6
).map("".join)
owners = (f"owner {number}" for number in itertools.count())
texts = any_text.filter(
    lambda text: any(not c.isspace() and unicodedata.category(c) != "Cf" for c in text)
)
numbers = (
    st.integers() | st.floats() | st.sampled_from([10**30, 10**400, -(10**400), 1e308, 5e-324])
)
scalars = st.none() | st.booleans() | numbers | any_text
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(any_text, v, max_size=4)
)


@pytest.fixture(scope="module", params=["hashing", "none"])
def server(request):
    """The whole server without a socket."""
    service = open_service(":memory:", embedder=named_embedder(request.param))
    yield Dispatcher(service)
    service.close()


@pytest.fixture
def call(server):
    """Send a request as an owner whom nobody else shares."""

    def call(method, path, body=None, query=b"", owner="me"):
        # Python's encoder writes NaN and lone surrogates as a sloppy client does.
        content = b"" if body is None else json.dumps(body).encode()
        caller = Caller(owner, frozenset({"*"}))
        answer = server.handle(method, f"/v1{path}", query, [], content, caller=caller)
        assert answer.status < 500, answer.body
        assert (answer.status == 200) is ("data" in json.loads(answer.body))
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    return call


def is_whole(text):
    """Say whether UTF-8 can hold a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_json(value):
    """Say whether a value is JSON that any reader can hold: finite, and whole in each text."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
        return all(abs(number) < 1e309 for number in numbers_in(value))
    except (ValueError, OverflowError):
        return False


def numbers_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield float(value)


@given(text=texts)
@example(text="\ud800")
@example(text="\udc00\ud800")
@example(text="\0")
@example(text="\u202eright to left\0")
@settings(UNHURRIED)
def test_any_text_in_any_field_is_kept_as_it_is_or_refused(call, text):
    """Half a surrogate pair is a 400; everything else comes back character by character."""
    memory = {"content": text, "external_id": text, "source_id": text, "metadata": {text: [text]}}
    entity = {"name": text, "type": "thing", "aliases": [text], "metadata": {text: text}}
    expected = 200 if is_whole(text) else 400
    for path, body in (("/memories", memory), ("/entities", entity)):
        response = call("POST", path, body)
        assert response.status_code == expected, response.text
        if expected == 200:
            assert {name: response.json()["data"][name] for name in body} == body
    if expected == 200:
        made = call("POST", "/memories", {"content": "x"}).json()["data"]
        for change in ({"content": text}, {"metadata": {text: text}}):
            assert call("PATCH", f"/memories/{made['id']}", change).status_code == 200
        got = call("GET", f"/memories/{made['id']}").json()["data"]
        assert (got["content"], got["metadata"]) == (text, {text: text})


@given(text=texts)
@example(text="\0")
@example(text="a\0b")
@settings(UNHURRIED)
def test_any_text_can_be_searched_for(call, text):
    """As a query, a tag and an entity it is data, never syntax: what holds it is found."""
    owner = next(owners)
    labelled = {"tags": [text], "entities": [text]}
    expected = 200 if is_whole(text) else 400
    made = call("POST", "/memories", {"content": text, "metadata": labelled}, owner=owner)
    assert made.status_code == expected
    for body in (
        {"query": text, "threshold": 0},
        {"query": "x", "threshold": 0, "tags": [text]},
        {"query": "x", "threshold": 0, "entities": [text]},
    ):
        response = call("POST", "/search", body, owner=owner)
        assert response.status_code == expected, response.text
        if expected == 200 and not ("tags" in body and not text.strip()):
            ids = [result["id"] for result in response.json()["data"]["results"]]
            assert made.json()["data"]["id"] in ids
    context = call("POST", "/context", {"query": text, "format": "json"}, owner=owner)
    assert context.status_code == expected


@given(text=texts)
@settings(UNHURRIED)
def test_any_text_can_be_looked_for_among_names(call, text):
    """A tag and an entity of that name are found by it, whatever case folding makes of it."""
    if not is_whole(text):
        return
    owner = next(owners)
    call("POST", "/memories", {"content": "x", "metadata": {"tags": [text]}}, owner=owner)
    call("POST", "/entities", {"name": text, "type": "thing"}, owner=owner)
    query = b"search=" + quote_from_bytes(text.encode()).encode()
    (entity,) = call("GET", "/entities", query=query, owner=owner).json()["data"]
    assert entity["name"] == text
    assert call("GET", "/tags", query=query, owner=owner).status_code == 200


@given(value=st.dictionaries(any_text, values, max_size=4))
@settings(UNHURRIED)
def test_any_json_object_is_kept_as_metadata_or_refused(call, value):
    """Numbers, nesting, names: equal afterwards, or a 400 that names the body."""
    response = call("POST", "/memories", {"content": "x", "metadata": value})
    if is_json(value):
        assert response.status_code == 200, response.text
        assert response.json()["data"]["metadata"] == value
    else:
        assert response.status_code == 400
        errors = response.json()["error"]["details"]["errors"]
        assert all(error["field"].startswith("body") for error in errors)


@given(number=numbers)
@settings(UNHURRIED)
def test_any_number_in_any_place_is_taken_or_refused(call, number):
    """In bodies and in query strings, whole and not."""
    for path, body in (
        ("/memories", {"content": "x", "importance_score": number}),
        ("/search", {"query": "x", "threshold": number}),
        ("/search", {"query": "x", "limit": number}),
        ("/search", {"embedding": [number] * 1536}),
        ("/search", {"embedding": [0.5] * 8 + [number] + [0] * 1527}),
        ("/context", {"query": "x", "max_tokens": number}),
    ):
        assert call("POST", path, body).status_code in {200, 400}
    for name in ("limit", "offset", "min_relevance"):
        query = f"{name}={json.dumps(number)}".encode()
        assert call("GET", "/memories", query=query).status_code in {200, 400}


@given(
    depth=st.integers(1, 100_000), opening=st.sampled_from(["[", '{"a":']), is_closed=st.booleans()
)
@example(depth=MAX_JSON_DEPTH - 2, opening="[", is_closed=True)  # body and metadata are two levels
@example(depth=MAX_JSON_DEPTH - 1, opening="[", is_closed=True)
@settings(UNHURRIED)
def test_deep_json_is_kept_or_refused(server, depth, opening, is_closed):
    """Up to the bound it is stored; beyond, or cut off, it is a 400; nothing runs out of stack."""
    inner = opening * depth
    if is_closed:
        closing = "]" if opening == "[" else "}"
        inner += ("1" if opening != "[" else "") + closing * depth
    body = f'{{"content": "x", "metadata": {{"deep": {inner}}}}}'.encode()
    caller = Caller("deep", frozenset({"*"}))
    answer = server.handle("POST", "/v1/memories", b"", [], body, caller=caller)
    assert answer.status == (200 if is_closed and depth <= MAX_JSON_DEPTH - 2 else 400)


@given(st.binary(max_size=200), st.sampled_from(["/memories", "/tags", "/entities"]))
@settings(UNHURRIED)
def test_any_query_string_is_taken_or_refused(call, query, path):
    """Bytes of any kind."""
    assert call("GET", path, query=query).status_code in {200, 400}


@given(any_text, st.sampled_from(["GET", "PATCH", "DELETE"]))
@settings(UNHURRIED)
def test_any_id_is_unknown_or_refused(server, text, method):
    """Percent-encoded into one segment of the path, as every client does."""
    segment = quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")
    body = b'{"tier": "long"}' if method == "PATCH" else b""
    caller = Caller("me", frozenset({"*"}))
    answer = server.handle(method, f"/v1/memories/{segment}", b"", [], body, caller=caller)
    assert answer.status in {400, 404}, segment
