"""The features that a service names, and what the SDK sends to it."""

import pytest

from memoryos import MemoryOS, NotSupportedError, ValidationError
from memoryos._protocol.features import ServiceFeatures
from memoryos._protocol.operations import OPERATIONS, build_call

META = {"request_id": "req_1"}
PAGE = {"total": 0, "limit": 1, "offset": 0, "has_more": False, **META}


def test_that_nothing_is_known_before_the_first_response():
    assert ServiceFeatures().names is None


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("filters, tags", {"filters", "tags"}),
        (" Filters ,,TAGS,", {"filters", "tags"}),
        ("", set()),
        ("something-new", {"something-new"}),
    ],
)
def test_that_the_header_is_read(header, names):
    features = ServiceFeatures()
    features.learn(200, {"x-memory-os-features": header})
    assert features.names == names


def test_that_a_success_without_the_header_names_no_features():
    features = ServiceFeatures()
    features.learn(200, {})
    assert features.names == set()


def test_that_an_error_without_the_header_says_nothing():
    features = ServiceFeatures()
    features.learn(200, {"x-memory-os-features": "filters"})
    features.learn(502, {})
    assert features.names == {"filters"}


def test_that_an_error_with_the_header_names_features():
    features = ServiceFeatures()
    features.learn(403, {"x-memory-os-features": "filters"})
    assert features.names == {"filters"}


def test_that_the_last_response_counts():
    features = ServiceFeatures()
    features.learn(200, {"x-memory-os-features": "filters"})
    features.learn(200, {})
    assert features.names == set()


def test_that_a_call_names_the_features_that_it_needs():
    operation = OPERATIONS["search_memories"]
    assert not build_call(operation, {"query": "q", "tags": ["a"]}).features
    call = build_call(operation, {"query": "q", "external_id": "x", "explain": True})
    assert call.features == {"filters", "explain"}


def test_that_false_is_neither_sent_nor_a_use_of_a_feature():
    call = build_call(OPERATIONS["search_memories"], {"query": "q", "explain": False})
    assert not call.features
    assert b"explain" not in call.content


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        (name, argument)
        for name, operation in OPERATIONS.items()
        for argument, described in operation.arguments.items()
        if described.schema.get("type") != "boolean"
    ],
)
def test_that_false_is_refused_where_it_is_no_value(name, argument):
    """Also for an argument of a feature: a filter that is left out would return everything."""
    memory_id = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
    needed = {"memory_id": memory_id, "content": "c", "query": "q", "name": "n", "type": "person"}
    with pytest.raises(ValidationError, match=rf"^{argument} must be .*; got False"):
        build_call(OPERATIONS[name], {**needed, argument: False})


def test_that_an_empty_list_of_tags_is_a_use():
    identifier = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
    call = build_call(OPERATIONS["update_memory"], {"memory_id": identifier, "tags": []})
    assert call.features == {"tags"}
    assert call.content == b'{"tags":[]}'


def test_that_every_addition_of_the_contract_belongs_to_a_feature():
    """The documented arguments belong to none, so that they work with every service."""
    documented = {
        "create_memory": 9,
        "list_memories": 6,
        "update_memory": 6,
        "search_memories": 8,
        "get_context": 4,
    }
    for name, count in documented.items():
        arguments = [one for one in OPERATIONS[name].arguments.values() if not one.feature]
        assert len([one for one in arguments if one.location != "header"]) == count


def test_that_the_service_is_asked_once_for_its_features(respx_mock):
    pages = respx_mock.get("https://api.mymemoryos.com/v1/memories")
    pages.respond(json={"data": [], "meta": PAGE})
    with MemoryOS("mos_test_key") as memory:
        for _ in range(2):
            with pytest.raises(NotSupportedError) as caught:
                memory.search("q", explain=True)
    assert caught.value.status == 501
    assert caught.value.details == {"features": ["explain"]}
    assert "explain" in str(caught.value)
    assert len(pages.calls) == 1


def test_that_a_raw_call_needs_the_features_too(respx_mock):
    error = {"error": {"code": "FORBIDDEN", "message": "No", "details": {}}, "meta": META}
    respx_mock.get("https://api.mymemoryos.com/v1/memories").respond(403, json=error)
    with MemoryOS("mos_test_key") as memory, pytest.raises(NotSupportedError):
        memory.with_raw_response.search("q", explain=True)


def test_that_an_addition_is_sent_to_a_service_that_names_its_feature(respx_mock):
    named = {"X-Memory-OS-Features": "explain"}
    respx_mock.get("https://api.mymemoryos.com/v1/memories").respond(
        json={"data": [], "meta": PAGE}, headers=named
    )
    found = {"results": [], "search_type": "semantic", "threshold": 0.7}
    search = respx_mock.post("https://api.mymemoryos.com/v1/search").respond(
        json={"data": found, "meta": META}, headers=named
    )
    with MemoryOS("mos_test_key") as memory:
        assert memory.search("q", explain=True) == found
    assert b'"explain":true' in search.calls.last.request.content
