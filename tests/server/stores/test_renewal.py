"""What older programs derived from texts is renewed while the store is in use."""

from __future__ import annotations

import importlib
import sqlite3
import threading
from contextlib import closing

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import unavailable
from memoryos_server.stores import renewal
from memoryos_server.stores.analyses import Analyses

from .renewing import wait_until_renewed

pytestmark = pytest.mark.local_server

TEXTS = {
    "ada": ["昨天我和李雷在北京吃了烤鸭", "बैठक कल सुबह है", "Ada prefers tea", "Tea with Grace"],
    "bo": ["เมื่อวานนี้ฉันไปตลาดกับแม่", "Bo prefers coffee"],
}
OUTDATED = {
    "sqlite": (
        "INSERT INTO memory_words (memory_words) VALUES ('delete-all')",
        "UPDATE memories SET words_checksum = 0, word_count = 1",
        "INSERT INTO settings VALUES ('to_renew', 1)",
    ),
    "postgres": (
        "TRUNCATE memoryos.memory_words",
        "UPDATE memoryos.memories SET analyzed = false, word_count = 1",
        "INSERT INTO memoryos.settings VALUES ('to_renew', 'words')",
    ),
}


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request):
    return request.param


@pytest.fixture
def place(kind, tmp_path, request):
    if kind == "sqlite":
        return str(tmp_path / "m.db")
    return request.getfixturevalue("new_database")()


@pytest.fixture
def old(start, user_of, place, kind, request):
    """A store as a migration leaves it, and the ids of its memories."""
    with closing(start(place, embedder=None)) as service:
        ids = {
            text: user_of(service, owner).create(text, tier="long")["id"]
            for owner, texts in TEXTS.items()
            for text in texts
        }
    make_outdated(place, kind, request)
    return ids


def make_outdated(place, kind, request):
    if kind == "postgres":
        postgres = request.getfixturevalue("postgres")
        for statement in OUTDATED[kind]:
            postgres.execute(statement, place)
        return
    with closing(sqlite3.connect(place)) as connection:
        for statement in OUTDATED[kind]:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def small_batches(kind, monkeypatch):
    module = importlib.import_module(f"memoryos_server.stores.{kind}.derived_data")
    monkeypatch.setattr(module, "RENEWAL_BATCH_SIZE", 1)


@pytest.fixture
def no_thread(monkeypatch, small_batches):
    """Leave the renewal to searches, as if the thread were slow."""
    monkeypatch.setattr(renewal.BackgroundRenewal, "start", _do_not_start)


def _do_not_start(self):
    self.is_pending = True


PARTS = {"李雷在北京": "ada", "बैठक": "ada", "ไปตลาด": "bo", "tea": "ada", "吃了": "ada"}


def finds_all(service, user_of):
    for part, owner in PARTS.items():
        found = user_of(service, owner).found(part, threshold=0.5)
        assert found
        assert all(part in text.lower() for text in found)


def test_a_search_finds_what_is_not_yet_renewed(old, start, user_of, place, no_thread):
    service = start(place, embedder=None)
    finds_all(service, user_of)
    assert service._store._renewal.get().is_pending


def test_the_thread_renews_all(old, start, user_of, place):
    service = start(place, embedder=None)
    wait_until_renewed(service)
    finds_all(service, user_of)
    again = start(place, embedder=None)
    again.list_keys()
    assert again._store._renewal.get()._thread is None


def test_an_entity_is_found_in_what_is_not_yet_renewed(old, start, user_of, place, no_thread):
    """A search by vectors renews nothing."""
    service = start(place, embedder=HashingEmbedder(8))
    ada = user_of(service, "ada")
    grace = ada.create_entity("Grace")["id"]
    assert ada.found("tea", entities=[grace], threshold=0) == ["Tea with Grace"]
    assert service._store._renew_some("ada")


def test_what_is_changed_or_deleted_before_stays_so(old, start, user_of, place):
    with closing(start(place, embedder=None)) as service:
        ada = user_of(service, "ada")
        ada.update(old["Ada prefers tea"], content="Ada prefers water")
        ada.delete(old["Tea with Grace"])
        ada.create("more tea")
    service = start(place, embedder=None)
    wait_until_renewed(service)
    ada = user_of(service, "ada")
    assert ada.found("tea", threshold=0.1) == ["more tea"]
    assert ada.found("prefers water", threshold=0.1) == ["Ada prefers water"]


def test_it_goes_on_after_each_batch(old, start, user_of, place, monkeypatch, small_batches):
    """Whatever stops it: as many processes as batches, of which each does one."""
    for left in range(sum(map(len, TEXTS.values())), 0, -1):
        with monkeypatch.context() as patch:
            patch.setattr(renewal.BackgroundRenewal, "start", _do_not_start)
            with closing(start(place, embedder=None)) as service:
                service.list_keys()
                store = service._store
                assert any(map(store._renew_some, TEXTS))
                assert store._renewal.get().is_pending, left
    service = start(place, embedder=None)
    wait_until_renewed(service)
    finds_all(service, user_of)


def test_an_error_is_tried_again(old, start, user_of, place, monkeypatch):
    service = start(place, embedder=None)
    store = service._store
    errors = iter([unavailable("Another process was writing")])
    monkeypatch.setattr(renewal, "_RETRY_SECONDS", 0)
    renew = store._renew_some

    def failing(owner):
        for error in errors:
            raise error
        return renew(owner)

    monkeypatch.setattr(store, "_renew_some", failing)
    wait_until_renewed(service)
    finds_all(service, user_of)


def test_no_two_threads_renew_the_same_memories(old, start, user_of, place, monkeypatch):
    service = start(place, embedder=None)
    analyzed, searches = [], []
    prepare = Analyses.prepare_insert

    def prepared(self, memory):
        analyzed.append(memory.content)
        if not searches:
            ada = user_of(service, "ada")
            searches.append(threading.Thread(target=ada.found, args=["tea"]))
            searches[0].start()
            searches[0].join(timeout=0.5)  # it waits for this batch
        prepare(self, memory)

    monkeypatch.setattr(Analyses, "prepare_insert", prepared)
    wait_until_renewed(service)
    searches[0].join()
    assert sorted(analyzed) == sorted(old)
