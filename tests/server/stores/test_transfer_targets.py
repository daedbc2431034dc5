"""Targets of transfers: what is refused, and who may write to one."""

from __future__ import annotations

import pytest

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.factory import open_transfer_source, open_transfer_target
from memoryos_server.stores.transfer import TransferError, transfer

from .transferring import contents, fill


def test_an_interrupted_target_can_not_be_used(start, user_of, filled, interrupt, run, new_place):
    source, target = filled
    interrupt(source, target, 1)
    service = start(target)
    with pytest.raises(ServiceError, match="is an unfinished copy: run the same"):
        user_of(service).list()
    service.close()
    with pytest.raises(TransferError, match="is an unfinished copy"):
        run(target, new_place("sqlite", "other.db"))
    other = new_place("sqlite", "another source.db")
    user_of(start(other)).create("of somebody else", tier="long")
    with pytest.raises(TransferError, match=r"is an unfinished copy of .*source.*|postgresql"):
        run(other, target)
    run(source, target)
    assert user_of(start(target)).page().meta["total"] == 8


def test_a_target_with_data_is_refused_and_left_alone(start, user_of, filled, run):
    source, target = filled
    user_of(start(target)).create("kept", tier="long")
    with pytest.raises(TransferError, match="already has data: 1 memories of 1 owners"):
        run(source, target)
    assert [memory["content"] for memory in user_of(start(target)).list()] == ["kept"]


def test_an_emptied_target_takes_the_embedder_of_the_source(start, user_of, filled, run):
    """Else its vectors would count as those of the embedder that the target had before."""
    source, target = filled
    for embedder in (HashingEmbedder(64), None):
        service = start(target, embedder=embedder)
        user = user_of(service)
        user.delete(user.create("of another embedder", tier="long")["id"])
        service.close()
    run(source, target)
    assert contents(start(target), user_of) == contents(start(source), user_of)


def test_an_emptied_target_forgets_its_embedder(start, user_of, places, run):
    source, target = places
    for place, embedder in ((source, None), (target, HashingEmbedder(64))):
        service = start(place, embedder=embedder)
        user = user_of(service)
        kept = user.create("tea with Ada", tier="long")
        if place is target:
            user.delete(kept["id"])
        service.close()
    run(source, target)
    assert user_of(start(target)).found("tea", threshold=0) == ["tea with Ada"]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.both_stores
def test_an_earlier_run_changes_nothing_after_a_later_one(
    start, user_of, clock, place, new_place, run
):
    """Such as one whose terminal was lost. It would delete what was stored since."""
    source = new_place("sqlite", "source.db")
    service = start(source)
    fill(service, user_of, clock)
    service.close()
    users = []

    def overtake(_):
        if users:
            return
        users.append(None)
        run(source, str(place))
        users[0] = user_of(start(place))
        users[0].create("stored since", tier="long")

    with open_transfer_source(source, clock.now) as one, open_transfer_target(str(place)) as other:
        with pytest.raises((TransferError, ServiceError), match="nother") as refused:
            transfer(one, other, overtake)
        if "has begun since" in str(refused.value):
            assert users[0].list(limit=1)[0]["content"] == "stored since"
    if users == [None]:  # the later run was refused instead
        run(source, str(place))
    assert user_of(start(place)).page().meta["total"] == 8 + (users != [None])


def test_a_file_that_a_program_has_open_is_not_filled(start, user_of, clock, tmp_path, run):
    source = start(tmp_path / "source.db")
    user_of(source).create("tea", tier="long")
    user = user_of(start(tmp_path / "m.db"))
    assert user.list() == []
    with pytest.raises(TransferError, match=r"a program has .*m\.db open"):
        run(str(tmp_path / "source.db"), str(tmp_path / "m.db"))
    kept = user.create("written meanwhile", tier="long")
    assert user.list() == [kept]


@pytest.mark.parametrize(
    "write",
    [
        lambda user: user.create("written meanwhile"),
        lambda user: user.upsert("written meanwhile"),
        lambda user: user.create_entity("Ada", type="person"),
        lambda user: user.service.create_key(),
    ],
    ids=["create", "upsert", "entity", "key"],
)
def test_a_program_that_has_an_empty_database_open_writes_nothing_into_a_copy(
    start, user_of, tmp_path, new_database, run, interrupt, write
):
    source, target = str(tmp_path / "source.db"), new_database()
    user_of(start(source)).create("tea", tier="long")
    user = user_of(start(target))
    assert user.list() == []
    interrupt(source, target, 0)
    with pytest.raises(ServiceError, match="unfinished copy"):
        write(user)
    run(source, target)
    write(user)
