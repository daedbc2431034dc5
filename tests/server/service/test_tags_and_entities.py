"""Tags and entities, idempotency keys, and API keys."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.permissions import DEFAULT_PERMISSIONS
from memoryos_server.service.api_keys import key_id
from memoryos_server.service.tag_colors import COLORS, color_of

pytestmark = pytest.mark.both_stores


def names(answer):
    return [item["name"] for item in answer.data]


def test_tags_come_from_metadata_and_count_their_memories(user):
    user.create("a", metadata={"tags": ["tea", " Tea ", "ünder", "tea"]})
    second = user.create("b", metadata={"tags": ["tea", 7, None, ""]})
    tags = {tag["name"]: tag for tag in user.tags().data}
    assert {name: tag["memory_count"] for name, tag in tags.items()} == {
        "tea": 2,
        "Tea": 1,
        "ünder": 1,
    }
    tag_id = tags["tea"].pop("id")
    assert uuid.UUID(tag_id)
    assert tags["tea"] == {
        "name": "tea",
        "color": color_of("tea"),
        "description": None,
        "memory_count": 2,
        "created_at": "2026-11-22T10:00:00.000000Z",
        "updated_at": "2026-11-22T10:00:00.000000Z",
    }
    user.delete(second["id"])
    after = {tag["name"]: tag for tag in user.tags().data}
    assert after["tea"]["memory_count"] == 1
    assert after["tea"]["id"] == tag_id


def test_a_tag_has_a_colour_that_follows_from_its_name(user, user_of):
    """The same for every owner, in upper or lower case; and not one for all."""
    names = [f"tag {number}" for number in range(40)]
    user.create("a", metadata={"tags": names})
    user_of(user.service, "other").create("b", metadata={"tags": [names[7].upper()]})
    colors = {tag["name"]: tag["color"] for tag in user.tags().data}
    (other,) = user_of(user.service, "other").tags().data
    assert other["color"] == colors[names[7]]
    assert len(set(colors.values())) > len(COLORS) / 2
    assert color_of("tea") == "#4338ca"


def test_every_colour_can_be_told_from_white():
    """By the contrast that WCAG asks of text, 4.5 to 1."""
    for color in COLORS:
        channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 4.5, color


@pytest.mark.parametrize("tags", [None, "tea", {"tea": 1}, 3, [["tea"]]])
def test_metadata_whose_tags_are_no_list_of_names_is_kept_and_makes_no_tag(user, tags):
    assert user.create("a", metadata={"tags": tags})["metadata"] == {"tags": tags}
    assert user.tags().data == []


def test_tags_are_sorted_searched_and_paged(user, clock):
    for tag, count in (("beta", 3), ("Alpha", 1), ("ÄRGER", 2), ("alphabet", 1)):
        for _ in range(count):
            user.create("m", metadata={"tags": [tag]})
        clock.advance(seconds=1)
    assert names(user.tags()) == ["Alpha", "alphabet", "beta", "ÄRGER"]
    assert names(user.tags(order="desc")) == ["ÄRGER", "beta", "alphabet", "Alpha"]
    assert names(user.tags(sort="memory_count", order="desc")) == [
        "beta",
        "ÄRGER",
        "Alpha",
        "alphabet",
    ]
    assert names(user.tags(sort="created_at")) == ["beta", "Alpha", "ÄRGER", "alphabet"]
    assert names(user.tags(search="ALPHA")) == ["Alpha", "alphabet"]
    assert names(user.tags(search="ärg")) == ["ÄRGER"]
    assert names(user.tags(search="%")) == []
    page = user.tags(limit=2, offset=1)
    assert names(page) == ["alphabet", "beta"]
    assert page.meta == {"total": 4, "limit": 2, "offset": 1, "has_more": True}


def test_entities_are_registered_listed_and_filtered(user):
    ada = user.create_entity("Ada", aliases=["A."], metadata={"team": "x"})
    user.create_entity("Porto", type="place")
    user.create_entity("adam")
    assert uuid.UUID(ada["id"])
    assert user.entities(limit=1).data == [ada]
    assert ada["created_at"] == "2026-11-22T10:00:00.000000Z"
    assert (ada["aliases"], ada["metadata"]) == (["A."], {"team": "x"})
    assert names(user.entities()) == ["Ada", "adam", "Porto"]
    assert names(user.entities(type="person")) == ["Ada", "adam"]
    assert names(user.entities(search="DA", type="person")) == ["Ada", "adam"]
    assert names(user.entities(search="port")) == ["Porto"]
    assert user.entities(limit=2, offset=1).meta["has_more"] is False


def create_memory(user, text, key):
    return user.create(text, key=key, metadata={"z": 1, "a": [text]})


def create_entity(user, text, key):
    return user.create_entity(text, key=key, aliases=[text])


CREATIONS = pytest.mark.parametrize("create", [create_memory, create_entity])


@CREATIONS
def test_one_idempotency_key_creates_once_and_answers_the_same(user, clock, create):
    first = create(user, "Ada", "k")
    clock.advance(hours=23)
    assert create(user, "Ada", "k") == first
    assert user.page().meta["total"] + user.entities().meta["total"] == 1


@CREATIONS
def test_a_key_with_another_body_is_a_conflict(user, create):
    create(user, "Ada", "k")
    with pytest.raises(ServiceError) as refused:
        create(user, "Bo", "k")
    assert (refused.value.status, refused.value.code) == (409, "CONFLICT")
    assert "Bo" not in refused.value.message


@CREATIONS
def test_a_key_is_free_again_after_a_day(user, clock, create):
    first = create(user, "Ada", "k")
    clock.advance(hours=24, seconds=1)
    assert create(user, "Ada", "k")["id"] != first["id"]


def test_keys_of_other_owners_and_operations_are_other_keys(user, user_of):
    other = user_of(user.service, "other")
    ids = {
        user.create("Ada", key="k")["id"],
        other.create("Ada", key="k")["id"],
        user.create_entity("Ada", key="k")["id"],
        user.create("Ada", key="K")["id"],
        user.create("Ada")["id"],
    }
    assert len(ids) == 5


def test_a_refused_creation_leaves_its_key_free(user):
    missing = str(uuid.uuid4())
    with pytest.raises(ServiceError, match="parent_memory_id"):
        user.create("Ada", key="k", parent_memory_id=missing)
    assert user.create("Ada", key="k")["content"] == "Ada"


def test_a_retry_after_the_deletion_creates_the_memory_again(user):
    first = user.create("Ada", key="k")
    user.delete(first["id"])
    second = user.create("Ada", key="k")
    assert second["id"] != first["id"]
    assert user.create("Ada", key="k") == second
    assert [memory["id"] for memory in user.list()] == [second["id"]]


def test_a_retry_after_the_expiry_creates_the_memory_again(user, clock):
    """The memory expires when its key is forgotten, unless its tier was changed in between."""
    first = user.create("Ada", key="k", tier="long")
    clock.advance(hours=-1)
    user.update(first["id"], tier="short")
    clock.advance(hours=24, minutes=30)
    second = user.create("Ada", key="k", tier="long")
    assert second["id"] != first["id"]
    assert [memory["id"] for memory in user.list()] == [second["id"]]


def test_the_key_of_a_deleted_memory_is_free_for_another_body(user):
    user.delete(user.create("Ada", key="k")["id"])
    assert user.create("Grace", key="k")["content"] == "Grace"


def test_no_content_of_a_deleted_memory_is_kept(user, rows_of):
    user.delete(user.create("a secret", key="k")["id"])
    dump = "\n".join(map(str, rows_of(user.service, "SELECT * FROM claims")))
    assert "k" in dump
    assert "secret" not in dump


def test_a_retry_embeds_nothing(user, embedder, monkeypatch):
    first = user.create("Ada", key="k")
    monkeypatch.setattr(type(embedder), "embed", None)
    assert user.create("Ada", key="k") == first


@CREATIONS
def test_threads_with_one_key_create_once(start, user_of, place, create):
    users = [user_of(start(place)) for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: create(users[n % 2], "Ada", "k"), range(32)))
    assert all(answer == answers[0] for answer in answers)
    assert users[0].page().meta["total"] + users[0].entities().meta["total"] == 1


def test_a_key_opens_its_owners_memories_with_its_scopes(service):
    key = service.create_key()
    assert len(key) == len("mos_test_") + 32
    assert key.startswith("mos_test_")
    caller = service.authenticate(key)
    assert (caller.owner, caller.permissions) == ("default", frozenset(DEFAULT_PERMISSIONS))
    narrow = service.authenticate(service.create_key(owner="o", scopes=["search:read"]))
    assert (narrow.owner, narrow.permissions) == ("o", frozenset({"search:read"}))


def test_no_two_keys_are_equal(service):
    assert len({service.create_key() for _ in range(20)}) == 20


@pytest.mark.parametrize("change", ["", "x", "upper", "prefix", "newline", "unicode", "empty"])
def test_anything_but_the_key_itself_opens_nothing(service, change):
    key = service.create_key()
    altered = {
        "": key[:-1],
        "x": key + "x",
        "upper": key.swapcase(),
        "prefix": key.replace("test", "live"),
        "newline": key + "\n",
        "unicode": "mos_test_ü\ud800",
        "empty": "",
    }[change]
    assert service.authenticate(altered) is None


def test_an_expired_and_a_revoked_key_open_nothing(service, clock):
    key = service.create_key(expires_at=clock.now + timedelta(hours=1))
    assert service.authenticate(key) is not None
    clock.advance(hours=1)
    assert service.authenticate(key) is None
    revoked = service.create_key()
    service.revoke_key(key_id(revoked))
    assert service.authenticate(revoked) is None


def test_a_key_is_stored_only_as_a_hash(service, rows_of):
    key = service.create_key(name="laptop")
    stored = str(rows_of(service, "SELECT * FROM keys"))
    assert "laptop" in stored
    assert key[len("mos_test_") :] not in stored


def test_a_key_with_an_impossible_scope_or_expiry_is_not_made(service):
    with pytest.raises(ValueError, match="memories:delete"):
        service.create_key(scopes=["memories:delete"])
    with pytest.raises(ValueError, match="time zone"):
        service.create_key(
            expires_at=datetime(2030, 1, 1, tzinfo=timezone.utc).replace(tzinfo=None)
        )
