"""The stand-ins do what their names say; otherwise tests with them would prove nothing."""

from __future__ import annotations

import pytest

from memoryos import ValidationError
from memoryos._protocol import features
from memoryos._protocol.operations import build_call, list_memories, search_memories

from ..stand_ins import (
    ALL_FEATURES,
    BEHAVIOURS,
    HasAll,
    HasOtherTags,
    IgnoresTags,
    IgnoresUnknown,
    Lies,
    RefusesUnknown,
)

pytestmark = pytest.mark.local_server


def raw(place, operation, **arguments):
    """Send what the SDK would not send to a service that doesn't name the feature."""
    session = place.client._session
    return session.send(build_call(operation, arguments), session.policy).data


@pytest.fixture
def filled(place_of):
    """Return a function that makes a place with a memory of Ada and one of Bob."""

    def make(behaviour):
        place = place_of(behaviour)
        place.memories.create("Ada drinks coffee", metadata={"tags": ["user:ada"]})
        place.memories.create("Bob drinks tea", metadata={"tags": ["user:bob"]})
        return place

    return make


def contents(found):
    return [item["content"] for item in found.get("data", found.get("results"))]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_that_each_names_what_it_says_and_stores_memories(filled, name):
    place = filled(BEHAVIOURS[name]())
    assert contents(place.memories.list()) == ["Bob drinks tea", "Ada drinks coffee"]
    assert place.memories.list()["data"][1]["metadata"] == {"tags": ["user:ada"]}
    assert place.client._session.features.names == place.stand_in.behaviour.features


def test_that_there_are_services_with_all_features_and_with_none():
    assert HasAll.features == ALL_FEATURES
    assert not IgnoresUnknown.features
    assert not RefusesUnknown.features


def test_that_the_server_names_the_features_of_the_contract():
    from memoryos_server.contract.features import FEATURES, FEATURES_HEADER

    assert set(FEATURES) == ALL_FEATURES
    assert FEATURES_HEADER.lower() == features.HEADER


def test_that_an_unknown_filter_is_ignored(filled):
    assert len(contents(raw(filled(IgnoresUnknown()), list_memories, tags=["user:ada"]))) == 2


def test_that_an_unknown_filter_is_refused(filled):
    with pytest.raises(ValidationError, match="Unknown: tags"):
        raw(filled(RefusesUnknown()), list_memories, tags=["user:ada"])


def test_that_tags_are_ignored_everywhere(filled):
    place = filled(IgnoresTags())
    assert len(contents(raw(place, list_memories, tags=["user:ada"]))) == 2
    found = raw(place, search_memories, query="coffee", threshold=0, tags=["user:ada"])
    assert len(contents(found)) == 2


def test_that_a_service_with_all_features_filters(filled):
    assert contents(raw(filled(HasAll()), list_memories, tags=["user:ada"])) == [
        "Ada drinks coffee"
    ]


def test_that_tags_in_metadata_are_no_tags(filled):
    place = filled(HasOtherTags())
    found = raw(place, search_memories, query="coffee", threshold=0, tags=["user:ada"])
    assert contents(found) == []


def test_that_a_liar_adds_foreign_memories(filled):
    place = filled(Lies())
    found = raw(place, search_memories, query="coffee", threshold=0, tags=["user:ada"])
    assert contents(found) == ["Bob drinks tea", "Ada drinks coffee"]
    assert len(place.client.get_context("coffee", tags=["user:ada"])["memories"]) == 2
