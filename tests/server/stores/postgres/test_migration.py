"""Databases that old versions filled: migrated, they equal one that this version filled alike."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.model.errors import ServiceError
from memoryos_server.service.operations import Result
from memoryos_server.service.reembedding import Reembedding
from memoryos_server.stores import migration_log
from memoryos_server.stores.factory import open_store
from memoryos_server.stores.postgres import derived_data
from memoryos_server.stores.postgres.schema import VERSIONS
from tests.server.stores.renewing import wait_until_renewed

from .filling import (
    EMBEDDER,
    EXPIRY,
    METADATA,
    NEW_EMBEDDER,
    OF_A_CONVERSATION,
    OWNERS,
    TEXTS,
    fill,
)
from .old_databases import restore, rows, structure

FILTERS = (
    {},
    {"tags": ["Tea"]},
    {"tags": ["Straße", "user:Alice"]},
    {"tags": ["soon"]},
    {"metadata": {"n": 1}},
    {"metadata": {"nul\0": "a\0", "list": [1, {"x": 1}]}},
    {"external_id": "mail-1"},
    {"external_id": "one"},
    {"external_id": "\0"},
    {"content_type": "conversation"},
    {"tier": "short"},
    {"created_after": "2026-11-20T09:00:05Z"},
    {"created_before": "2026-11-20T09:00:05Z"},
)
QUERIES = ("strasse", "東京", "o'brien", "tea \0", "refined naive", "train", "When is it?", "pond")
ENTITIES = ("unknown", "Grace Hopper", "Amazing Grace")
KEYS = ("valid", "revoked", "expired", "scoped", "unknown")

versions = pytest.mark.parametrize("version", range(1, len(VERSIONS)))


class Asked:
    """A database, and what it answered."""

    def __init__(self, url, start, user_of, clock):
        self.url = url
        self.clock = clock
        numbers = iter(range(900, 1000))
        options = {"new_id": lambda: f"00000000-0000-4000-9000-{next(numbers):012}"}
        self.open = lambda embedder=EMBEDDER: start(url, embedder=embedder, **options)
        self.user_of = user_of
        self.answers = []

    def ask(self, user, method, *args, **options):
        try:
            answer = getattr(user, method)(*args, **options)
        except ServiceError as error:
            answer = error.status, error.code, error.message
        if isinstance(answer, Result):
            answer = answer.data, answer.meta
        if isinstance(answer, dict):
            answer.pop("retrieval_time_ms", None)
        self.answers.append((user.caller.owner, method, args, options, answer))
        return answer

    def read(self, embedder=EMBEDDER):
        """Ask all that reads, of each owner."""
        service = self.open(embedder)
        for owner in OWNERS:
            user = self.user_of(service, owner)
            self._lists(user)
            self._searches(user)
            self.ask(user, "get", user.list()[-1]["id"])

    def _lists(self, user):
        for filters in FILTERS:
            self.ask(user, "page", **filters)
        self.ask(user, "list", min_relevance=0.9)
        for parameters in ({}, {"sort": "memory_count"}, {"search": "STRASSE"}):
            self.ask(user, "tags", **parameters)
        for parameters in ({}, {"search": "amazing"}, {"type": "place"}):
            self.ask(user, "entities", **parameters)

    def _searches(self, user):
        self.ask(user, "context", "When is the train to Strassburg?")
        for query in QUERIES:
            self.ask(user, "search", query, threshold=0)
        for filters in FILTERS[::3]:
            self.ask(user, "search", "tea train Expires", threshold=0, **filters)
        ids = [entity["id"] for entity in user.entities().data]
        for entity in (*ENTITIES, *ids):
            self.ask(user, "search", entities=[entity])

    def write(self):
        """Repeat what was written with a key, then change and delete, of each owner."""
        service = self.open()
        for owner in OWNERS:
            user = self.user_of(service, owner)
            first = {"tier": "long", "metadata": METADATA, "external_id": "mail-1"}
            self.ask(user, "create", TEXTS[0], key="m1", **first)
            self.ask(user, "create", "Bo: At seven.", key="m2", tier="long", **OF_A_CONVERSATION)
            self.ask(user, "create", "Another body", key="m1")
            self.ask(user, "create_entity", "Straße", key="e1")
            (parent, *_) = (memory for memory in user.list() if memory["content"] == TEXTS[0])
            self.ask(user, "update", parent["id"], content="Changed", tags=["changed"])
            self.ask(user, "delete", parent["id"])
            self.ask(user, "upsert", "Upserted", external_id="one", tags=["user:bo"])
            self.ask(user, "upsert", "Upserted", external_id="mail-1", metadata={"n": 7})

    def authenticate(self):
        service = self.open()
        self.answers += [service.authenticate(f"mos_{key}") for key in KEYS]
        self.answers += service.list_keys()

    def reembed(self):
        """Continue the change of the embedder, and count what is still to be embedded."""
        embedded = []
        store = open_store(self.url, embedder=NEW_EMBEDDER.name)
        try:
            reembedding = Reembedding(store, NEW_EMBEDDER)
            self.answers.append(reembedding.plan())
            reembedding.run(embedded.append)
        finally:
            store.close()
        self.answers.append(embedded)


@pytest.fixture
def ask(start, user_of, clock):
    """Ask a database everything, from before anything has expired until after it has."""
    before = clock.now

    def ask(url):
        clock.now = EXPIRY - timedelta(minutes=30)
        asked = Asked(url, start, user_of, clock)
        asked.read()
        clock.now = EXPIRY + timedelta(minutes=30)
        asked.authenticate()
        asked.write()
        asked.read()
        clock.now = EXPIRY + timedelta(days=1)
        asked.write()
        asked.reembed()
        asked.read(NEW_EMBEDDER)
        clock.now = before
        return asked.answers

    return ask


@pytest.fixture
def filled(postgres):
    """Return a function that returns a new database, filled as that version could."""

    def filled(version):
        url = postgres.make_database()
        fill(url, version)
        return url

    return filled


@versions
def test_a_migrated_database_equals_a_new_one(version, start, postgres, filled, ask):
    """In rows, structure and answers, also after writes and after what expires has expired."""
    old, new = restore(postgres, version), filled(version)
    wait_until_renewed(start(old))
    assert structure(postgres, old) == structure(postgres, new)
    assert rows(postgres, old) == rows(postgres, new)
    assert ask(old) == ask(new)
    assert structure(postgres, old) == structure(postgres, new)
    assert rows(postgres, old) == rows(postgres, new)


def test_a_long_migration_is_not_silent(start, postgres, monkeypatch, caplog):
    """The log says how far it is; of a new or a migrated database it says nothing."""
    url = restore(postgres, 1)
    name = urlsplit(url).path[1:]
    monkeypatch.setattr(migration_log, "SECONDS_BETWEEN_LINES", 0)
    monkeypatch.setattr(derived_data, "_ROWS_PER_BATCH", 5)
    caplog.set_level(logging.INFO, "memoryos_server")
    wait_until_renewed(start(url))
    *logged, begun, ended = [record.getMessage() for record in caplog.records]
    progress = [
        f"Migrating the database {name}: {done} of 18 memories are indexed anew"
        for done in (5, 9, 14, 18)
    ]
    assert logged[0].startswith(f"Migrating the tables of the database {name} from version 1 to ")
    assert logged[1:-1] == progress
    assert logged[-1].startswith(f"Committing the migration of the database {name} to version ")
    assert begun.startswith(f"Indexing the words of the database {name} anew")
    assert ended == f"Indexed 18 memories of the database {name} anew"
    caplog.clear()
    start(url).list_keys()
    start(postgres.make_database()).list_keys()
    assert not caplog.records
