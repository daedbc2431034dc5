"""Imports keep when memories were created and accessed, or say that they can't."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from memoryos import NotSupportedError, PermissionDeniedError, ValidationError
from memoryos._bulk.import_dates import date_fields, with_kept_dates

from ..export_files import exported
from ..stand_ins import HasAll, IgnoresUnknown, RefusesUnknown, StandIn

pytestmark = pytest.mark.local_server

TIMES = {
    "created_at": "2026-01-01T00:00:00.000000Z",
    "access_count": 3,
    "last_accessed_at": "2026-01-02T00:00:00.000000Z",
}
ID = "00000000-0000-4000-9000-{:012}"


def memory(number, **fields):
    return {"id": ID.format(number), "content": f"content {number}", **TIMES, **fields}


class MayNotImport(HasAll):
    """Has keys without the permission `admin`."""

    def request(self, call, forward):
        """Refuse times, as the contract says."""
        if call.name == "create_memory" and call.given & TIMES.keys():
            error = {"code": "FORBIDDEN", "message": "The API key lacks admin", "details": {}}
            return 403, {"error": error, "meta": {"request_id": "req_stand_in"}}
        return super().request(call, forward)


@pytest.fixture
def client_of():
    """Return a function that makes a client of a service."""
    clients = []

    def make(behaviour):
        stand_in = StandIn(behaviour)
        clients.append(stand_in.client())
        clients[-1].stand_in = stand_in
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def file(tmp_path):
    """Return a function that writes an export."""

    def write(*memories):
        (tmp_path / "file.jsonl").write_bytes(b"".join(exported(*memories)))
        return tmp_path / "file.jsonl"

    return write


def writes(client):
    return [name for name, _ in client.stand_in.sent if name in ("create_memory", "update_memory")]


def by_content(client):
    return sorted(client.memories.iterate(), key=lambda item: item["content"])


def test_that_times_and_counts_are_kept(client_of, file):
    client = client_of(HasAll())
    report = client.memories.import_(file(memory(1), memory(2, access_count=0)))
    assert report.created == 2
    first, second = by_content(client)
    assert {name: first[name] for name in TIMES} == TIMES
    assert second["access_count"] == 0
    assert first["metadata"] == {}


def test_that_what_is_exported_is_imported_as_it_was(client_of, tmp_path):
    source, target = client_of(HasAll()), client_of(HasAll())
    for number in range(3):
        source.memories.get(source.memories.create(f"content {number}", tier="long")["id"])
    source.memories.export(tmp_path / "file")
    target.memories.import_(tmp_path / "file")
    before, after = list(source.memories.iterate()), list(target.memories.iterate())
    for name in (*TIMES, "content"):
        assert [item[name] for item in after] == [item[name] for item in before]


@pytest.mark.parametrize("behaviour", [IgnoresUnknown, RefusesUnknown])
@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("fields", [{}, {"created_at": None, "last_accessed_at": None}])
def test_that_a_service_without_the_feature_stops_an_import(
    client_of, file, behaviour, dry_run, fields
):
    client = client_of(behaviour())
    client.memories.create("content 2", external_id="2")
    path = file(memory(1, **fields), memory(2, external_id="2", importance_score=0.9))
    with pytest.raises(NotSupportedError, match="without_dates=True") as caught:
        client.memories.import_(path, on_conflict="update", dry_run=dry_run)
    assert "--without-dates" in str(caught.value)
    assert "Nothing was stored" in str(caught.value)
    assert writes(client) == ["create_memory"]


@pytest.mark.parametrize("behaviour", [IgnoresUnknown, RefusesUnknown, HasAll])
def test_that_without_dates_the_metadata_keep_the_date(client_of, file, behaviour):
    client = client_of(behaviour())
    path = file(memory(1), memory(2, metadata={"n": 1}))
    assert client.memories.import_(path, without_dates=True).created == 2
    kept = {"imported_created_at": TIMES["created_at"]}
    first, second = by_content(client)
    assert first["metadata"] == kept
    assert second["metadata"] == {"n": 1, **kept}
    assert first["created_at"] != TIMES["created_at"]
    assert first["access_count"] == 0


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_that_an_import_can_be_repeated_in_another_way(client_of, file, first, second):
    """The date in the metadata makes no other memory of it."""
    client = client_of(HasAll())
    path = file(memory(1), memory(2, metadata={"n": 1}))
    client.memories.import_(path, without_dates=first)
    report = client.memories.import_(path, without_dates=second)
    assert (report.created, report.skipped) == (0, 2)


def test_that_an_update_keeps_the_date(client_of, file):
    client = client_of(IgnoresUnknown())
    client.memories.import_(file(memory(1, external_id="1")), without_dates=True)
    changed = memory(1, external_id="1", metadata={"n": 1})
    report = client.memories.import_(file(changed), on_conflict="update")
    assert report.updated == 1
    (stored,) = client.memories.iterate()
    assert stored["metadata"] == {"n": 1, "imported_created_at": TIMES["created_at"]}
    assert client.memories.import_(file(changed), on_conflict="update").skipped == 1


def test_that_a_second_move_keeps_the_first_date(client_of, tmp_path, file):
    first, second = client_of(IgnoresUnknown()), client_of(IgnoresUnknown())
    first.memories.import_(file(memory(1)), without_dates=True)
    first.memories.export(tmp_path / "again")
    second.memories.import_(tmp_path / "again", without_dates=True)
    (stored,) = second.memories.iterate()
    assert stored["metadata"] == {"imported_created_at": TIMES["created_at"]}


def test_that_a_file_without_times_is_imported_everywhere(client_of, file):
    client = client_of(RefusesUnknown())
    path = file({"id": ID.format(1), "content": "a"}, {"id": ID.format(2), "content": "b"})
    assert client.memories.import_(path).created == 2
    assert all(item["metadata"] == {} for item in client.memories.iterate())


def test_that_memories_that_are_there_need_no_feature(client_of, file):
    client = client_of(RefusesUnknown())
    client.memories.create("content 1")
    assert client.memories.import_(file(memory(1))).skipped == 1


def test_that_a_key_that_may_not_changes_nothing(client_of, file):
    """Not even memories that come before in the file, and are only updated."""
    client = client_of(MayNotImport())
    client.memories.create("content 1", external_id="1")
    path = file(
        memory(1, external_id="1", importance_score=0.9),
        memory(2, created_at="2026-01-02T00:00:00Z"),
    )
    with pytest.raises(PermissionDeniedError, match="without_dates=True") as caught:
        client.memories.import_(path, on_conflict="update")
    assert "permission admin" in str(caught.value)
    assert caught.value.details["created"] == caught.value.details["updated"] == 0
    assert [item["importance_score"] for item in client.memories.iterate()] == [0.5]
    report = client.memories.import_(path, on_conflict="update", without_dates=True)
    assert (report.created, report.updated) == (1, 1)


def test_that_updates_come_after_all_that_is_created(client_of, file):
    client = client_of(HasAll())
    client.memories.create("content 1", external_id="1")
    child = {"created_at": "2026-01-03T00:00:00Z", "last_accessed_at": None}
    report = client.memories.import_(
        file(
            memory(1, external_id="1", importance_score=0.9),
            memory(2, parent_memory_id=ID.format(1), **child),
            memory(3, parent_memory_id=ID.format(2), **child),
        ),
        on_conflict="update",
    )
    assert (report.created, report.updated) == (2, 1)
    assert writes(client)[1:] == ["create_memory", "create_memory", "update_memory"]
    stored = {item["content"]: item for item in client.memories.iterate()}
    assert stored["content 2"]["parent_memory_id"] == stored["content 1"]["id"]
    assert stored["content 3"]["parent_memory_id"] == stored["content 2"]["id"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-01-01T00:00:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00,5+01:00", "2026-01-01T00:00:00.5+01:00"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("yesterday", "yesterday"),
        (7, 7),
    ],
)
def test_that_times_of_other_forms_are_sent_as_those_of_the_contract(given, sent):
    assert date_fields({"created_at": given}) == {"created_at": sent}


def test_that_a_time_that_is_none_is_a_problem_of_its_line(client_of, file):
    client = client_of(HasAll())
    path = file(memory(1, created_at="yesterday", last_accessed_at=None), memory(2))
    with pytest.raises(ValidationError, match="created_at"):
        client.memories.import_(path)
    report = client.memories.import_(path, on_error="reject")
    assert (report.created, report.rejected) == (1, 1)


@pytest.mark.parametrize("metadata", ["text", 7, [1]])
def test_that_metadata_that_are_none_stay_wrong(metadata):
    assert with_kept_dates({"created_at": "2026-01-01T00:00:00Z"}, metadata) == metadata
    assert with_kept_dates({}, None) is None


SOON = "2099-01-01T00:00:00.000000Z"


def test_that_a_time_of_expiry_is_kept_unless_it_is_the_default_of_the_tier(client_of, file):
    client = client_of(HasAll())
    default = {"updated_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-02T00:00:00Z"}
    given = [
        memory(1, tier="long", expires_at=SOON),
        memory(2, tier="short", expires_at=SOON),
        memory(3, tier="short", **default),
        memory(4, tier="long", expires_at=None),
    ]
    client.memories.import_(file(*given))
    expiries = [item["expires_at"] for item in by_content(client)]
    assert expiries[:2] == [SOON, SOON]
    assert expiries[2] not in (None, default["expires_at"])
    assert expiries[3] is None


@pytest.mark.parametrize(
    ("dates", "is_own"),
    [
        ({"created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T01:00:00Z"}, True),
        ({"created_at": "2026-01-01T00:00:00.9Z", "expires_at": "2026-01-02T00:00:00Z"}, False),
        ({"created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-02T00:00:01Z"}, True),
        ({"expires_at": SOON}, True),
        ({"updated_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-02T00:00:00Z"}, False),
    ],
    ids=["sooner than the default", "rounded", "later", "no dates to compare", "one date"],
)
def test_that_a_time_of_expiry_in_the_tier_short_is_kept_if_it_was_set(dates, is_own):
    """Also one that is sooner than the 24 hours of the tier."""
    assert ("expires_at" in date_fields({"tier": "short", **dates})) is is_own


def test_that_a_default_is_none_that_somebody_set_after_an_update():
    """The update moves `updated_at`, and not the expiry."""
    dates = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T10:00:00Z"}
    assert "expires_at" not in date_fields(
        {"tier": "short", **dates, "expires_at": "2026-01-02T00:00:00Z"}
    )


def test_that_an_hour_to_live_does_not_become_a_day(client_of, tmp_path):
    """In the default tier of `create`, from an account to another."""
    expiry = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
    client, other = client_of(HasAll()), client_of(HasAll())
    stored = client.memories.create("A code for today", expires_at=expiry)
    client.memories.export(tmp_path / "file.jsonl")
    other.memories.import_(tmp_path / "file.jsonl")
    assert [item["expires_at"] for item in by_content(other)] == [stored["expires_at"]]


def test_that_a_memory_that_has_expired_is_not_imported_for_ever(client_of, file):
    client = client_of(HasAll())
    path = file(memory(1), memory(2, tier="long", expires_at="2026-01-03T00:00:00Z"))
    with pytest.raises(ValidationError, match="expires_at must be in the future"):
        client.memories.import_(path)
    assert writes(client) == []
    report = client.memories.import_(path, on_error="reject")
    assert (report.created, report.rejected) == (1, 1)


@pytest.mark.parametrize("behaviour", [IgnoresUnknown, RefusesUnknown])
def test_that_a_time_of_expiry_is_not_dropped_silently(client_of, file, behaviour):
    client = client_of(behaviour())
    undated = {"created_at": None, "access_count": 0, "last_accessed_at": None}
    path = file(memory(1, **undated), memory(2, **undated, tier="long", expires_at=SOON))
    with pytest.raises(NotSupportedError, match=r"expires-at.*without_dates=True"):
        client.memories.import_(path)
    assert writes(client) == []
    client.memories.import_(path, without_dates=True)
    kept = [item["metadata"] for item in by_content(client)]
    assert kept == [{}, {"imported_expires_at": SOON}]
    assert client.memories.import_(path, without_dates=True).skipped == 2
