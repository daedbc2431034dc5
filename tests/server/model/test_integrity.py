"""A content that was changed in the database, past this program, is never handed out as right."""

from __future__ import annotations

import hashlib

import pytest

from memoryos_server.model.errors import ServiceError

pytestmark = pytest.mark.both_stores


@pytest.fixture
def tampered(user, change_rows):
    """A memory of Ada's, changed past the service, beside another one."""
    user.create("Bo drinks milk", tier="long")
    memory = user.create("Ada likes tea", tier="long")
    change_rows(
        user.service, "UPDATE memories SET content = 'Ada hates tea' WHERE content LIKE 'Ada%'"
    )
    return memory


READS = {
    "get": lambda user, memory: user.get(memory["id"]),
    "list": lambda user, memory: user.list(),
    "search": lambda user, memory: user.search("Ada likes tea", threshold=0),
    "context": lambda user, memory: user.context("Ada likes tea"),
    "update": lambda user, memory: user.update(memory["id"], tier="short"),
}


@pytest.mark.parametrize("read", READS)
def test_no_operation_hands_it_out(user, tampered, read):
    """Each fails, and says which memory it is and what to do, but not what it says."""
    with pytest.raises(ServiceError) as refused:
        READS[read](user, tampered)
    assert (refused.value.status, refused.value.code) == (500, "INTERNAL_ERROR")
    assert tampered["id"] in refused.value.message
    assert "integrity_hash" in refused.value.message
    assert refused.value.details == {"memory_id": tampered["id"]}
    assert "hates" not in refused.value.message


def test_what_does_not_hold_it_is_handed_out(user, tampered):
    assert user.found("Bo drinks milk", limit=1) == ["Bo drinks milk"]
    assert user.list(limit=1, offset=1)[0]["content"] == "Bo drinks milk"


def test_new_content_puts_it_right(user, tampered):
    user.update(tampered["id"], content="Ada likes coffee")
    assert user.get(tampered["id"])["content"] == "Ada likes coffee"
    assert len(user.list()) == 2


def test_it_can_be_deleted(user, tampered):
    user.delete(tampered["id"])
    assert [memory["content"] for memory in user.list()] == ["Bo drinks milk"]


def test_the_hash_is_that_of_the_composed_text(user):
    """Others can check it: SHA-256 over NFC in UTF-8. The content itself stays as it came."""
    decomposed = user.create("Zoe\u0308")
    expected = hashlib.sha256("Zoë".encode()).hexdigest()
    assert decomposed["integrity_hash"] == user.create("Zoë")["integrity_hash"] == expected
    assert user.get(decomposed["id"])["content"] == "Zoe\u0308"
