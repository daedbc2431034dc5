"""Scopes without a service: their tags, and what belongs to them."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos import ValidationError
from memoryos._protocol import scopes
from memoryos._protocol.scopes import Scope, encoded, key_of
from memoryos._protocol.tag_filtering import TagFiltering

from ..answering import calls_counted

ALICE = Scope({"user": "alice"})
TEXTS = st.text(min_size=1).filter(lambda text: text.isprintable() or text.isascii())
HOSTILE = [
    "a",
    "a:b",
    "a,user:b",
    "ä",
    "a\u0308",
    "A",
    " a",
    "a ",
    "*",
    '"',
    "'",
    "%41",
    "~",
    "\uff41",
]


def memory(*tags, **fields):
    """Return a memory with these tags."""
    return {"metadata": {"tags": list(tags)}, **fields}


@pytest.mark.parametrize(
    ("values", "tags"),
    [
        ({"user": "alice"}, ["user:alice"]),
        ({"user": "alice", "agent": "support"}, ["user:alice", "agent:support"]),
        ({"user": "Ada L."}, ["user:%41da%20%4c."]),
        ({"e-mail": "a_b@c.de"}, ["e-mail:a_b@c.de"]),
        ({"user": "a:b%"}, ["user:a%3ab%25"]),
        ({"Größe": "ä"}, ["%47r%c3%b6%c3%9fe:%c3%a4"]),
        ({"user": "x" * 64}, [f"user:{'x' * 64}"]),
        ({"user": "x" * 65}, [f"user:~{sha256(b'x' * 65).hexdigest()}"]),
        ({"user": "ä" * 11}, [f"user:~{sha256('ä'.encode() * 11).hexdigest()}"]),
    ],
)
def test_that_a_tag_is_the_key_and_the_value(values, tags):
    assert Scope(values).tags == tags


@given(TEXTS, TEXTS)
def test_that_no_two_texts_have_the_same_form(one, other):
    assert (encoded(one) == encoded(other)) is (one == other)


@given(TEXTS)
def test_that_no_service_changes_a_tag(text):
    """Trimming, folding, normalization and separators leave it as it is."""
    form = encoded(text)
    assert form == form.strip().casefold()
    assert form.isascii()
    assert not set(form) & set(":, *\"'\n")
    assert len(form) <= 65


@pytest.mark.parametrize("one", HOSTILE)
@pytest.mark.parametrize("other", HOSTILE)
def test_that_no_value_can_forge_another(one, other):
    assert Scope({"user": one}).covers(memory(*Scope({"user": other}).tags)) is (one == other)


@pytest.mark.parametrize(
    ("tags", "belongs"),
    [
        (["user:alice"], True),
        (["other", "user:alice", "users:bob", "user", "x:user:bob"], True),
        (["user:alice", "user:alice"], True),
        ([], False),
        (["user:bob"], False),
        (["user:alice", "user:bob"], False),
        (["user:alice", "User:alice"], False),
        (["user:alice", " user :bob"], False),
        (["user:alice", "\uff35\uff33\uff25\uff32\uff1abob"], False),
        (["user:alice", "u\u017fer:bob"], False),
        (["user:alice", "user:"], False),
        (["user:alice "], False),
        (["USER:ALICE"], False),
        ([1, None, ["user:alice"]], False),
        ([1, None, "user:alice"], True),
    ],
)
def test_that_a_memory_belongs_to_the_scope_of_its_tags(tags, belongs):
    assert ALICE.covers(memory(*tags)) is belongs


@pytest.mark.parametrize(
    "foreign",
    [
        {},
        {"metadata": None},
        {"metadata": []},
        {"metadata": {}},
        {"metadata": {"tags": None}},
        {"metadata": {"tags": "user:alice"}},
        {"metadata": {"tags": {"user:alice": 1}}},
        {"tags": ["user:alice"]},
    ],
)
def test_that_a_memory_without_a_list_of_tags_belongs_to_no_scope(foreign):
    assert not ALICE.covers(foreign)


def test_that_a_scope_calls_no_function_for_each_tag():
    """It looks at each result of a search. Its calls are counted, since times depend on others."""
    tagged = memory("user:alice", "preferences", "calendar")
    assert ALICE.covers(tagged)  # from now on, the keys of these tags are known
    with calls_counted() as calls:
        ALICE.covers(tagged)
    assert calls[scopes.__file__.replace("\\", "/")] == 1


def test_that_a_memory_belongs_to_every_wider_scope():
    narrow = Scope({"user": "alice", "session": "s1"})
    assert ALICE.covers(memory(*narrow.tags))
    assert not narrow.covers(memory(*ALICE.tags))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "at least one key"),
        ({"user": ""}, "user must not be empty"),
        ({"user": None}, "user must be a string"),
        ({"user": 7}, "user must be a string; got a value of the type int"),
        ({"user": ["alice"]}, "user must be a string"),
        ({"": "alice"}, "a key of scoped must not be empty"),
        ({"user": "\ud800"}, "unpaired surrogates"),
        ({"\ud800": "x"}, "unpaired surrogates"),
        ({"k" * 65: "x"}, "a key of scoped must have at most 64 characters as it stands in a tag"),
    ],
)
def test_that_values_are_texts_that_are_not_empty(values, message):
    with pytest.raises(ValidationError, match=message):
        Scope(values)


def test_that_a_scope_can_be_narrowed():
    assert ALICE.narrowed({"agent": "support"}).tags == ["user:alice", "agent:support"]
    assert ALICE.narrowed({"user": "alice", "agent": "x"}).tags == ["user:alice", "agent:x"]
    assert ALICE.tags == ["user:alice"]


def test_that_a_key_keeps_its_value():
    with pytest.raises(ValidationError, match="'user' has another value in this scope"):
        ALICE.narrowed({"user": "bob"})
    with pytest.raises(ValidationError, match="at least one key"):
        ALICE.narrowed({})


def test_that_a_created_memory_has_the_scopes_tags():
    given = {
        "content": "x",
        "metadata": {"tags": ["user:bob", "tea", "USER:alice"], "a": 1},
        "tags": ["user:carol", "cup", "tea"],
    }
    created = ALICE.creation(given)
    assert created["metadata"] == {"tags": ["user:alice", "tea", "cup"], "a": 1}
    assert created["tags"] is None
    assert given["metadata"] == {"tags": ["user:bob", "tea", "USER:alice"], "a": 1}


def test_that_tags_that_are_right_stay_in_their_order():
    """So that an import finds the memories that it created before."""
    tags = ["tea", "user:alice", "cup"]
    assert ALICE.metadata({"tags": tags})["tags"] == tags


@pytest.mark.parametrize("tags", ["user:alice", [1], {"a": 1}, 7])
def test_that_tags_are_a_list_of_strings(tags):
    with pytest.raises(ValidationError, match="must be a list of strings in a scope"):
        ALICE.creation({"content": "x", "metadata": {"tags": tags}})
    with pytest.raises(ValidationError, match="tags must be a list of strings in a scope"):
        ALICE.creation({"content": "x", "tags": tags})


def test_that_tags_of_a_filter_that_are_no_list_are_left_to_be_rejected():
    assert ALICE.with_own("x") == "x"
    assert ALICE.with_own([7]) == ["user:alice", 7]


def test_that_an_idempotency_key_contains_the_scope():
    keys = {
        scope.idempotency_key("k")
        for scope in (ALICE, Scope({"user": "bob"}), ALICE.narrowed({"agent": "x"}))
    }
    assert len(keys | {"k"}) == 4
    swapped = Scope({"agent": "x", "user": "alice"})
    assert swapped.idempotency_key("k") in keys
    assert ALICE.idempotency_key(None) is None
    assert ALICE.idempotency_key("") == ""


def test_that_an_imported_memory_gets_the_scopes_tags():
    exported = memory("user:bob", "agent:x", "tea", content="x")
    assert ALICE.imported(exported) == memory("user:alice", "agent:x", "tea", content="x")
    assert ALICE.imported({"content": "x"}) == {"content": "x", **memory("user:alice")}
    broken = {"content": "x", "metadata": {"tags": "user:bob"}}
    assert ALICE.imported(broken) == broken


def test_that_the_repr_has_the_keys_only():
    assert repr(Scope({"user": "alice", "agent": "x"})) == "Scope(user, agent)"


@pytest.mark.parametrize(
    ("tag", "key"),
    [
        ("user:a:b", "user"),
        ("user", ""),
        (" User :x", "user"),
        ("\uff35\uff33\uff25\uff32\uff1ax", "user"),
        (":x", ""),
    ],
)
def test_that_keys_are_compared_without_their_forms(tag, key):
    assert key_of(tag) == key


def test_that_only_a_memory_without_the_tags_shows_that_they_are_ignored():
    """A memory of two users has them: the service was right to return it."""
    known = TagFiltering()
    known.learn("search_memories", ALICE.tags, [memory("user:alice", "user:bob")])
    assert known.applies_to("search_memories")
    known.learn("search_memories", ALICE.tags, [memory("user:alice"), memory("user:bob")])
    assert not known.applies_to("search_memories")
    assert known.applies_to("list_memories")
    known.works = False
    assert not known.applies_to("list_memories")
